import Attendance
import Evaluation
import Foundation
import Formats
import Report
import Store
import Terminal
import Values

/// `rollcall attendance masks`
enum AttendanceMasks: Verb {
  static let path = "attendance masks"

  enum Format: String, CaseIterable, Sendable {
    case text
    case csv
    case json
  }

  private static let format = Option("format", .choice(of: Format.self), default: .text, help: "how to print")
  private static let file = Option("output", .text("FILE"), help: "where to write (default: standard output)")
  private static let picture = Option(
    "picture", .text("FILE"), help: "draw it as well, as a file whose name ends in .png or .svg")
  static let command = Command(
    "masks", summary: "how often masks are worn, by day, hour and camera",
    description: """
      The share of faces with a mask worn over mouth, nose and chin, among those that show it: arrivals, changes \
      during a visit, and faces in photos, of known and unknown people. Unsure labels do not count, nor what is void. \
      Behind each share stands its 95 % interval (Wilson's): few faces say little.
      """,
    synonyms: ["mask", "compliance", "report"],
    options: [
      AttendanceGroup.from, AttendanceGroup.to, AttendanceGroup.group, AttendanceGroup.camera, AttendanceGroup.dayStart,
      Common.timeZone, format, file, picture,
    ],
    examples: [
      .init("this month", "rollcall attendance masks --from 2026-09-01"),
      .init(
        "for the notice board", "rollcall attendance masks --from 2026-09-01 --to 2026-09-30 --picture september.svg"),
    ])

  static func run(_ invocation: Invocation) throws -> Int32 {
    try AttendanceGroup.checkDays(invocation)
    let kind = try invocation[picture].map { path in
      guard let kind = CompliancePicture.Kind(rawValue: (path as NSString).pathExtension.lowercased()) else {
        throw invocation.refuse("--picture: “\(path)” ends neither in .png nor in .svg")
      }
      return kind
    }
    let plotter = try kind.map { _ in try Plotter() }
    let store = try Common.openLog(invocation)
    defer { store.close() }
    let query = AttendanceLog.Query(
      from: invocation[AttendanceGroup.from], to: invocation[AttendanceGroup.to],
      group: invocation[AttendanceGroup.group], camera: invocation[AttendanceGroup.camera])
    let log = AttendanceLog(
      store: store, timeZone: Common.zone(invocation),
      rules: DayRules(dayStart: invocation[AttendanceGroup.dayStart] ?? 0))
    let compliance = try log.maskCompliance(query)
    if let path = invocation[picture], let kind, let plotter, !compliance.days.isEmpty {
      let data = try drawing(compliance, invocation).draw(kind, with: plotter)
      try WholeFile.write(path) { try data.write(to: URL(fileURLWithPath: $0)) }
      Diagnostics.note("the picture is \(path)")
    }
    if compliance.days.isEmpty {
      Diagnostics.note("no face in the log for this")
      if invocation[format] == .text { return 0 }
    }
    let text: String
    switch invocation[format] {
    case .json: text = json(compliance).text(pretty: true, decimals: 4) + "\n"
    case .csv: text = csv(compliance)
    case .text:
      let style = invocation[file] == nil ? Output.standard.style : .plain
      let width = invocation[file] == nil ? Output.standard.width : nil
      text = tables(compliance).map { $0.text(width: width, style: style) }.joined(separator: "\n")
    }
    guard let path = invocation[file] else {
      try Output.standard.write(text)
      return 0
    }
    try WholeFile.writeText(path) { try $0(text) }
    return 0
  }

  // MARK: Content

  private typealias Entry = (name: String, tally: MaskCompliance.Tally)

