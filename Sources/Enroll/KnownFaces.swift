import Recognize
import Store

/// The people in the store and those added since, to find duplicates among.
struct KnownFaces: Sendable {
  private var gallery = Gallery()
  /// The pictures of each person that are done.
  private(set) var digests: [String: Set<String>] = [:]
  private var names: [String: String] = [:]

  /// How rarely, per photo, somebody else's face may be taken for a duplicate: rarer than a false match at the door, because it stops
  /// an operator's work.
  private static let fpir = 0.0001

  /// - Parameter encoders: A photo that one of these has not seen is not done.
  init(_ store: Store, _ impostors: ImpostorModel, encoders: [String]) throws {
    var seen: [String: [String: Set<String>]] = [:]
    try store.forEachGalleryEntry { entry in
      names[entry.personID] = entry.name
      seen[entry.personID, default: [:]][entry.digest, default: []].insert(entry.encoder)
      guard entry.encoder == FaceEncoder.identifier, let embedding = Embedding(entry.embedding) else { return }
      gallery.add(impostors.place(embedding), personID: entry.personID)
    }
    digests = seen.mapValues { photos in Set(photos.filter { $0.value.isSuperset(of: encoders) }.keys) }
  }

  /// Whether this very picture is done for a person.
  func holds(_ digest: String, of personID: String) -> Bool { digests[personID]?.contains(digest) == true }

  /// The people whose face this is, the nearest first.
  ///
  /// - Parameters:
  ///   - except: Whose face it should be.
  ///   - limit: At most so many people.
  func people(with face: PlacedEmbedding, _ impostors: ImpostorModel, except id: String? = nil, limit: Int = 1)
    -> [KnownPerson]
  {
    let threshold = impostors.toBare.threshold(gallery: gallery.count, fpir: Self.fpir)
    return gallery.nearest(to: face, limit: id == nil ? limit : limit + 1).filter {
      $0.personID != id && Double($0.distance) <= threshold
    }.prefix(limit).map { KnownPerson(id: $0.personID, name: names[$0.personID] ?? $0.personID) }
  }

  mutating func add(_ entry: EnrolmentPlan.Entry, _ face: PlacedEmbedding, digest: String) {
    gallery.add(face, personID: entry.id)
    digests[entry.id, default: []].insert(digest)
    names[entry.id] = entry.name
  }
}
