public import Foundation
public import Values

/// IDs of events. An event that is recorded again gets the same ID.
public enum EventID {
  /// The ID of a face in a photo. Identifying the same photo again, under any file name, gives the same ID.
  ///
  /// - Parameters:
  ///   - digest: The SHA-256 of the photo file, 64 lowercase hexadecimal digits.
  ///   - box: The box of the face, in pixels of the photo. It is rounded to whole pixels here.
  public static func photo(digest: String, box: Rect) -> String {
    let numbers = [box.x, box.y, box.width, box.height].map { String(Int($0.rounded())) }
    return "photo:\(digest):\(numbers.joined(separator: ","))"
  }

  /// The visit that an event belongs to: `live:RUN:NUMBER` for `live:RUN:NUMBER:arrival`, `…:mask:2` or `…:seen`.
  /// Returns nil for the event of a photo.
  static func visit(_ id: String) -> String? {
    guard id.hasPrefix("live:") else { return nil }
    let parts = id.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count > 3 ? parts.prefix(3).joined(separator: ":") : nil
  }

  /// The ID of the event that begins a visit.
  static func arrival(ofVisit visit: String) -> String { visit + ":arrival" }

  /// The ID of an event of a visit, as sessions report it.
  ///
  /// - Parameters:
  ///   - run: The session. A new value is made each time a camera begins to be watched.
  ///   - visit: The number of the visit, from 1.
  ///   - what: What happened: "arrival", "mask:" with a number from 1, or "seen".
  public static func live(run: UUID, visit: Int, _ what: String) -> String {
    "live:\(run.uuidString.lowercased()):\(visit):\(what)"
  }
}
