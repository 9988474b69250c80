import Testing

@testable import Video

@Suite("Video sources")
struct SourceTests {
  @Test(
    "What people write is understood, and passwords are left out of its name",
    arguments: [
      ("0", VideoSource.Kind.device, "/dev/video0"), ("/dev/video2", .device, "/dev/video2"),
      ("rtsp://guard:se:c@ret@door.local:554/main?token=abc", .stream, "rtsp://door.local:554/main"),
      ("HTTP://door/mjpeg#x", .stream, "http://door/mjpeg"), ("films/monday.mp4", .film, "films/monday.mp4"),
    ])
  func understood(text: String, kind: VideoSource.Kind, name: String) throws {
    let source = try VideoSource(text)
    #expect(source.kind == kind && source.name == name)
  }

  @Test("What is no source is refused", arguments: ["", "ftp://door/film.mp4", "file:///etc/passwd", "12345", "a\nb"])
  func refused(text: String) {
    let error = #expect(throws: VideoError.self) { try VideoSource(text) }
    #expect(error?.code == .notASource)
  }
}
