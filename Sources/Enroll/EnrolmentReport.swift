public import Values
public import Vision

/// What happened to one photo.
public enum Outcome: Sendable, Equatable {
  /// A template was stored.
  case enrolled
  /// The same photo is a template of this person already.
  case skipped
  /// The photo is not good enough to recognise a person by.
  case refused(PhotoRefusal)
  /// The file cannot be used at all.
  case failed(FileProblem)
  /// The face is enrolled under another ID.
  case duplicate(of: PersonName)
}

/// The result of an enrolment, photo by photo.
public struct EnrolmentReport: Sendable {
  /// One photo of one person.
  public struct Line: Sendable {
    /// The person whom the photo shows.
    public let entry: EnrolmentPlan.Entry
    /// The photo's path.
    public let file: String
    /// What happened to the photo.
    public let outcome: Outcome
  }

  /// The photos, in the plan's order.
  public internal(set) var lines: [Line] = []

  /// The number of photos whose outcome meets a condition.
  public func count(_ isCounted: (Outcome) -> Bool) -> Int { lines.reduce(0) { isCounted($1.outcome) ? $0 + 1 : $0 } }
  /// The number of photos that became templates.
  public var enrolled: Int { count { $0 == .enrolled } }
  /// The number of photos that were templates before.
  public var skipped: Int { count { $0 == .skipped } }
  /// The number of people who got at least one template.
  public var people: Int { Set(lines.filter { $0.outcome == .enrolled }.map(\.entry.id)).count }
  /// Whether all photos are templates: enrolled by this run or before.
  public var isClean: Bool { enrolled + skipped == lines.count }
}

extension EnrolmentReport {
  /// Every photo that is not a template, with the reason.
  public var problems: [FileProblem] {
    lines.compactMap { line in
      switch line.outcome {
      case .enrolled, .skipped: nil
      case .refused(let refusal): FileProblem(file: line.file, code: refusal.rawValue, reason: refusal.description)
      case .failed(let problem): problem
      case .duplicate(let other):
        FileProblem(
          file: line.file, code: "duplicate",
          reason: """
            the face of \(line.entry.name) (\(line.entry.id)) is enrolled as \(other.name) (\(other.id))
            """)
      }
    }
  }
}
