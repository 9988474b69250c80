import Foundation
import TestResources
import Testing
import Values
import Vision

@Suite("Pictures")
struct ImageTests {
  private func grey(_ width: Int, _ height: Int, level: UInt8 = 40) throws -> Image {
    try Image(rgb: .init(repeating: level, count: width * height * 3), width: width, height: height)
  }

  @Test("a PNG written and read again has the same pixels")
  func roundTrip() throws {
    let rgb = (0..<(20 * 10 * 3)).map { UInt8($0 % 251) }
    let image = try Image(rgb: rgb, width: 20, height: 10)
    try Image(decoding: image.encoded(as: .png)).withPixels { #expect(Array($0) == rgb) }
  }

  @Test("pixels that do not fill the picture are refused")
  func wrongCount() {
    #expect(throws: VisionError.self) { try Image(rgb: [1, 2, 3], width: 2, height: 1) }
  }

  @Test("a crop that reaches past the picture is black there")
  func crop() throws {
    let cropped = try grey(4, 4).cropped(x: -1, y: -1, width: 2, height: 2)
    cropped.withPixels { #expect(Array($0) == [UInt8](repeating: 0, count: 9) + [40, 40, 40]) }
  }

  @Test("pictures are composed in order, clipped at the edge")
  func compose() throws {
    let canvas = try Image.composed(
      width: 3, height: 1, background: (red: 1, green: 2, blue: 3),
      [(try grey(2, 1, level: 9), -1, 0), (try grey(5, 5, level: 7), 2, -1)])
    canvas.withPixels { #expect(Array($0) == [9, 9, 9, 1, 2, 3, 7, 7, 7]) }
  }

  @Test("a label is drawn around the face and above it, in any script, and the original stays as it was")
  func annotate() throws {
    let plain = try grey(400, 300)
    let label = Label(
      box: Rect(x: 150, y: 120, width: 100, height: 100), color: .init(red: 0, green: 1, blue: 0),
      title: "Zoë Ωμέγα Ковалёва", subtitle: "98 %")
    let drawn = try plain.annotated([label])
    func changed(_ image: Image, _ rect: Rect) -> Int {
      image.withPixels { pixels in
        (0..<300).reduce(0) { sum, y in
          (0..<400).reduce(sum) { sum, x in
            let inside =
              Double(x) >= rect.x && Double(x) < rect.x + rect.width && Double(y) >= rect.y
              && Double(y) < rect.y + rect.height
            return inside && pixels[(y * 400 + x) * 3 + 1] != 40 ? sum + 1 : sum
          }
        }
      }
    }
    #expect(changed(plain, plain.bounds) == 0)
    #expect(changed(drawn, Rect(x: 145, y: 115, width: 110, height: 110)) > 400)
    #expect(changed(drawn, Rect(x: 170, y: 140, width: 60, height: 60)) == 0)
    #expect(changed(drawn, Rect(x: 100, y: 60, width: 200, height: 55)) > 1000)
  }

  @Test("a badge stands on the lower edge of the frame, inside it")
  func badge() throws {
    let plain = try grey(400, 300)
    let box = Rect(x: 150, y: 120, width: 100, height: 100)
    func drawn(_ badge: Label.Badge?) throws -> [UInt8] {
      let label = Label(box: box, color: .init(red: 0, green: 1, blue: 0), title: "Zoë", subtitle: "", badge: badge)
      return try plain.annotated([label]).withPixels { Array($0) }
    }
    let (bare, badged) = (try drawn(nil), try drawn(.init(text: "mask", color: .init(red: 1, green: 0, blue: 0))))
    let places = zip(bare, badged).enumerated().filter { $0.element.0 != $0.element.1 }.map(\.offset)
    let rows = Set(places.map { $0 / 1200 })
    let columns = Set(places.map { $0 / 3 % 400 })
    #expect(places.count > 300)
    #expect(rows.allSatisfy { (180...220).contains($0) } && columns.allSatisfy { (150...250).contains($0) })
  }

  @Test("a heat map colours the part of the picture that it is of, the high numbers most, turned as it says")
  func overlay() throws {
    let plain = try grey(100, 80)
    var values = [Float](repeating: 0, count: 25)
    values[2 * 5 + 3] = 1
    // Ten pixels from number to number, a quarter turn: columns run down, rows run to the left.
    let map = try #require(HeatMap(side: 5, values: values, place: Similarity(a: 0, b: 10, dx: 70, dy: 20)))
    let pixels = try plain.overlaid([map]).withPixels { Array($0) }
    func colour(_ x: Int, _ y: Int) -> [UInt8] { Array(pixels[((y * 100 + x) * 3)..<((y * 100 + x) * 3 + 3)]) }
    #expect(colour(5, 5) == [40, 40, 40] && colour(90, 40) == [40, 40, 40])
    // Viridis ends in yellow and begins in violet.
    let (high, low) = (colour(50, 50), colour(50, 30))
    #expect(high[0] > 150 && high[1] > 150 && high[2] < 60)
    #expect(low[2] > low[1] && low != [40, 40, 40])
    #expect(try plain.overlaid([]).withPixels { $0.allSatisfy { $0 == 40 } })
    let outside = try #require(HeatMap(side: 5, values: values, place: Similarity(a: 1, b: 0, dx: -500, dy: 0)))
    #expect(try plain.overlaid([outside]).withPixels { $0.allSatisfy { $0 == 40 } })
    #expect(HeatMap(side: 5, values: [1], place: map.place) == nil)
  }

  @Test("a face at the very edge and an empty list of labels can be drawn")
  func annotateEdges() throws {
    let plain = try grey(60, 40)
    let label = Label(
      box: Rect(x: -10, y: -10, width: 90, height: 90), color: .init(red: 1, green: 0, blue: 0),
      title: String(repeating: "long ", count: 60), subtitle: "")
    let drawn = try plain.annotated([label])
    #expect((drawn.width, drawn.height) == (60, 40))
    let untouched = try plain.annotated([])
    untouched.withPixels { #expect($0.allSatisfy { $0 == 40 }) }
  }

  @Test("overlap of rectangles is intersection over union")
  func overlap() {
    let a = Rect(x: 0, y: 0, width: 10, height: 10)
    #expect(a.overlap(a) == 1)
    #expect(a.overlap(Rect(x: 5, y: 0, width: 10, height: 10)) == 1.0 / 3)
    #expect(a.overlap(Rect(x: 20, y: 0, width: 10, height: 10)) == 0)
  }
}

@Suite("Networks")
struct NetworkTests {
  @Test("a model that is missing or not a network is named in the error")
  func missing() throws {
    let folder = try TemporaryFolder()
    let bogus = try folder.write(Data("not a network".utf8), to: "bogus.onnx")
    for file in [folder.url.appendingPathComponent("gone.onnx"), bogus] {
      let error = #expect(throws: VisionError.self) { try Network(contentsOf: file) }
      #expect(error?.code == .model)
      #expect(error?.description.contains(file.lastPathComponent) == true)
    }
  }
}
