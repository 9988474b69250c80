public import Faces
public import Foundation
import Recognize
import Store
import Values
import Vision

extension Enroller {
  /// The maximum number of people who are reported as duplicates of one face. Nobody is enrolled under so many IDs.
  private static let mostDuplicates = 10

  /// Judges a photo and finds the people under whose IDs its face is enrolled already. Nothing is stored.
  ///
  /// - Parameters:
  ///   - data: The bytes of the file.
  ///   - roster: The enrolled people; nil to read the store.
  /// - Throws: `PhotoError` if the bytes are not a picture, `StoreError` if the database fails, `VisionError` if a
  ///   network fails.
  public func judge(_ data: Data, among roster: Roster? = nil) throws -> PhotoVerdict {
    let judged = try photos.judge(data)
    var duplicates: [PersonName] = []
    if case .success(let good) = judged.result,
      let embeddings = try engine.templates(of: [(good.face.chip, [])]).first
    {
      duplicates = try (roster ?? readRoster()).duplicates(of: embeddings, limit: Self.mostDuplicates)
    }
    let main = Recognizer.main(of: judged.faces.map(\.detection), in: judged.image)
    return PhotoVerdict(
      width: judged.image.width, height: judged.image.height,
      faces: judged.faces.enumerated().map { .init(box: $1.detection.head, isMain: $0 == main) },
      result: judged.result.map(\.quality), duplicates: duplicates)
  }

  /// Adds a photo as a template to a person who exists. The person's name, groups and consent do not change.
  ///
  /// - Parameters:
  ///   - data: The bytes of the file.
  ///   - source: The name of the photo: a file name without folders.
  ///   - personID: The person whom the photo shows.
  ///   - roster: The enrolled people; nil to read the store.
  ///   - allowDuplicate: Enrolls a face that is enrolled under another ID already.
  ///   - allowDifferent: Enrolls a face that does not fit the person's templates.
  /// - Returns: What happened to the photo; never `failed`.
  /// - Throws: `StoreError` with code `notFound` if a template is to be stored and there is no such person, or if the
  ///   database fails; `PhotoError` if the bytes are not a picture; `VisionError` if a network fails.
  public func enroll(
    _ data: Data, called source: String, personID: String, among roster: Roster? = nil, allowDuplicate: Bool = false,
    allowDifferent: Bool = false
  ) throws -> Outcome {
    let roster = try roster ?? readRoster()
    switch try prepare(data, of: personID, among: roster) {
    case .outcome(let outcome): return outcome
    case .face(let prepared):
      guard let face = try encode([prepared]).first else { return .refused(.noFace) }
      let isStray = !allowDifferent && face.place.map { roster.isFar($0, from: personID) } == true
      let outcome = outcome(
        of: face, person: PersonName(id: personID, name: roster.names[personID]), misfit: isStray ? .templates : nil,
        among: roster, allowDuplicate: allowDuplicate)
      if outcome == .enrolled { _ = try store.addTemplates(face.templates(source: source), personID: personID) }
      return outcome
    }
  }
}
