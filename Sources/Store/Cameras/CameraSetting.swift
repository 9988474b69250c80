public import Foundation

/// A camera that somebody has set up, to be watched whenever the service runs.
public struct CameraSetting: Sendable, Equatable {
  /// Name of the camera. 1–200 characters, no two the same.
  public let name: String
  /// Where its pictures come from, such as an RTSP address, as it was entered: **it may hold a password**, so it is
  /// masked before it is shown. 1–4096 characters.
  public let source: String
  /// When it was set up.
  public let created: Date
  /// Name of the account that set it up. 1–256 characters.
  public let by: String

  /// A camera, set up now unless said otherwise.
  public init(name: String, source: String, created: Date = Date(), by: String) {
    self.name = name
    self.source = source
    self.created = created
    self.by = by
  }
}
