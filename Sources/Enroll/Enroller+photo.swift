public import Faces
public import Foundation
import Recognize
import Store
import Values
import Vision

extension Enroller {
  /// People whom one face can be a duplicate of; nobody is enrolled under so many IDs.
  private static let mostDuplicates = 10

  /// Says what a photo would be worth, and whose face is enrolled already. Nothing is stored.
  ///
  /// - Parameters:
  ///   - data: The bytes of the file.
  ///   - roster: Who is enrolled; nil to read the store.
  /// - Throws: `PhotoError` for bytes that are no picture, `StoreError` when the database fails, `VisionError` when a
  ///   network does.
  public func judge(_ data: Data, among roster: Roster? = nil) throws -> PhotoVerdict {
    let judged = try photos.judge(data)
    var duplicates: [PersonName] = []
    if case .success(let good) = judged.result,
      let embedding = try photos.finder.recognizer.encoder.encode([good.face.chip]).first
    {
      duplicates = try (roster ?? readRoster()).duplicates(of: embedding, limit: Self.mostDuplicates)
    }
    let main = Recognizer.main(of: judged.faces.map(\.detection), in: judged.image)
    return PhotoVerdict(
      width: judged.image.width, height: judged.image.height,
      faces: judged.faces.enumerated().map { .init(box: $1.detection.head, isMain: $0 == main) },
      result: judged.result.map(\.quality), duplicates: duplicates)
  }

  /// Makes a photo a template of a person who is there, whose name, groups and consent stay as they are.
  ///
  /// - Parameters:
  ///   - data: The bytes of the file.
  ///   - source: What the photo is called: a file name without folders.
  ///   - personID: Whom it shows.
  ///   - roster: Who is enrolled; nil to read the store.
  ///   - allowDuplicate: Enrol a face that another ID has already.
  /// - Returns: What became of it; never `failed`.
  /// - Throws: `StoreError` with code `notFound` when a template is to be stored and there is no such person, or when
  ///   the database fails; `PhotoError` for bytes that are no picture; `VisionError` when a network fails.
  public func enroll(
    _ data: Data, called source: String, personID: String, among roster: Roster? = nil, allowDuplicate: Bool = false
  )
    throws -> Outcome
  {
    let roster = try roster ?? readRoster()
    switch try prepare(data, of: personID, among: roster) {
    case .outcome(let outcome): return outcome
    case .face(let prepared):
      guard let face = try encode([prepared]).first else { return .refused(.noFace) }
      let outcome = outcome(of: face, personID: personID, among: roster, allowDuplicate: allowDuplicate)
      if outcome == .enrolled { _ = try store.addTemplates(face.templates(source: source), personID: personID) }
      return outcome
    }
  }
}
