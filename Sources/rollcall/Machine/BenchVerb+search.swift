import Faces
import Foundation
import Recognize
import Values

/// The rows that measure the search of a gallery and the second encoder.
extension BenchVerb {
  /// Encodes the faces a second time. dlib's encoder on the same faces is the reference.
  static func encodingAgain(
    _ second: SecondEncoder, _ encoder: FaceEncoder, _ subjects: Subjects, _ folder: URL?, _ stopwatch: Stopwatch
  ) throws -> [Row] {
    try [1, 16].map { count in
      let chips = Array(subjects.chips.prefix(count))
      let times = try besideDlib(subjects, folder, stopwatch) { _ = try second.encode(chips) }
      let share = try stopwatch.compare {
        _ = try encoder.encode(chips)
      } ours: {
        _ = try second.encode(chips)
      }
      return Row(
        name: "second-\(count)", reference: count == 16 ? times.reference : nil, ours: times.ours,
        note: String(format: "8-bit, %.2f of the face encoder's time", share.ours / share.reference))
    }
  }

  /// Searches a gallery of random templates in both spaces.
  static func searching(_ count: Int, _ impostors: ImpostorModels, _ stopwatch: Stopwatch) throws -> [Row] {
    var generator = SystemRandomNumberGenerator()
    func random(_ dimensions: Int) throws -> Embedding {
      let values = (0..<dimensions).map { _ in Float.random(in: -0.1...0.1, using: &generator) }
      guard let embedding = Embedding(values, dimensions: dimensions) else { throw NotRandom() }
      return embedding
    }
    func face() throws -> TemplateEmbeddings {
      let second = try random(SecondEncoder.dimensions)
      return TemplateEmbeddings(
        bare: try random(Embedding.count), covered: try random(Embedding.count), secondBare: second,
        secondCovered: second)
    }
    // Placing takes longer than what is measured, so there are fewer places than templates.
    let places = try (0..<1000).map { _ in impostors.place(try face()) }
    var gallery = Gallery()
    for index in 0..<count { gallery.add(places[index % places.count], personID: "\(index)") }
    let matcher = Matcher(gallery: gallery, impostors: impostors)
    return try RecognitionMethod.allCases.map { method in
      let probe = try face()
      let searched = [Probe(embedding: probe.bare, second: probe.secondBare, method: method)]
      let time = try stopwatch.compare(reference: {}, ours: { _ = matcher.identify(searched) }).ours
      return Row(
        name: "search-\(count / 1000)k-\(method.rawValue)", reference: nil, ours: time,
        note: "\(matcher.gallery.count) templates\(impostors.hasSecond ? " in both spaces" : "")")
    }
  }

  private struct NotRandom: Error {}
}
