public import Values
public import Vision

/// What became of one photo.
public enum Outcome: Sendable, Equatable {
  /// A template was stored.
  case enrolled
  /// This very picture is a template of this person already.
  case skipped
  /// Not good enough to recognise somebody by.
  case refused(PhotoRefusal)
  /// The file cannot be used at all.
  case failed(FileProblem)
  /// The face is enrolled under another ID.
  case duplicate(of: PersonName)
}

/// What an enrolment did, photo by photo.
public struct EnrolmentReport: Sendable {
  /// One photo of one person.
  public struct Line: Sendable {
    /// Whom the photo shows.
    public let entry: EnrolmentPlan.Entry
    /// The photo's path.
    public let file: String
    /// What became of it.
    public let outcome: Outcome
  }

  /// In the plan's order.
  public internal(set) var lines: [Line] = []

  /// How many photos came out in a way.
  public func count(_ isCounted: (Outcome) -> Bool) -> Int { lines.reduce(0) { isCounted($1.outcome) ? $0 + 1 : $0 } }
  /// Photos that became templates.
  public var enrolled: Int { count { $0 == .enrolled } }
  /// Photos that were templates before.
  public var skipped: Int { count { $0 == .skipped } }
  /// People who got at least one template.
  public var people: Int { Set(lines.filter { $0.outcome == .enrolled }.map(\.entry.id)).count }
  /// Nothing was refused and nothing failed.
  public var isClean: Bool { enrolled + skipped == lines.count }
}

extension EnrolmentReport {
  /// Every photo that did not become a template and was none before, by name and reason.
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
