import Foundation
import Mask
import Recognize
import TestResources
import Testing
import Values
import Vision

@Suite("Explaining mask labels")
struct MaskExplanationTests {
  private let recognizer: Recognizer
  private let classifier: MaskClassifier

  init() throws {
    recognizer = try Shared.recognizer.get()
    classifier = try Shared.classifier.get()
  }

  private func explained(_ image: Image) throws -> (face: Face, explanation: MaskExplanation) {
    let face = try #require(Recognizer.main(of: recognizer.faces(in: image), in: image))
    return (face, try classifier.explain(face.landmarks, in: image))
  }

  @Test("the explanation is of the label that the face has, and covers the crop")
  func status() throws {
    let image = try Photo(decoding: Photo.read(Pictures.collins.path)).image
    let (face, explanation) = try explained(image)
    let label = try #require(classifier.classify([face.landmarks], in: image).first)
    #expect(explanation.status.likeliest == label.likeliest)
    #expect(abs(explanation.status[label.likeliest] - label[label.likeliest]) < 1e-4)
    #expect(explanation.evidence.count == explanation.side * explanation.side)
    #expect(explanation.evidence.contains { $0 != 0 })
    let last = Double(explanation.side - 1)
    let place = try classifier.geometry.place(face.landmarks)
    let edge = Double(classifier.geometry.side - 1)
    for (x, y) in [(0.0, 0.0), (1, 0), (1, 1), (0, 1)] {
      let (ours, crops) = (explanation.place(Point(x: x * last, y: y * last)), place(Point(x: x * edge, y: y * edge)))
      #expect(abs(ours.x - crops.x) < 1e-6 && abs(ours.y - crops.y) < 1e-6)
    }
    let heat = try #require(explanation.heatMap)
    #expect(heat.values.allSatisfy { (0...1).contains($0) })
  }

  @Test("the label of a masked face rests on the part of the face that the mask covers")
  func restsOnMask() throws {
    let (face, explanation) = try explained(Pictures.masked(Pictures.obama))
    #expect(explanation.status.label.isCovered)
    let toFace = try ChipGeometry(side: 100, padding: 0).place(face.landmarks).inverse
    // By area: most of the crop is hair and background, whose many small shares add up.
    var (inside, outside): ([Double], [Double]) = ([], [])
    for (index, evidence) in explanation.evidence.enumerated() {
      let (row, column) = (index / explanation.side, index % explanation.side)
      let place = toFace(explanation.place(Point(x: Double(column), y: Double(row))))
      if (0...100).contains(place.x), (35...115).contains(place.y) {
        inside.append(max(0, evidence))
      } else {
        outside.append(max(0, evidence))
      }
    }
    let mean = { (values: [Double]) in values.reduce(0, +) / Double(values.count) }
    #expect(mean(inside) > mean(outside))
  }
}
