import Foundation
import TestResources
import Testing
import Vision

@testable import Video

@Suite("Films")
struct FilmTests {
  @Test(
    "What is written is read back, every picture once and in order", arguments: ["film.mp4", "film.mkv", "film.avi"])
  func roundTrip(name: String) throws {
    let folder = try TemporaryFolder()
    let film = try Numbered.film(30, in: folder, name: name)
    let camera = Camera(try VideoSource(film.path), everyFrame: true)
    var numbers: [Int] = []
    var positions: [Double] = []
    while let frame = try camera.next() {
      #expect(frame.image.width == 64 && frame.image.height == 48 && frame.dropped == 0)
      #expect(abs((frame.length ?? 0) - 1.2) < 0.1)
      numbers.append(Numbered.number(of: frame.image))
      positions.append(frame.position)
    }
    #expect(numbers == Array(0..<30))
    #expect(positions == positions.sorted() && Set(positions).count == 30)
    #expect(camera.state.phase == .ended && camera.state.frames == 30 && camera.state.dropped == 0)
    #expect(try camera.next() == nil)
  }

  @Test("At its own speed the newest picture wins, and those that nobody asked for are counted")
  func newestWins() throws {
    let folder = try TemporaryFolder()
    let camera = Camera(try VideoSource(Numbered.film(60, in: folder, rate: 60).path))
    let first = try #require(try camera.next())
    Thread.sleep(forTimeInterval: 0.5)
    let second = try #require(try camera.next())
    #expect(second.dropped > 5)
    #expect(Numbered.number(of: second.image) - Numbered.number(of: first.image) == second.dropped + 1)
    while try camera.next() != nil {}
    #expect(camera.state.frames + camera.state.dropped == 60)
  }

  @Test("A file that is missing or no film is an error that says so")
  func noFilm() throws {
    let folder = try TemporaryFolder()
    let text = try folder.write(Data("not a film".utf8), to: "text.mp4")
    let missing = folder.url.appendingPathComponent("missing.mp4").path
    for (path, reason) in [(missing, "there is no such file"), (text.path, "no video that can be decoded")] {
      let camera = Camera(try VideoSource(path))
      let error = #expect(throws: VideoError.self) { try camera.next() }
      #expect(error?.code == .unreadable)
      #expect(error?.description.contains(reason) == true && error?.description.contains(path) == true)
    }
  }

  @Test("A film that breaks off in the middle gives what is there")
  func truncated() throws {
    let folder = try TemporaryFolder()
    let film = try Numbered.film(40, in: folder, name: "film.avi")
    let bytes = try Data(contentsOf: film)
    let half = try folder.write(bytes.prefix(bytes.count * 3 / 4), to: "half.avi")
    let camera = Camera(try VideoSource(half.path), everyFrame: true)
    var count = 0
    while try camera.next() != nil { count += 1 }
    #expect(count > 0 && count < 40)
  }

  @Test("A film cannot be written to a folder that is not there, or as another kind")
  func unwritable() throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: VideoError.self) {
      try VideoWriter(folder.url.appendingPathComponent("film.gif").path, width: 64, height: 48, rate: 25)
    }
    #expect(error?.description.contains(".mp4") == true)
    #expect(throws: VideoError.self) {
      let writer = try VideoWriter(
        folder.url.appendingPathComponent("no/film.mp4").path, width: 64, height: 48, rate: 25)
      try writer.append(Numbered.picture(1))
      try writer.finish()
    }
  }
}
