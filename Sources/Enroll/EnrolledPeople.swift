import Mask
import Recognize
import Store

/// Everybody in the store, ready to be recognised.
public struct EnrolledPeople: Sendable {
  /// The templates.
  public private(set) var gallery = Gallery()
  /// The people's names by ID.
  public private(set) var names: [String: String] = [:]

  /// Reads the store. A photo is one template, whichever of the encoders have seen it; what another version's encoder made of covered
  /// faces is left out.
  ///
  /// - Throws: `StoreError`.
  public init(_ store: Store, _ impostors: ImpostorModels) throws {
    /// What the encoders made of one photo.
    struct Photo {
      let personID: String
      var bare: Embedding?
      var covered: Embedding?
    }
    var photos: [Photo] = []
    var places: [String: Int] = [:]
    try store.forEachGalleryEntry { entry in
      // Ordered by person: the places of earlier ones are not needed any more.
      if photos.last?.personID != entry.personID { places = [:] }
      names[entry.personID] = entry.name
      let place = places[entry.digest] ?? photos.count
      if place == photos.count {
        photos.append(Photo(personID: entry.personID))
        places[entry.digest] = place
      }
      switch entry.encoder {
      case FaceEncoder.identifier: photos[place].bare = Embedding(entry.embedding)
      case PeriocularEncoder.identifier: photos[place].covered = Embedding(entry.embedding)
      default: break
      }
    }
    for photo in photos {
      guard let bare = photo.bare else { continue }
      gallery.add(
        impostors[.face].place(bare), forCovered: impostors[.periocular].template(bare: bare, covered: photo.covered),
        personID: photo.personID)
    }
  }
}
