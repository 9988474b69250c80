public import Foundation
public import Store
public import Values

extension Event {
  /// What the log keeps of a face: the one way from a face to an event.
  ///
  /// - Parameters:
  ///   - id: As `EventID` makes it.
  ///   - box: The head, in pixels of the picture.
  ///   - status: Whether the face was recognised, in a picture's words; the log has fewer.
  ///   - identification: Whose face it is.
  ///   - mask: What covers it; nil when nobody has looked.
  public init(
    id: String, kind: Kind, time: Date, source: Source, box: Rect, status: FaceStatus,
    identification: Identification?, mask: MaskLabel?
  ) {
    self.init(
      id: id, kind: kind, time: time, source: source, personID: identification?.personID, status: status.logged,
      method: identification?.method, confidence: identification?.confidence, box: box, mask: mask)
  }

  /// The event of a face in a photo; the same photo gives the same one again.
  ///
  /// - Parameters:
  ///   - digest: SHA-256 of the photo file, 64 lowercase hexadecimal digits.
  ///   - file: The photo's name, without folders.
  ///   - time: When it was taken.
  public static func photo(_ face: IdentifiedFace, digest: String, file: String, time: Date) -> Event {
    Event(
      id: EventID.photo(digest: digest, box: face.box), kind: .photo, time: time, source: .file(file), box: face.box,
      status: face.status, identification: face.identification, mask: face.mask.label)
  }
}
