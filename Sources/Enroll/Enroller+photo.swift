public import Foundation
import Recognize
import Store
import Vision

extension Enroller {
  /// People whom one face can be a duplicate of; nobody is enrolled under so many IDs.
  private static let mostDuplicates = 10

  /// Says what a photo would be worth, and whose face is enrolled already. Nothing is stored.
  ///
  /// - Parameter data: The bytes of the file.
  /// - Throws: `PhotoError` for bytes that are no picture, `StoreError` when the database fails, `VisionError` when a network does.
  public func judge(_ data: Data) throws -> PhotoVerdict {
    let judged = try photos.judge(data)
    var duplicates: [KnownPerson] = []
    if case .success(let good) = judged.result,
      let embedding = try photos.recognizer.encoder.encode([good.face.chip]).first
    {
      duplicates = try currentlyKnown().people(with: impostors.place(embedding), impostors, limit: Self.mostDuplicates)
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
  ///   - allowDuplicate: Enrol a face that another ID has already.
  /// - Returns: What became of it; never `failed`.
  /// - Throws: `StoreError` with code `notFound` when there is no such person, or when the database fails; `PhotoError` for bytes that are no
  ///   picture; `VisionError` when a network fails.
  public func enrol(_ data: Data, called source: String, personID: String, allowDuplicate: Bool = false) throws
    -> Outcome
  {
    _ = try store.existingPerson(id: personID)
    let known = try currentlyKnown()
    switch try prepare(data, isDone: { known.holds($0, of: personID) }) {
    case .outcome(let outcome): return outcome
    case .face(let prepared):
      guard let face = try encode([prepared]).first else { return .refused(.noFace) }
      let outcome = outcome(of: face, personID: personID, among: known, allowDuplicate: allowDuplicate)
      if outcome == .enrolled { _ = try store.addTemplates(face.templates(source: source), personID: personID) }
      return outcome
    }
  }
}
