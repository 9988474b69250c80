import Foundation
import Store
import Terminal

/// `rollcall attendance snapshot`
enum AttendanceSnapshot: Verb {
  static let path = "attendance snapshot"
  private static let event = Positional(
    .text("EVENT_ID"), help: "the id in the last column of `rollcall attendance list`")
  private static let file = Option(
    "output", .text("FILE"), help: "where to write the JPEG (default: the event's id with .jpg, in this folder)")
  static let command = Command(
    "snapshot", summary: "write the picture that was kept of an event",
    description: """
      rollcall live --snapshots DAYS keeps a picture of the head with each arrival and each change of the mask. It is \
      gone when its days are over, and when the person is forgotten. A void event keeps its picture.
      """,
    synonyms: ["picture", "photo", "evidence"], positionals: [event], options: [file],
    examples: [
      .init(
        "who was it?", "rollcall attendance snapshot live:2c9d1e5b:14:arrival --output arrival.jpg")
    ])

  static func run(_ invocation: Invocation) throws -> Int32 {
    let id = invocation[event]
    let path = invocation[file] ?? name(of: id)
    let store = try Common.openLog(invocation)
    defer { store.close() }
    guard let found = try store.snapshot(ofEvent: id) else {
      Diagnostics.error(
        "there is no snapshot of the event \(displayable(id)): none was kept (rollcall live --snapshots DAYS keeps "
          + "them, of arrivals and changes of the mask), its days are over, or the person was forgotten; rollcall "
          + "attendance list shows the events"
      )
      return 1
    }
    try WholeFile.write(path) { try found.jpeg.write(to: URL(fileURLWithPath: $0)) }
    Diagnostics.note("the picture is \(path)")
    return 0
  }

  /// A file name for an ID. Some file systems do not allow colons.
  private static func name(of id: String) -> String {
    String(id.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") ? $0 : "-" }) + ".jpg"
  }
}
