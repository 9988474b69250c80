public import Recognize
public import Values

/// Everybody who is enrolled, as of one look at the store: whom a face shows, what they are called, which photos are
/// templates already.
///
/// A value: matching, names and duplicates all come from the same scan, and a roster that is in use never changes.
public struct Roster: Sendable {
  /// Says whom a face shows.
  public private(set) var matcher: Matcher
  /// The people's names by ID.
  public private(set) var names: [String: String] = [:]
  /// The encoders that have seen a photo, by the photo's digest, by the person's ID.
  private var encoders: [String: [String: Set<String>]] = [:]

  /// How rarely, per photo, somebody else's face may be taken for a duplicate: rarer than a false match at the door,
  /// because it stops an operator's work.
  private static let duplicateFPIR = 0.0001

  /// A roster of nobody.
  ///
  /// - Parameter fpir: The wanted false-positive identification rate, 0…1.
  public init(_ impostors: ImpostorModels, fpir: Double = Matcher.defaultFPIR) {
    self.init(Gallery(), names: [:], impostors, fpir: fpir)
  }

  /// People in a gallery whose templates the same models have placed.
  public init(
    _ gallery: Gallery, names: [String: String], _ impostors: ImpostorModels, fpir: Double = Matcher.defaultFPIR
  ) {
    self.names = names
    matcher = Matcher(gallery: gallery, impostors: impostors, fpir: fpir)
  }

  /// Photos that are templates of a person.
  public func photoCount(of personID: String) -> Int { encoders[personID]?.count ?? 0 }

  /// Nobody is enrolled.
  public var isEmpty: Bool { names.isEmpty }

  /// Whether all these encoders have seen this very photo for a person.
  ///
  /// - Parameter digest: SHA-256 of the photo file, 64 lowercase hexadecimal digits.
  public func holds(_ digest: String, of personID: String, seenBy wanted: [String]) -> Bool {
    encoders[personID]?[digest]?.isSuperset(of: wanted) == true
  }

  /// The people as whom a face is enrolled, the nearest first.
  ///
  /// - Parameters:
  ///   - face: What the face encoder makes of it.
  ///   - id: Whose face it should be.
  ///   - limit: At most so many people.
  public func duplicates(of face: Embedding, except id: String? = nil, limit: Int = 1) -> [PersonName] {
    let (model, gallery) = (matcher.impostors[.face], matcher.gallery)
    let threshold = model.toBare.threshold(gallery: gallery.count, fpir: Self.duplicateFPIR)
    return gallery.nearest(to: model.place(face), limit: id == nil ? limit : limit + 1).filter {
      $0.personID != id && Double($0.distance) <= threshold
    }.prefix(limit).map { PersonName(id: $0.personID, name: names[$0.personID]) }
  }

  /// Adds a person, or gives one who is there another name.
  public mutating func add(_ person: PersonName) { names[person.id] = person.name }

  /// Adds what the encoders made of one photo of a person who was added.
  ///
  /// - Parameters:
  ///   - embeddings: By the encoder's identifier. What another version's encoder made of a covered face is left out,
  ///     and a photo without
  ///     the bare face is never matched.
  ///   - digest: SHA-256 of the photo file.
  public mutating func add(_ embeddings: [String: Embedding], digest: String, of personID: String) {
    encoders[personID, default: [:]][digest, default: []].formUnion(embeddings.keys)
    guard let bare = embeddings[FaceEncoder.identifier] else { return }
    matcher.add(bare: bare, covered: embeddings[PeriocularEncoder.identifier], personID: personID)
  }
}
