public import Recognize
public import Store

/// Everybody who is enrolled: whom a face shows, and what they are called.
public struct KnownPeople: Sendable {
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

  /// Nobody is enrolled.
  public var isEmpty: Bool { names.isEmpty }
}
