import Foundation

extension Spool {
  /// The settings of a spool. Only tests change the defaults.
  package struct Options: Sendable {
    /// The number of events in one delivery.
    package var batch = 500
    /// The size in bytes from which a segment is followed by a new one.
    package var segmentSize = 1 << 20
    /// The pause after a first failed delivery, in seconds. It doubles with each further one.
    package var firstPause = 0.1
    /// The longest pause, in seconds.
    package var longestPause = 10.0
    /// Flushes a file to disk: `fsync`.
    package var sync: @Sendable (Int32) -> Int32 = { fsync($0) }

    package init() {}
  }

  /// The position up to which the first segment is delivered.
  struct Cursor {
    /// In bytes.
    var offset = 0
    var lines = 0
  }

  struct Segment {
    let name: String
    var lines: Int
  }
}
