public import Foundation

/// A camera that is watched whenever the service runs.
public struct CameraSetting: Sendable, Equatable {
  /// The name of the camera, unique. 1–200 characters.
  public let name: String
  /// The source of the pictures, such as an RTSP address, as it was entered. **It may contain a password**, so it is
  /// masked before it is shown. 1–4096 characters.
  public let source: String
  /// When it was set up.
  public let created: Date
  /// The name of the account that set it up. 1–256 characters.
  public let by: String

  /// A camera, by default set up now.
  public init(name: String, source: String, created: Date = Date(), by: String) {
    self.name = name
    self.source = source
    self.created = created
    self.by = by
  }
}
