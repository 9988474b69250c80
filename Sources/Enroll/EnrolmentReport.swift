public import Values
public import Vision

/// A photo that shows someone else than the other photos of its person.
public struct Stray: Sendable, Equatable {
  /// What the photo does not fit.
  public enum Reference: Sendable, Equatable {
    /// The stored templates of the person.
    case templates
    /// Most of the photos that came with it, such as this one.
    case most(String)
    /// The one photo that came with it, so that either of the two may be the wrong one.
    case one(String)
  }

  /// The person to whom the photo was given.
  public let person: PersonName
  /// What the photo does not fit.
  public let reference: Reference
  /// The person whom the photo seems to show; nil if nobody who is enrolled looks like it.
  public let like: PersonName?
}

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
  /// The photo shows someone else than the other photos of its person.
  case stray(Stray)
  /// The photos of this person show different people, so nothing of the person is stored. `photos` is the number of
  /// photos that were compared.
  case mixed(photos: Int)
  /// The name belongs to another ID, so nothing of the person is stored.
  case nameTaken(by: PersonName)
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
  /// Every photo that is not a template, with the reason. A person of whom nothing is stored is named once, not once a
  /// photo.
  public var problems: [FileProblem] {
    var told: Set<String> = []
    return lines.compactMap { line in
      switch line.outcome {
      case .mixed, .nameTaken: told.insert(line.entry.id).inserted ? line.problem : nil
      default: line.problem
      }
    }
  }
}

extension EnrolmentReport.Line {
  private var person: PersonName { PersonName(id: entry.id, name: entry.name) }

  /// Why the photo is not a template; nil if it is.
  fileprivate var problem: FileProblem? {
    switch outcome {
    case .enrolled, .skipped: nil
    case .refused(let refusal): FileProblem(file: file, code: refusal.rawValue, reason: refusal.description)
    case .failed(let problem): problem
    case .duplicate(let other):
      FileProblem(
        file: file, code: "duplicate", reason: "the face of \(person.words) is enrolled as \(other.words)")
    case .stray(let stray):
      FileProblem(file: file, code: stray.like == nil ? "different" : "another", reason: stray.reason)
    case .mixed(let photos):
      FileProblem(
        file: entry.place, code: "mixed",
        reason: """
          the \(photos) photos that were compared show different people, so nothing of \(person.words) is stored; \
          make one folder per person, or a list that says whom each photo shows
          """)
    case .nameTaken(let other):
      FileProblem(
        file: entry.place, code: "name-taken",
        reason: "\(person.words) is not enrolled, because the name belongs to the ID \(other.id) already")
    }
  }
}

extension Stray {
  /// Why the photo is refused, as part of a sentence for the operator.
  var reason: String {
    let fit =
      switch reference {
      case .templates: "the face does not fit the enrolled photos of \(person.words)"
      case .most(let file): "the face does not fit most photos of \(person.words), such as \(file)"
      case .one(let file): "the face does not fit \(file), and one of the two does not show \(person.words)"
      }
    return fit + (like.map { "; it looks like \($0.words)" } ?? "")
  }
}

extension EnrolmentPlan.Entry {
  /// The folder that holds all photos of the person, or the first photo.
  fileprivate var place: String {
    func parts(_ path: String) -> [Substring] { path.split(separator: "/", omittingEmptySubsequences: false) }
    guard photos.count > 1, let first = photos.first else { return photos.first ?? id }
    var shared = parts(first).dropLast()
    for photo in photos {
      let parts = parts(photo)
      shared = shared.prefix(zip(shared, parts).prefix { $0 == $1 }.count)
    }
    return shared.isEmpty || shared == [""] ? first : shared.joined(separator: "/")
  }
}

extension PersonName {
  /// The name with the ID.
  fileprivate var words: String { "\(name) (\(id))" }
}
