import Foundation

/// A source of video: a camera of this machine, a stream, or a film.
///
/// ```swift
/// let source = try VideoSource("rtsp://camera.example/stream")
/// ```
public struct VideoSource: Sendable, Equatable {
  /// The kind of a source.
  public enum Kind: String, Sendable {
    /// A camera of this machine.
    case device
    /// A stream from the network.
    case stream
    /// A file, which ends.
    case film
  }

  /// The kind of the source.
  public let kind: Kind
  /// The address that `rollcall-video` opens. It may contain a password.
  let address: String

  /// The name of the source in messages: without user name, password, and what follows a `?` in an address.
  public let name: String

  private static let schemes = ["rtsp", "rtsps", "http", "https"]

  /// A source as people write it: `0` or `/dev/video0` for a camera of this machine, the `rtsp://`, `rtsps://`,
  /// `http://` or `https://` address of a camera (MJPEG or any format that FFmpeg reads), or the path of a video file.
  ///
  /// - Throws: `VideoError` with code `notASource`.
  public init(_ text: String) throws(VideoError) {
    guard !text.isEmpty, !text.contains(where: \.isNewline) else {
      throw VideoError(
        .notASource, "this source", "it is empty or has more than one line",
        advice: "Write a camera's number, its address, or a file.")
    }
    if text.allSatisfy({ $0.isASCII && $0.isNumber }) {
      guard text.count <= 4 else {
        throw VideoError(.notASource, text, "no camera has such a number", advice: "The first camera is 0.")
      }
      kind = .device
      name = "/dev/video\(Int(text) ?? 0)"
      address = name
    } else if text.hasPrefix("/dev/video") {
      (kind, name, address) = (.device, text, text)
    } else if let end = text.range(of: "://") {
      let scheme = text[..<end.lowerBound].lowercased()
      guard Self.schemes.contains(scheme) else {
        throw VideoError(
          .notASource, "\(scheme)://…", "no camera is read that way",
          advice: "Addresses begin with \(Self.schemes.map { "\($0)://" }.joined(separator: ", ")).")
      }
      let rest = text[end.upperBound...].prefix { $0 != "?" && $0 != "#" }
      let host = rest.prefix { $0 != "/" }
      let path = rest.dropFirst(host.count)
      (kind, address) = (.stream, text)
      name = "\(scheme)://\(host.split(separator: "@", omittingEmptySubsequences: false).last ?? "")\(path)"
    } else {
      (kind, name, address) = (.film, text, text)
    }
  }
}
