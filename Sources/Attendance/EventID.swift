public import Foundation
public import Values

/// Ids that are the same whenever the same event is recorded again.
public enum EventID {
  /// The id of a face in a photo. Identifying the same photo again, under whatever name, gives the same id.
  ///
  /// - Parameters:
  ///   - digest: SHA-256 of the photo file, 64 lowercase hexadecimal digits.
  ///   - box: where the face is, in pixels of the photo; rounded to whole pixels here.
  public static func photo(digest: String, box: Rect) -> String {
    let numbers = [box.x, box.y, box.width, box.height].map { String(Int($0.rounded())) }
    return "photo:\(digest):\(numbers.joined(separator: ","))"
  }

  /// The visit that a event belongs to: `live:RUN:NUMBER` of `live:RUN:NUMBER:arrival`, `…:mask:2` or `…:seen`; nil for
  /// a photo's.
  static func visit(_ id: String) -> String? {
    guard id.hasPrefix("live:") else { return nil }
    let parts = id.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count > 3 ? parts.prefix(3).joined(separator: ":") : nil
  }

  /// The id of the event that a visit begins with.
  static func arrival(ofVisit visit: String) -> String { visit + ":arrival" }

  /// The id of an event of a visit, as live views tell them.
  ///
  /// - Parameters:
  ///   - run: Of the live view, a new one each time a camera is begun to be watched.
  ///   - visit: The number of the visit, from 1 on.
  ///   - what: What happened: "arrival", "mask:" with a number from 1 on, or "seen".
  public static func live(run: UUID, visit: Int, _ what: String) -> String {
    "live:\(run.uuidString.lowercased()):\(visit):\(what)"
  }
}
