import Foundation
import Mask
import Recognize
import TestResources
import Testing
import Values
import Vision

@Suite("Drawing masks")
struct MaskRendererTests {
  private let image: Image
  private let face: Face
  /// From the picture to the face, in shares of its size: 0 at the brows and one temple, 1 at the chin and the other.
  private let toFace: Similarity

  init() throws {
    image = try Photo(decoding: Photo.read(Pictures.obama.path)).image
    face = try #require(Recognizer.main(of: Shared.recognizer.get().faces(in: image), in: image))
    toFace = try ChipGeometry(side: 100, padding: 0).place(face.landmarks).inverse
  }

  /// The share of the pixels inside a part of the face, given in hundredths of its size, that a covering changes.
  private func changed(by renderer: MaskRenderer, x: ClosedRange<Double>, y: ClosedRange<Double>) throws -> Double {
    let drawn = try renderer.render(on: image, face.landmarks)
    let (before, after) = (image.withPixels { Array($0) }, drawn.withPixels { Array($0) })
    var (inside, differing) = (0, 0)
    for row in 0..<image.height {
      for column in 0..<image.width {
        let place = toFace(Point(x: Double(column), y: Double(row)))
        guard x.contains(place.x), y.contains(place.y) else { continue }
        inside += 1
        let at = (row * image.width + column) * 3
        if (0..<3).contains(where: { abs(Int(before[at + $0]) - Int(after[at + $0])) > 6 }) { differing += 1 }
      }
    }
    return Double(differing) / Double(inside)
  }

  @Test("a mask worn well covers the mouth and leaves the eyes free", arguments: MaskRenderer.Style.allCases)
  func places(style: MaskRenderer.Style) throws {
    let renderer = MaskRenderer(style: style, seed: 5)
    #expect(try changed(by: renderer, x: 40...60, y: 72...84) > 0.8)
    // The shadow of a hood falls on the eyes and changes them a little.
    if style != .hood { #expect(try changed(by: renderer, x: 15...85, y: 5...14) < 0.1) }
    let brow = try changed(by: renderer, x: 10...90, y: -30 ... -5)
    #expect(style == .hood ? brow > 0.5 : brow < 0.02)
  }

  @Test("under the nose the nose is free, on the chin the mouth too", arguments: [UInt64(1), 2, 3])
  func wears(seed: UInt64) throws {
    let nose = (x: 45.0...55, y: 38.0...45)
    let well = MaskRenderer(style: .cloth, wear: .well, seed: seed)
    let underNose = MaskRenderer(style: .cloth, wear: .underNose, seed: seed)
    #expect(try changed(by: well, x: nose.x, y: nose.y) > 0.8)
    #expect(try changed(by: underNose, x: nose.x, y: nose.y) < 0.2)
    #expect(try changed(by: underNose, x: 42...58, y: 76...84) > 0.8)
    let chin = MaskRenderer(style: .cloth, wear: .chin, seed: seed)
    #expect(try changed(by: chin, x: 42...58, y: 60...68) < 0.2)
    #expect(try changed(by: chin, x: 30...70, y: 90...115) > 0.2)
  }

  @Test("the same seed draws the same, another something else")
  func seeds() throws {
    func pixels(_ seed: UInt64) throws -> [UInt8] {
      try MaskRenderer(style: .patterned, seed: seed).render(on: image, face.landmarks).withPixels { Array($0) }
    }
    #expect(try pixels(7) == pixels(7))
    #expect(try pixels(7) != pixels(8))
  }

  @Test("a covering in the dark is dark")
  func light() throws {
    func brightness(_ image: Image) throws -> Double {
      let crop = try ChipGeometry(side: 100, padding: 0).cut(
        MaskRenderer(style: .surgical, seed: 3).render(on: image, face.landmarks), face.landmarks)
      var sum = 0
      for row in 70..<90 {
        let start = (row * 100 + 40) * 3
        for level in crop[start..<(start + 60)] { sum += Int(level) }
      }
      return Double(sum) / (20 * 60)
    }
    let dark = try Image(
      rgb: image.withPixels { $0.map { $0 / 3 } }, width: image.width, height: image.height)
    #expect(try brightness(dark) < 0.45 * brightness(image))
  }

  @Test("each covering has the label of the face that wears it")
  func labels() {
    #expect(MaskRenderer(style: .respirator).label == .mask)
    #expect(MaskRenderer(style: .cloth, wear: .underNose).label == .incorrect)
    #expect(MaskRenderer(style: .surgical, wear: .chin).label == .incorrect)
    #expect(MaskRenderer(style: .scarf).label == .covering)
    #expect(MaskRenderer(style: .hood).label == .covering)
    #expect(MaskRenderer(style: .hand, wear: .underNose).label == .covering)
    #expect(MaskRenderer(style: .scarf, wear: .chin).label == MaskLabel.none)
    #expect(MaskRenderer(style: .hood, wear: .chin).label == MaskLabel.none)
  }
}