  private static func days(_ compliance: MaskCompliance) -> [Entry] {
    compliance.days.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private static func hours(_ compliance: MaskCompliance) -> [Entry] {
    compliance.hours.sorted { $0.key < $1.key }.map { (hour($0.key), $0.value) }
  }

  private static func cameras(_ compliance: MaskCompliance) -> [Entry] {
    compliance.cameras.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private static func hour(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  private static func tables(_ compliance: MaskCompliance) -> [TextTable] {
    [
      ("day", days(compliance) + [("all", compliance.total)]), ("hour", hours(compliance)),
      ("camera", cameras(compliance)),
    ]
    .filter { !$0.1.isEmpty }.map { title, entries in
      var table = TextTable(
        [.init(title), .init("masked", .right), .init("95 % interval", .right), .init("of faces", .right)]
          + MaskLabel.allCases.map { .init($0.rawValue, .right) })
      for (name, tally) in entries {
        let share = tally.share
        let interval = share.map { "\(percent($0.interval.lowerBound))–\(percent($0.interval.upperBound)) %" }
        table.add(
          [name, share.map { "\(percent($0.value)) %" } ?? "", interval ?? "", String(tally.labelled)]
            + MaskLabel.allCases.map { String(tally[$0]) })
      }
      return table
    }
  }

  private static func percent(_ share: Double) -> String { String(format: "%.1f", share * 100) }

  private static func csv(_ compliance: MaskCompliance) -> String {
    let labels = MaskLabel.allCases
    let header = ["by", "value", "share", "low", "high", "labelled"] + labels.map(\.rawValue)
    let number = { (share: Double?) in share.map { String(format: "%.4f", $0) } ?? "" }
    let parts: [(String, [Entry])] = [
      ("all", [("", compliance.total)]), ("day", days(compliance)), ("hour", hours(compliance)),
      ("camera", cameras(compliance)),
    ]
    let rows = parts.flatMap { part, entries in
      entries.map { name, tally in
        let share = tally.share
        return [
          part, name, number(share?.value), number(share?.interval.lowerBound), number(share?.interval.upperBound),
          String(tally.labelled),
        ] + labels.map { String(tally[$0]) }
      }
    }
    return ([header] + rows).map(CSV.encode).joined()
  }

  private static func json(_ compliance: MaskCompliance) -> JSONValue {
    func members(_ tally: MaskCompliance.Tally) -> [JSONValue.Member] {
      let share = tally.share
      return [
        .init("share", .optional(share?.value)), .init("low", .optional(share?.interval.lowerBound)),
        .init("high", .optional(share?.interval.upperBound)), .init("labelled", .int(tally.labelled)),
      ] + MaskLabel.allCases.map { .init($0.rawValue, .int(tally[$0])) }
    }
    func list(_ key: String, _ entries: [Entry]) -> JSONValue {
      .array(entries.map { .object([.init(key, .string($0.name))] + members($0.tally)) })
    }
    return .object(
      members(compliance.total) + [
        .init("days", list("day", days(compliance))), .init("hours", list("hour", hours(compliance))),
        .init("cameras", list("camera", cameras(compliance))),
      ])
  }

  // MARK: Picture

  private static func drawing(_ compliance: MaskCompliance, _ invocation: Invocation) -> CompliancePicture {
    let total = compliance.total.share
    let title =
      total.map { "\(percent($0.value)) % of \($0.total) faces wore a mask" } ?? "No face shows a mask or none"
    let narrowed = [
      invocation[AttendanceGroup.from].map { "from \($0)" }, invocation[AttendanceGroup.to].map { "to \($0)" },
      invocation[AttendanceGroup.group].map { "group \($0)" },
      invocation[AttendanceGroup.camera].map { "camera \($0)" },
    ].compactMap { $0 }
    let words = narrowed + ["numbers: faces", "whiskers: 95 % interval"]
    let hours = compliance.hours.keys.sorted()
    let span = hours.first.flatMap { first in hours.last.map { Array(first...$0) } } ?? []
    return CompliancePicture(
      title: title, subtitle: words.joined(separator: " · "),
      days: everyDay(compliance).map { .init($0, compliance.days[$0]?.share) },
      hours: span.map { .init(hour($0), compliance.hours[$0]?.share) },
      cameras: cameras(compliance).sorted { $0.tally.labelled > $1.tally.labelled }.map {
        .init($0.name, $0.tally.share)
      }
    )
  }

  /// All days from the first to the last, so that the picture shows days without faces as a gap.
  ///
  /// If the days span more than 400 days, only those with faces are returned.
  private static func everyDay(_ compliance: MaskCompliance) -> [String] {
    let known = compliance.days.keys.sorted()
    guard let first = known.first, let last = known.last, var day = try? Timestamp.parseDay(first, in: .gmt) else {
      return known
    }
    var days = [first]
    while let latest = days.last, latest < last, days.count <= 400 {
      day = Timestamp.nextDay(after: day, in: .gmt)
      days.append(Timestamp.day(day, in: .gmt))
    }
    return days.last == last ? days : known
  }
}

extension MaskCompliance.Tally {
  /// The share of faces with a mask worn well among the labelled faces; nil if there are none.
  fileprivate var share: Proportion? { labelled > 0 ? Proportion(self[.mask], of: labelled) : nil }
}
