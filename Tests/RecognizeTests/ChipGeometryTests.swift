import Testing
import Values
import Vision

@testable import Recognize

@Suite("Cutting faces out")
struct ChipGeometryTests {
  /// A picture whose colours say where one is: red is half of x, green half of y.
  private let map: Image
  /// A face turned by about ten degrees.
  private let face = Landmarks([
    Point(x: 320, y: 200), Point(x: 280, y: 195), Point(x: 180, y: 175), Point(x: 220, y: 184), Point(x: 238, y: 268),
  ])

  init() throws {
    var rgb: [UInt8] = []
    for y in 0..<480 { for x in 0..<480 { rgb += [UInt8(x / 2), UInt8(y / 2), 0] } }
    map = try Image(rgb: rgb, width: 480, height: 480)
  }

  @Test(
    "a chip's pixels lie in the picture where the geometry says",
    arguments: [ChipGeometry.encoder, ChipGeometry(side: 112, padding: 0.3), ChipGeometry(side: 64, padding: 0)])
  func placing(geometry: ChipGeometry) throws {
    let chip = try geometry.cut(map, face)
    let place = try geometry.place(face)
    #expect(chip.count == geometry.side * geometry.side * 3)
    for (x, y) in [(0.2, 0.2), (0.8, 0.2), (0.5, 0.5), (0.3, 0.9), (0.9, 0.7)] {
      let (column, row) = (Int(x * Double(geometry.side)), Int(y * Double(geometry.side)))
      let there = place(Point(x: Double(column), y: Double(row)))
      let index = (row * geometry.side + column) * 3
      // dlib halves large faces before it cuts them, which moves them by up to two of the chip's pixels.
      #expect(abs(2 * Double(chip[index]) - there.x) < 1 + 2 * place.scale)
      #expect(abs(2 * Double(chip[index + 1]) - there.y) < 1 + 2 * place.scale)
      let back = place.inverse(there)
      #expect(abs(back.x - Double(column)) < 1e-6 && abs(back.y - Double(row)) < 1e-6)
    }
  }

  @Test("more padding shows more of the picture, and the eyes stay level")
  func padding() throws {
    let narrow = try ChipGeometry(side: 100, padding: 0).place(face)
    let wide = try ChipGeometry(side: 100, padding: 0.5).place(face)
    #expect(abs(wide.scale / narrow.scale - 2) < 0.05)
    let (left, right) = (narrow.inverse(face.leftEyeOuter), narrow.inverse(face.rightEyeOuter))
    #expect(left.x - right.x > 60 && abs(left.y - right.y) < 4)
  }

  @Test("landmarks that coincide are refused")
  func coinciding() throws {
    let nothing = Landmarks(Array(repeating: Point(x: 50, y: 50), count: 5))
    for geometry in [ChipGeometry.encoder, ChipGeometry(side: 112, padding: 0.6)] {
      #expect(throws: VisionError.self) { try geometry.cut(map, nothing) }
      #expect(throws: VisionError.self) { try geometry.place(nothing) }
    }
    #expect(throws: VisionError.self) { try ChipGeometry(side: 0, padding: 0.2).cut(map, face) }
    #expect(throws: VisionError.self) { try ChipGeometry(side: 10, padding: -1).cut(map, face) }
  }
}
