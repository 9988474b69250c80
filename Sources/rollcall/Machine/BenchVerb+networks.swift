import DlibReference
import Faces
import Foundation
import Mask
import Recognize
import Values
import Vision

/// The rows that measure single networks.
extension BenchVerb {
  static func encoding(
    _ encoder: FaceEncoder, _ subjects: Subjects, _ folder: URL?, _ stopwatch: Stopwatch, advance: () -> Void
  ) throws -> [Row] {
    let dlib = try folder.map { try DlibEncoder(folder: $0) }
    return try [1, 16].map { count in
      defer { advance() }
      let chips = Array(subjects.chips.prefix(count))
      let bytes = chips.flatMap(\.rgb)
      let times = try stopwatch.compare {
        _ = try dlib?.encode(bytes, count: count)
      } ours: {
        _ = try encoder.encode(chips)
      }
      let expected = try dlib?.encode(bytes, count: count)
      let worst = try zip(encoder.encode(chips), expected ?? []).compactMap { ours, theirs in
        Embedding(theirs).map { Double(ours.distance(to: $0)) }
      }.max()
      return Row(
        name: "encode-\(count)", reference: dlib == nil ? nil : times.reference, ours: times.ours,
        note: worst.map { String(format: "f32, embeddings within %.1e of dlib's", $0) } ?? "f32")
    }
  }

  /// The time of `ours` on all faces, and the time of dlib's encoder on their chips; nil if dlib's networks are
  /// missing.
  static func besideDlib(
    _ subjects: Subjects, _ folder: URL?, _ stopwatch: Stopwatch, ours: () throws -> Void
  ) throws -> (reference: Double?, ours: Double) {
    let dlib = try folder.map { try DlibEncoder(folder: $0) }
    let bytes = subjects.chips.flatMap(\.rgb)
    let times = try stopwatch.compare {
      _ = try dlib?.encode(bytes, count: subjects.chips.count)
    } ours: {
      try ours()
    }
    return (dlib == nil ? nil : times.reference, times.ours)
  }

  static func covered(
    _ periocular: PeriocularEncoder, _ encoder: FaceEncoder, _ subjects: Subjects, _ folder: URL?,
    _ stopwatch: Stopwatch
  ) throws -> Row {
    let times = try besideDlib(subjects, folder, stopwatch) { _ = try periocular.encode(subjects.chips) }
    let share = try stopwatch.compare {
      _ = try encoder.encode(subjects.chips)
    } ours: {
      _ = try periocular.encode(subjects.chips)
    }
    return Row(
      name: "periocular-16", reference: times.reference, ours: times.ours,
      note: String(format: "8-bit, %.2f of the face encoder's time", share.ours / share.reference))
  }

  static func labelling(
    _ masks: MaskClassifier, _ subjects: Subjects, _ folder: URL?, _ stopwatch: Stopwatch
  ) throws -> Row {
    let times = try besideDlib(subjects, folder, stopwatch) { _ = try masks.classify(crops: subjects.crops) }
    return Row(
      name: "mask-16", reference: times.reference, ours: times.ours,
      note: String(
        format: "8-bit, one core, %.2f ms a face; dlib labels no masks: its encoder on the same faces is the reference",
        times.ours / Double(subjects.crops.count)))
  }

  /// The smallest faces are those that dlib finds without enlarging the picture.
  static let asDlib = Detector.Options(minimumFace: 80, maximumPixels: .max)

  static func detecting(
    _ detector: Detector, _ subjects: Subjects, _ folder: URL?, _ stopwatch: Stopwatch, advance: () -> Void
  ) throws -> [Row] {
    let dlib = try folder.map { try DlibDetector(folder: $0) }
    return try subjects.frames.map { name, frame in
      defer { advance() }
      func reference() throws -> [DlibDetector.Face] {
        try frame.withPixels { pixels in try dlib?.detect(pixels, width: frame.width, height: frame.height) ?? [] }
      }
      let times = try stopwatch.compare {
        _ = try reference()
      } ours: {
        _ = try detector.detect(in: frame, options: asDlib)
      }
      let theirs = try reference()
      let ours = try detector.detect(in: frame, options: asDlib)
      let found = theirs.filter { face in ours.contains { $0.box.overlap(face.box) >= 0.4 } }
      return Row(
        name: "detect-\(name)", reference: dlib == nil ? nil : times.reference, ours: times.ours,
        note: dlib == nil
          ? "f32" : "f32, \(found.count) of dlib's \(theirs.count) faces found, \(ours.count) in all")
    }
  }

  /// The same networks in bfloat16: their time against dlib, and the cosine of their embeddings to those in f32.
  static func halves(
    _ exact: Recognizer, _ fast: Recognizer, _ subjects: Subjects, _ folder: URL?, _ stopwatch: Stopwatch
  ) throws -> [Row] {
    let dlib = try folder.map { try DlibEncoder(folder: $0) }
    let detector = try folder.map { try DlibDetector(folder: $0) }
    var rows: [Row] = try [1, 16].map { count in
      let chips = Array(subjects.chips.prefix(count))
      let bytes = chips.flatMap(\.rgb)
      let times = try stopwatch.compare {
        _ = try dlib?.encode(bytes, count: count)
      } ours: {
        _ = try fast.encoder.encode(chips)
      }
      let cosine = try zip(exact.encoder.encode(chips), fast.encoder.encode(chips)).map { $0.cosine(to: $1) }.min() ?? 0
      return Row(
        name: "encode-\(count)-bf16", reference: dlib == nil ? nil : times.reference, ours: times.ours,
        note: String(format: "bf16, cosine to f32 at least %.5f", cosine))
    }
    rows += try subjects.frames.map { name, frame in
      let times = try stopwatch.compare {
        _ = try frame.withPixels { pixels in try detector?.detect(pixels, width: frame.width, height: frame.height) }
      } ours: {
        _ = try fast.detector.detect(in: frame, options: asDlib)
      }
      return Row(
        name: "detect-\(name)-bf16", reference: detector == nil ? nil : times.reference, ours: times.ours, note: "bf16")
    }
    return rows
  }
}
