import Faces
import Foundation
import Mask
import Recognize
import Values
import Vision

/// A face in one picture, with what was computed for it so far. Each value is computed only when it is needed.
final class FaceSample {
  let detection: Detection
  var landmarks: Landmarks?
  var chip: Chip?
  /// The quality, up to 1; 0 for a poor face; nil before its chip was measured.
  var quality: Double?
  var mask: MaskStatus?
  /// Empty before the face is encoded.
  var probes: [Probe] = []
  /// Whether another face covers part of it or nearly does, so that the chip may show both.
  var isOverlapped = false

  init(_ detection: Detection) {
    self.detection = detection
  }
}

extension FaceEngine {
  /// Cuts and measures the chips of faces. A face that cannot be aligned has the quality 0.
  func measure(_ samples: [FaceSample], in image: Image) throws(VisionError) {
    for sample in samples where sample.quality == nil {
      let landmarks = try align(sample, in: image)
      do throws(VisionError) {
        let chip = try recognizer.aligner.chip(of: image, landmarks, head: sample.detection.head)
        sample.chip = chip
        let face = Face(detection: sample.detection, landmarks: landmarks, chip: chip)
        let quality = try chip.quality()
        sample.quality = face.isPoor(quality) ? 0 : face.detail(quality)
      } catch  where error.code == .invalid {
        sample.quality = 0
      }
    }
  }

  /// Classifies what covers faces.
  func classify(_ samples: [FaceSample], in image: Image) throws(VisionError) {
    let new = samples.filter { $0.mask == nil }
    var landmarks: [Landmarks] = []
    for sample in new { landmarks.append(try align(sample, in: image)) }
    for (sample, status) in zip(new, try masks.classify(landmarks, in: image)) { sample.mask = status }
  }

  /// Encodes the faces that are not poor, by the methods that suit their mask labels.
  func encode(_ samples: [FaceSample], in image: Image) throws(VisionError) {
    try measure(samples, in: image)
    let new = samples.filter { $0.probes.isEmpty && $0.quality ?? 0 > 0 }
    try classify(new, in: image)
    let probes = try encoder.probes(of: new.compactMap(\.chip), new.compactMap(\.mask?.label))
    for (sample, probes) in zip(new, probes) { sample.probes = probes }
  }

  /// Finds the landmarks of a face.
  @discardableResult
  func align(_ sample: FaceSample, in image: Image) throws(VisionError) -> Landmarks {
    if let landmarks = sample.landmarks { return landmarks }
    let landmarks = try recognizer.aligner.landmarks(in: image, box: sample.detection.box)
    sample.landmarks = landmarks
    return landmarks
  }
}

extension Face {
  /// The quality of a face, 0…1: highest for a large, sharp and frontal one.
  fileprivate func detail(_ quality: ChipQuality) -> Double {
    let size = min(1, detection.box.width / Double(Chip.side))
    let sharpness = min(1, quality.sharpness / 60)
    let eyes = (left: landmarks.leftEyeInner, right: landmarks.rightEyeInner)
    let span = hypot(
      landmarks.leftEyeOuter.x - landmarks.rightEyeOuter.x, landmarks.leftEyeOuter.y - landmarks.rightEyeOuter.y)
    let turned = abs(landmarks.nose.x - (eyes.left.x + eyes.right.x) / 2) / max(1, span)
    return detection.score * (0.3 + 0.7 * size) * (0.3 + 0.7 * sharpness) * max(0.2, 1 - 2 * turned)
  }
}
