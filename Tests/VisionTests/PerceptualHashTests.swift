import FoundationEssentials
import TestResources
import Testing
import Vision

@Suite("Perceptual hashes")
struct PerceptualHashTests {
  private func hash(_ image: Image) throws -> PerceptualHash { try image.perceptualHash() }

  @Test("copies of a photo are near it, mirrored or not, and other photos are far")
  func distances() throws {
    let photo = try Photo(decoding: Photo.read(Pictures.collins.path)).image
    let original = try hash(photo)
    let small = try hash(photo.resized(width: 100, height: 100))
    let compressed = try hash(Image(decoding: photo.encoded(as: .jpeg, quality: 30)))
    #expect(original.distance(to: original) == 0)
    #expect(small.distance(to: original) <= 4)
    #expect(compressed.distance(to: original) <= 4)
    #expect(small.plain != small.mirrored)
    let width = photo.width
    var flipped: [UInt8] = []
    photo.withPixels { pixels in
      for y in 0..<photo.height {
        for x in (0..<width).reversed() {
          let start = (y * width + x) * 3
          flipped += pixels[start..<(start + 3)]
        }
      }
    }
    let mirrored = try hash(Image(rgb: flipped, width: width, height: photo.height))
    #expect(mirrored.distance(to: original) <= 2)
    #expect(original.distance(to: mirrored) == mirrored.distance(to: original))
    let other = try hash(Photo(decoding: Photo.read(Pictures.biden.path)).image)
    #expect(other.distance(to: original) > 12)
  }
}
