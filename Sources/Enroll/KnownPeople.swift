public import Recognize
public import Store

/// Everybody who is enrolled: whom a face shows, and what they are called.
public struct KnownPeople: Sendable {
  /// Whom the gallery has for a face.
  public struct Person: Sendable, Equatable {
    /// The person's ID.
    public let id: String
    /// The person's name.
    public let name: String
    /// The probability that this is so, 0…1.
    public let confidence: Double
    /// What the person was recognised by.
    public let method: RecognitionMethod
  }

  /// Says whom a face shows.
  public let matcher: Matcher
  /// The people's names by ID.
  public let names: [String: String]

  /// Reads the store.
  ///
  /// - Parameter fpir: The wanted false-positive identification rate, 0…1.
  /// - Throws: `StoreError`.
  public init(_ store: Store, _ impostors: ImpostorModels, fpir: Double = Matcher.defaultFPIR) throws {
    let people = try EnrolledPeople(store, impostors)
    self.init(people.gallery, names: people.names, impostors, fpir: fpir)
  }

  /// People in a gallery whose templates the same models have placed.
  public init(
    _ gallery: Gallery, names: [String: String], _ impostors: ImpostorModels, fpir: Double = Matcher.defaultFPIR
  ) {
    self.names = names
    matcher = Matcher(gallery: gallery, impostors: impostors, fpir: fpir)
  }

  /// Whom a face shows, by name.
  ///
  /// - Parameters:
  ///   - id: As the matcher answers; the name of somebody who is not known any more is the ID.
  ///   - confidence: The probability that this is so, 0…1.
  ///   - method: What the person was recognised by.
  public func person(_ id: String, confidence: Double, method: RecognitionMethod) -> Person {
    Person(id: id, name: names[id] ?? id, confidence: confidence, method: method)
  }

  /// Nobody is enrolled.
  public var isEmpty: Bool { names.isEmpty }
}
