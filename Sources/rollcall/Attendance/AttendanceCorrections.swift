import Foundation
import Formats
import Store
import Terminal

/// The options of `mark` and `void`. A correction records its author and its reason.
private enum Correction {
  static let by = Option("by", .text("NAME"), help: "who says so")
  static let reason = Option("reason", .text("TEXT"), help: "why")

  static func words(_ invocation: Invocation) throws -> (by: String, reason: String) {
    guard let by = invocation[by] else { throw invocation.refuse("it is kept with who says so: add --by NAME") }
    guard let reason = invocation[reason] else { throw invocation.refuse("it is kept with why: add --reason TEXT") }
    return (by, reason)
  }
}

/// `rollcall attendance mark`
enum AttendanceMark: Verb {
  static let path = "attendance mark"
  private static let isIn = Option(flag: "in", help: "the person came")
  private static let isOut = Option(flag: "out", help: "the person left")
  private static let time = Option(
    "time", .text("TIME"), help: "when, as in 2026-09-01T17:05, or 17:05 for today (default: now)")
  static let command = Command(
    "mark", summary: "enter by hand that somebody came or left",
    description: """
      For when no camera saw it. The mark stands in the log beside what cameras saw, with who entered it and why, and \
      counts like a punch at the door. Nothing else is changed. What is printed is the mark's id: rollcall attendance \
      void takes it back.
      """,
    synonyms: ["add", "punch", "in", "out"], positionals: [PeopleGroup.id],
    options: [isIn, isOut, time, Correction.by, Correction.reason, Common.timeZone],
    examples: [
      .init(
        "came just now, badge and face covered", "rollcall attendance mark 1042 --in --by Ann --reason \"welding hood\""
      ),
      .init(
        "left while the camera was dark",
        "rollcall attendance mark 1042 --out --time 2026-09-01T17:05 --by Ann --reason \"power cut\""),
    ])

  static func run(_ invocation: Invocation) throws -> Int32 {
    guard invocation[isIn] != invocation[isOut] else {
      throw invocation.refuse("say which way: --in or --out, and not both")
    }
    let (by, reason) = try Correction.words(invocation)
    let now = Date()
    let time = try time(invocation, now)
    guard time <= now else { throw invocation.refuse("--time has not come yet; marks are of what has happened") }
    let store = try Common.openStore(invocation)
    defer { store.close() }
    let mark = Mark(
      personID: invocation[PeopleGroup.id], direction: invocation[isIn] ? .in : .out, time: time, by: by, reason: reason
    )
    try store.insert(mark)
    try Output.standard.line(mark.id)
    return 0
  }

  private static func time(_ invocation: Invocation, _ now: Date) throws -> Date {
    guard let text = invocation[time] else { return now }
    let zone = Common.zone(invocation)
    let isClock = text.wholeMatch(of: #/[0-9]{2}:[0-9]{2}(:[0-9]{2})?/#) != nil
    // A date alone would mean midnight, which is never intended.
    let isDay = (try? Timestamp.parseDay(text, in: zone)) != nil
    do {
      guard !isDay else { throw Complaint("“\(text)” has no time of day; write it like \(text)T17:05") }
      return try Timestamp.parse(isClock ? "\(Timestamp.day(now, in: zone))T\(text)" : text, assuming: zone)
    } catch {
      throw invocation.refuse("--time: \(error)")
    }
  }
}

/// `rollcall attendance void`
enum AttendanceVoid: Verb {
  static let path = "attendance void"
  private static let event = Positional(
    .text("EVENT_ID"), help: "the id in the last column of `rollcall attendance list`, or of `rollcall attendance mark`"
  )
  static let command = Command(
    "void", summary: "say that something in the log does not count",
    description: """
      For when a camera took somebody for somebody else, or a mark was a mistake. The event stays in the log, with who \
      voided it and why; days, mask shares and exports for other programs no longer count it. To void the arrival of a \
      visit voids the whole visit. What is void stays void: enter what is right with rollcall attendance mark.
      """,
    synonyms: ["cancel", "undo", "revoke"], positionals: [event], options: [Correction.by, Correction.reason],
    examples: [
      .init(
        "it was her sister",
        "rollcall attendance void live:2c9d1e5b:14:arrival --by Ann --reason \"it was her sister\"")
    ])

  static func run(_ invocation: Invocation) throws -> Int32 {
    let (by, reason) = try Correction.words(invocation)
    let store = try Common.openStore(invocation)
    defer { store.close() }
    let isNew = try store.insert(Voiding(eventID: invocation[event], by: by, reason: reason))
    Diagnostics.note(isNew ? "it does not count any more" : "it was void already; nothing is changed")
    return 0
  }
}
