public import Foundation
import Formats
public import Vision

/// The people to enroll, each with photos.
///
/// ```swift
/// let plan = try EnrolmentPlan.folders(["people"])
/// for entry in plan.entries { print(entry.id, entry.name, entry.photos.count) }
/// ```
///
/// The plan is read before the first photo is opened, so that mistakes in it cost no time.
public struct EnrolmentPlan: Sendable {
  /// One person and their photos.
  public struct Entry: Sendable, Equatable {
    /// The person's ID, which the operator chooses.
    public var id: String
    /// The person's name, as people read it.
    public var name: String
    /// Groups, such as a class or a team.
    public var groups: [String]
    /// The day on which consent was given; nil to use the date of the consent that `Enroller.enroll` is given.
    public var consented: Date?
    /// Paths of photos that show the person.
    public var photos: [String]

    /// Creates an entry.
    public init(id: String, name: String, groups: [String] = [], consented: Date? = nil, photos: [String]) {
      self.id = id
      self.name = name
      self.groups = groups
      self.consented = consented
      self.photos = photos
    }
  }

  /// The people to enroll, in order.
  public var entries: [Entry]
  /// Problems with single photos or people. The rest is enrolled.
  public var problems: [FileProblem]

  /// Creates a plan.
  public init(entries: [Entry], problems: [FileProblem] = []) {
    self.entries = entries
    self.problems = problems
  }

  /// A plan for one person, to whom every photo below the given paths belongs.
  public static func person(id: String, name: String, groups: [String] = [], paths: [String]) -> EnrolmentPlan {
    var finder = PhotoFinder()
    for path in paths { finder.add(path) }
    return EnrolmentPlan(
      entries: [Entry(id: id, name: name, groups: groups, photos: finder.files)], problems: finder.problems)
  }

  /// A plan for folders with one folder per person. The folder's name is the person's ID. With blanks instead of
  /// underscores it is the person's name.
  ///
  /// - Throws: `PlanError` if a path has no such folders. The error says what to give instead.
  public static func folders(_ paths: [String]) throws(PlanError) -> EnrolmentPlan {
    var plan = EnrolmentPlan(entries: [])
    for path in paths {
      let names: [String]
      switch FileID.of(path) {
      case .failure(let problem): throw PlanError("\(path): \(problem.reason)")
      case .success(let found) where !found.isFolder:
        throw PlanError(
          "\(path) is a file, and a photo does not say who it shows: say whom, or give a folder with one folder per "
            + "person",
          needsName: true
        )
      case .success: break
      }
      switch PhotoFinder.contents(of: path) {
      case .failure(let problem): throw PlanError("\(path): \(problem.reason)")
      case .success(let found): names = found
      }
      var loose: [String] = []
      let before = plan.entries.count
      for name in names {
        let inner = (path.hasSuffix("/") ? String(path.dropLast()) : path) + "/" + name
        var finder = PhotoFinder(inside: path)
        switch FileID.of(inner) {
        case .success(let found) where !found.isFolder: loose.append(inner)
        case .success, .failure:
          finder.add(inner)
          plan.problems += finder.problems
          if !finder.files.isEmpty { plan.add(folder: name, photos: finder.files) }
        }
      }
      if plan.entries.count == before && plan.problems.isEmpty {
        throw PlanError(
          loose.isEmpty
            ? "\(path) holds no folders with photos: make one folder per person in it"
            : "\(path) holds photos but no folder per person: make one folder per person in it, give a list that says "
              + "whom each photo shows, or say whom, if they all show one person",
          needsName: !loose.isEmpty)
      }
      plan.problems += loose.map {
        FileProblem(
          file: $0, code: "no-person", reason: "lies outside the people's folders, so whom it shows is unknown")
      }
    }
    return plan
  }

  private mutating func add(folder: String, photos: [String]) {
    let id = Entry.cleaned(folder)
    if let index = entries.firstIndex(where: { $0.id == id }) {
      entries[index].photos += photos
    } else {
      let name = id.replacingOccurrences(of: "_", with: " ")
      entries.append(Entry(id: id, name: name, photos: photos))
    }
  }

