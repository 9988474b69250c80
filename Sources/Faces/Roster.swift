public import Recognize
public import Values

/// The gallery with names and enrolled photos, from one read of the store.
///
/// ```swift
/// var roster = try Roster(ImpostorModels(models: models))
/// roster.add(PersonName(id: "anna", name: "Anna"))
/// roster.add([FaceEncoder.identifier: embedding], digest: digest, of: "anna")
/// let answer = roster.matcher.identify([Probe(embedding: embedding, method: .face)])
/// ```
///
/// A roster is a value: searches, names and duplicates all come from the same read, and a roster that is in use never
/// changes.
public struct Roster: Sendable {
  /// Searches for people.
  public private(set) var matcher: Matcher
  /// The people's names by ID.
  public private(set) var names: [String: String] = [:]
  /// The encoders that have encoded a photo, by the photo's digest, by the person's ID.
  private var encoders: [String: [String: Set<String>]] = [:]

  /// The rate, per photo, at which another person's face may be taken for a duplicate.
  ///
  /// It is never lower than the rate of identification, so that every face that would be named is reported. Enrolment
  /// goes on after a false duplicate when the operator allows it. A second ID for one person stays in the log.
  private let duplicateFPIR: Double

  /// The methods of the probes that are searched for.
  private let methods: Set<RecognitionMethod>

  /// Creates an empty roster.
  ///
  /// - Parameters:
  ///   - fpir: The wanted false-positive identification rate, 0…1.
  ///   - methods: The methods of the probes that are searched for. Enrolment compares bare faces only, and reads a
  ///     large store faster so.
  public init(
    _ impostors: ImpostorModels, fpir: Double = Matcher.defaultFPIR,
    for methods: Set<RecognitionMethod> = Set(RecognitionMethod.allCases)
  ) {
    matcher = Matcher(gallery: Gallery(), impostors: impostors, fpir: fpir)
    duplicateFPIR = max(fpir, Matcher.defaultFPIR)
    self.methods = methods
  }

  /// The number of photos that are templates of a person.
  public func photoCount(of personID: String) -> Int { encoders[personID]?.count ?? 0 }

  /// Whether the roster has no people.
  public var isEmpty: Bool { names.isEmpty }

  /// Whether all these encoders have encoded this photo for a person.
  ///
  /// - Parameter digest: SHA-256 of the photo file, 64 lowercase hexadecimal digits.
  public func holds(_ digest: String, of personID: String, seenBy wanted: [String]) -> Bool {
    encoders[personID]?[digest]?.isSuperset(of: wanted) == true
  }

  /// The people under whose IDs a face is enrolled, the nearest first.
  ///
  /// - Parameters:
  ///   - face: The embeddings of the bare face.
  ///   - id: The ID that the face should have. It is left out of the answer.
  ///   - limit: The maximum number of people.
  public func duplicates(of face: TemplateEmbeddings, except id: String? = nil, limit: Int = 1) -> [PersonName] {
    matcher.near(Probe(embedding: face.bare, second: face.secondBare, method: .face), fpir: duplicateFPIR)
      .filter { $0.personID != id }.prefix(limit).map { PersonName(id: $0.personID, name: names[$0.personID]) }
  }

  /// Whether a face is far from all templates of a person, so that it is clearly another person's. False if the person
  /// has no template.
  public func isFar(_ face: Likeness.Place, from personID: String) -> Bool {
    Likeness(matcher.impostors).isFar(face, from: personID, in: matcher.gallery)
  }

  /// Adds a person, or changes the name of a person who is there.
  public mutating func add(_ person: PersonName) { names[person.id] = person.name }

  /// Adds the embeddings of one photo of a person who was added.
  ///
  /// - Parameters:
  ///   - embeddings: The embeddings by the encoder's identifier. Those of covered faces by another version's encoder
  ///     are left out. A photo without an embedding of the bare face is never matched.
  ///   - digest: SHA-256 of the photo file.
  public mutating func add(_ embeddings: [String: Embedding], digest: String, of personID: String) {
    encoders[personID, default: [:]][digest, default: []].formUnion(embeddings.keys)
    guard let face = TemplateEmbeddings(byEncoder: embeddings) else { return }
    matcher.add(face, personID: personID, for: methods)
  }

  /// Adds a look behind a mask that a camera has learnt of a person who was added. Only covered probes find it.
  ///
  /// - Parameter embeddings: The embeddings by the encoder's identifier. A look by another version's encoder is left
  ///   out.
  public mutating func addLearnt(_ embeddings: [String: Embedding], of personID: String) {
    guard methods.contains(.periocular), let face = TemplateEmbeddings(byEncoder: embeddings), face.covered != nil
    else { return }
    matcher.add(face, personID: personID, for: [.periocular])
  }
}
