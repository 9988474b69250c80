public import Foundation
public import Store
public import Values

extension Event {
  /// Makes the event of a face. Every event of a face is made here.
  ///
  /// - Parameters:
  ///   - id: The ID, as `EventID` makes it.
  ///   - box: The head, in pixels of the picture.
  ///   - status: The status of the face in the picture. The log has fewer statuses.
  ///   - identification: The person whose face it is.
  ///   - mask: What covers the face; nil if this was not checked.
  public init(
    id: String, kind: Kind, time: Date, source: Source, box: Rect, status: FaceStatus,
    identification: Identification?, mask: MaskLabel?
  ) {
    self.init(
      id: id, kind: kind, time: time, source: source, personID: identification?.personID, status: status.logged,
      method: identification?.method, confidence: identification?.confidence, box: box, mask: mask)
  }

  /// The event of a face in a photo. The same photo gives the same event again.
  ///
  /// - Parameters:
  ///   - digest: The SHA-256 of the photo file, 64 lowercase hexadecimal digits.
  ///   - file: The photo's name, without folders.
  ///   - time: When the photo was taken.
  public static func photo(_ face: IdentifiedFace, digest: String, file: String, time: Date) -> Event {
    Event(
      id: EventID.photo(digest: digest, box: face.box), kind: .photo, time: time, source: .file(file), box: face.box,
      status: face.status, identification: face.identification, mask: face.mask.label)
  }
}
