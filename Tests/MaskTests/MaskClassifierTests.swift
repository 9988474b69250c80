import Foundation
import Mask
import Recognize
import TestResources
import Testing
import Values
import Vision

/// The networks are loaded once for all tests.
enum Shared {
  static let recognizer = Result { try Recognizer(models: Models.find()) }
  static let classifier = Result { try MaskClassifier(models: Models.find()) }
}

@Suite("Classifying masks")
struct MaskClassifierTests {
  private let recognizer: Recognizer
  private let classifier: MaskClassifier

  init() throws {
    recognizer = try Shared.recognizer.get()
    classifier = try Shared.classifier.get()
  }

  private func close(_ one: MaskStatus, _ other: MaskStatus) -> Bool {
    MaskLabel.classes.allSatisfy { abs(one[$0] - other[$0]) < 1e-4 }
  }

  @Test("probabilities are probabilities, and a face has the same alone and in a batch of any size")
  func batches() throws {
    let crops = try [Pictures.obama, Pictures.biden, Pictures.collins].map { file in
      let image = try Photo(decoding: Photo.read(file.path)).image
      let face = try #require(Recognizer.main(of: recognizer.faces(in: image), in: image))
      return try #require(classifier.crops(of: [face.landmarks], in: image).first)
    }
    let together = try classifier.classify(crops: (0..<37).map { crops[$0 % 3] })
    #expect(together.count == 37)
    for status in together {
      #expect(MaskLabel.classes.allSatisfy { (0...1).contains(status[$0]) })
      #expect(abs(MaskLabel.classes.map { status[$0] }.reduce(0, +) - 1) < 1e-9)
    }
    for (index, crop) in crops.enumerated() {
      let alone = try #require(classifier.classify(crops: [crop]).first)
      for place in stride(from: index, to: 37, by: 3) { #expect(close(alone, together[place])) }
    }
    #expect(try classifier.classify(crops: []).isEmpty)
  }

  @Test("faces of a picture are classified in their order")
  func order() throws {
    let collins = try Photo(decoding: Photo.read(Pictures.collins.path)).image
    let biden = try Photo(decoding: Photo.read(Pictures.biden.path)).image
    let both = try Image.composed(
      width: collins.width + biden.width, height: max(collins.height, biden.height),
      background: (red: 90, green: 90, blue: 90), [(collins, 0, 0), (biden, collins.width, 0)])
    let faces = try recognizer.faces(in: both).map(\.landmarks)
    #expect(faces.count >= 2)
    let all = try classifier.classify(faces, in: both)
    for (face, status) in zip(faces, all) {
      #expect(close(status, try #require(classifier.classify([face], in: both).first)))
    }
  }

  @Test("portraits of bare faces are labelled so")
  func bare() throws {
    for file in [Pictures.obama, Pictures.obamaSpeaking, Pictures.biden, Pictures.collins] {
      let image = try Photo(decoding: Photo.read(file.path)).image
      let face = try #require(Recognizer.main(of: recognizer.faces(in: image), in: image))
      #expect(try classifier.classify([face.landmarks], in: image).first?.label == MaskLabel.none)
    }
  }

  @Test("crops of another size are refused")
  func wrongSize() throws {
    #expect(throws: VisionError.self) { try classifier.classify(crops: [[1, 2, 3]]) }
  }

  @Test(
    "a network with parameters that are not its own is refused when it is loaded",
    arguments: [
      (#""none""#, #""bare""#), (#""side": *[0-9]+"#, #""side":120"#), (#""side": *[0-9]+"#, #""side":0"#),
      (#""temperature": *[0-9.]+"#, #""temperature":0"#), (#""unsureBelow": *[0-9.]+"#, #""unsureBelow":2"#),
      (#""labels""#, #""classes""#),
    ])
  func mismatch(pattern: String, replacement: String) throws {
    let models = try Models.find()
    let folder = try TemporaryFolder()
    let text = try String(contentsOf: models.url(.maskClassifierParameters), encoding: .utf8)
    let changed = text.replacingOccurrences(of: pattern, with: replacement, options: .regularExpression)
    #expect(changed != text)
    try folder.write(Data(changed.utf8), to: Models.File.maskClassifierParameters.rawValue)
    try folder.write(Data(contentsOf: models.url(.maskClassifier)), to: Models.File.maskClassifier.rawValue)
    let error = #expect(throws: VisionError.self) { try MaskClassifier(models: Models(folder: folder.url)) }
    #expect(error?.code == .model)
  }
}