  /// Reads a plan from a CSV file with the columns `id`, `name`, `group`, `consent` or `consent date` (a day), and
  /// `photos` or `photo paths`.
  ///
  /// The paths of photos are relative to the file and separated by a bar. A path may be a folder.
  ///
  /// - Throws: `PlanError` if the file cannot be read or a column is missing.
  public static func roster(_ file: String, timeZone: TimeZone) throws(PlanError) -> EnrolmentPlan {
    let table: CSV.Table
    do {
      table = try CSV.Table(parsing: String(contentsOfFile: file, encoding: .utf8), requiring: ["id", "name"])
    } catch let error as CSV.Failure {
      throw PlanError("\(file): \(error)")
    } catch {
      throw PlanError("\(file) cannot be read as text in UTF-8")
    }
    let columns = RosterColumns(table.header)
    guard let consentColumn = columns.consent, let photosColumn = columns.photos else {
      let missing = columns.consent == nil ? "consent (a day)" : "photos (paths)"
      throw PlanError("\(file): no column \(missing); there are \(table.header.joined(separator: ", "))")
    }
    let folder = (file as NSString).deletingLastPathComponent
    var plan = EnrolmentPlan(entries: [])
    for row in table.rows {
      let here = "\(file), line \(row.line)"
      let id = (row["id"] ?? "").trimmingCharacters(in: .whitespaces)
      guard !id.isEmpty, let name = row["name"], !name.isEmpty else {
        plan.problems.append(FileProblem(file: here, code: "roster", reason: "no id or no name"))
        continue
      }
      guard let day = row[consentColumn], let consented = try? Timestamp.parseDay(day, in: timeZone) else {
        plan.problems.append(
          FileProblem(
            file: here, code: "no-consent", reason: "no day of consent (as in 2026-09-01), so no template for \(id)"))
        continue
      }
      var finder = PhotoFinder()
      for path in (row[photosColumn] ?? "").split(separator: "|") {
        let trimmed = path.trimmingCharacters(in: .whitespaces)
        finder.add(trimmed.hasPrefix("/") || folder.isEmpty ? trimmed : folder + "/" + trimmed)
      }
      plan.problems += finder.problems
      if finder.files.isEmpty && finder.problems.isEmpty {
        plan.problems.append(FileProblem(file: here, code: "no-photos", reason: "no photos for \(id)"))
      }
      let groups = (columns.group.flatMap { row[$0] } ?? "").split(separator: "|").map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      plan.entries.append(Entry(id: id, name: name, groups: groups, consented: consented, photos: finder.files))
    }
    return plan
  }
}

extension EnrolmentPlan.Entry {
  /// A folder's name without control characters, which are not allowed in IDs and names, cut to 128 characters.
  static func cleaned(_ name: String) -> String {
    let parts = name.components(separatedBy: .controlCharacters).joined(separator: " ")
    return String(parts.trimmingCharacters(in: .whitespaces).prefix(128))
  }
}

/// The names of the CSV file's columns. Offices use different names for them.
private struct RosterColumns {
  let consent: String?
  let photos: String?
  let group: String?

  init(_ header: [String]) {
    func first(_ names: String...) -> String? {
      header.first {
        names.contains($0.lowercased().replacing("_", with: " ").trimmingCharacters(in: .whitespaces))
      }
    }
    consent = first("consent", "consent date")
    photos = first("photos", "photo", "photo paths", "photo path")
    group = first("group", "groups")
  }
}

/// An error in the paths or the CSV file, with what to do instead.
public struct PlanError: Error, CustomStringConvertible, Sendable {
  /// What is wrong and what to do instead.
  public let description: String
  /// Whether it would help to give a person's name.
  public let needsName: Bool

  init(_ description: String, needsName: Bool = false) {
    self.description = description
    self.needsName = needsName
  }
}
