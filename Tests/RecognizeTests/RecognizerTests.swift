import Foundation
import TestResources
import Testing
import Values
import Vision

@testable import Recognize

/// The networks are loaded once for all tests.
enum Shared {
  static let recognizer = Result { try Recognizer(models: Models.find()) }
}

@Suite("Recognising faces")
struct RecognizerTests {
  private let recognizer: Recognizer

  init() throws {
    recognizer = try Shared.recognizer.get()
  }

  private func mainFace(_ file: URL) throws -> Face {
    let image = try Photo(decoding: Photo.read(file.path)).image
    return try #require(Recognizer.main(of: recognizer.faces(in: image), in: image))
  }

  private func embedding(_ file: URL) throws -> Embedding {
    try #require(recognizer.encoder.encode([mainFace(file).chip]).first)
  }

  @Test("two photos of one man are nearer than photos of two people")
  func distances() throws {
    let obama = try embedding(Pictures.obama)
    let again = try embedding(Pictures.obamaSpeaking)
    let biden = try embedding(Pictures.biden)
    let collins = try embedding(Pictures.collins)
    #expect(obama.distance(to: again) < 0.5)
    for (one, other) in [(obama, biden), (obama, collins), (biden, collins)] {
      #expect(one.distance(to: other) > 0.7)
    }
  }

  @Test("a chip's embedding is the same alone and in a batch of any size")
  func batches() throws {
    let chips = try [Pictures.obama, Pictures.biden, Pictures.collins].map { try mainFace($0).chip }
    let many = (0..<20).map { chips[$0 % 3] }
    let together = try recognizer.encoder.encode(many)
    #expect(together.count == 20)
    for (index, chip) in chips.enumerated() {
      let alone = try #require(recognizer.encoder.encode([chip]).first)
      for place in stride(from: index, to: 20, by: 3) { #expect(alone.distance(to: together[place]) < 1e-4) }
    }
    #expect(try recognizer.encoder.encode([]).isEmpty)
  }

  @Test("the face is found where it is, and the landmarks lie in it")
  func landmarks() throws {
    let face = try mainFace(Pictures.collins)
    let box = face.detection.box
    #expect(box.overlap(Rect(x: 170, y: 60, width: 110, height: 130)) > 0.4)
    let points = [face.landmarks.leftEyeOuter, face.landmarks.rightEyeOuter, face.landmarks.nose]
    for point in points {
      #expect(point.x > box.x && point.x < box.x + box.width && point.y > box.y && point.y < box.y + box.height)
    }
    // The person's left is the viewer's right.
    #expect(face.landmarks.leftEyeOuter.x > face.landmarks.rightEyeOuter.x)
    #expect(face.landmarks.nose.y > face.landmarks.leftEyeInner.y)
  }

  @Test("small faces are found when they are asked for, and left out when they are not")
  func smallFaces() throws {
    let image = try Photo(decoding: Photo.read(Pictures.collins.path)).image
    let small = try image.resized(width: 220, height: 220)
    let asked = try recognizer.detector.detect(in: small, options: .init(minimumFace: 30))
    #expect(asked.contains { $0.box.overlap(Rect(x: 73, y: 26, width: 47, height: 56)) > 0.3 })
    let large = try recognizer.detector.detect(in: small, options: .init(minimumFace: 150))
    #expect(large.isEmpty)
  }

  @Test("a picture without a face has none, however small or narrow it is")
  func noFace() throws {
    for (width, height) in [(1, 1), (3, 700), (700, 3), (320, 240)] {
      let image = try Image(rgb: .init(repeating: 128, count: width * height * 3), width: width, height: height)
      #expect(try recognizer.faces(in: image).isEmpty)
    }
  }

  @Test("several threads share one recognizer and get what one gets")
  func threads() throws {
    let image = try Photo(decoding: Photo.read(Pictures.collins.path)).image
    let expected = try recognizer.faces(in: image).map(\.detection.box)
    let found = Collected<[Rect]>()
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      found.append((try? recognizer.faces(in: image).map(\.detection.box)) ?? [])
    }
    #expect(found.values == Array(repeating: expected, count: 4))
  }

  @Test("the main face is the large one in the middle")
  func mainFaceOfSeveral() throws {
    let collins = try Photo(decoding: Photo.read(Pictures.collins.path)).image
    let small = try collins.resized(width: 256, height: 256)
    let both = try Image.composed(
      width: 1000, height: 512, background: (red: 90, green: 90, blue: 90), [(small, 0, 0), (collins, 300, 0)])
    let faces = try recognizer.faces(in: both)
    #expect(faces.filter { $0.detection.score > Detector.clearFace }.count == 2)
    let main = try #require(Recognizer.main(of: faces, in: both))
    #expect(main.detection.box.x > 300)
  }
}

/// Results from several threads.
final class Collected<Element: Sendable>: @unchecked Sendable {
  // Every access holds the lock.
  private var elements: [Element] = []
  private let lock = NSLock()

  func append(_ element: Element) { lock.withLock { elements.append(element) } }
  var values: [Element] { lock.withLock { elements } }
}
