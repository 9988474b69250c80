import Faces
import Foundation
import Posix
import Store
import Values
import Vision

/// One run of an enroller over a plan.
///
/// The photos of a person are judged together, as far as they come in one batch. Photos of a person who is stored, or
/// whose earlier photos of the run are, are compared with the stored templates.
final class EnrolmentRun {
  /// The number of faces that are encoded together, and after which the photos of one person are judged.
  private static let batch = 16

  private struct Item: Sendable {
    let entry: EnrolmentPlan.Entry
    let file: String
  }

  /// A face on its way, with the index of its line in the report.
  private struct Pending<Face> {
    let item: Item
    let face: Face
    let line: Int
  }

  private let enroller: Enroller
  private let consent: Consent
  private var roster: Roster
  private var names: NamesInUse
  private var report = EnrolmentReport()
  private var prepared: [Pending<Enroller.PreparedFace>] = []
  /// Faces that wait for the other photos of their person.
  private var encoded: [Pending<Enroller.EncodedFace>] = []
  /// The people of whom nothing more is read, with the outcome of their photos.
  private let closed = Guarded<[String: Outcome]>([:])

  init(_ enroller: Enroller, roster: Roster, names: [PersonName], consent: Consent) {
    self.enroller = enroller
    self.roster = roster
    self.names = NamesInUse(names)
    self.consent = consent
  }

  func enroll(_ plan: EnrolmentPlan, progress: (String) throws -> Void) throws -> EnrolmentReport {
    if !enroller.options.allowDifferent { refuseTakenNames(plan) }
    let items = plan.entries.flatMap { entry in entry.photos.map { Item(entry: entry, file: $0) } }
    let (enroller, stored, closed) = (enroller, roster, closed)
    try forEachInOrder(items) { item in
      closed.withLock { $0[item.entry.id] }.map(Enroller.Prepared.outcome)
        ?? enroller.prepare(item.file, of: item.entry.id, among: stored)
    } consume: { item, result in
      let line = report.lines.count
      switch result {
      case .face(let face):
        prepared.append(Pending(item: item, face: face, line: line))
        report.lines.append(.init(entry: item.entry, file: item.file, outcome: .skipped))
      case .outcome(let outcome): report.lines.append(.init(entry: item.entry, file: item.file, outcome: outcome))
      }
      if prepared.count == Self.batch {
        try encode()
        try settle(before: line + 1 < items.count ? items[line + 1].entry.id : nil)
      }
      try progress(item.file)
    }
    try encode()
    try settle(before: nil)
    return report
  }

  /// Closes the people whose name belongs to another ID: in the store, or earlier in the plan.
  private func refuseTakenNames(_ plan: EnrolmentPlan) {
    for entry in plan.entries where !entry.photos.isEmpty {
      if let other = names.owner(of: entry.name, except: entry.id) {
        closed.withLock { $0[entry.id] = .nameTaken(by: other) }
      } else {
        names.add(PersonName(id: entry.id, name: entry.name))
      }
    }
  }

  private func encode() throws {
    let faces = try enroller.encode(prepared.map(\.face))
    encoded += zip(prepared, faces).map { Pending(item: $0.item, face: $1, line: $0.line) }
    prepared = []
  }

  /// Judges and stores the faces of the people whose photos are complete, and of a person with a whole batch.
  ///
  /// - Parameter next: The ID of the person whose photo comes next.
  private func settle(before next: String?) throws {
    while let id = encoded.first?.item.entry.id {
      let group = Array(encoded.prefix { $0.item.entry.id == id })
      if group.count == encoded.count, id == next, group.count < Self.batch { return }
      encoded.removeFirst(group.count)
      try settle(group, id)
    }
  }

  /// Judges the faces of one person together and stores those that show the person.
  private func settle(_ group: [Pending<Enroller.EncodedFace>], _ id: String) throws {
    let misfits = closed.withLock { $0[id] } == nil ? misfits(group, id) : [:]
    let refusal = closed.withLock { $0[id] }
    var templates: [(entry: EnrolmentPlan.Entry, templates: [Template])] = []
    for pending in group {
      let (entry, face) = (pending.item.entry, pending.face)
      let person = PersonName(id: id, name: roster.names[id] ?? entry.name)
      let outcome =
        refusal
        ?? enroller.outcome(
          of: face, person: person, misfit: misfits[pending.line], among: roster,
          allowDuplicate: enroller.options.allowDuplicate)
      report.lines[pending.line] = .init(entry: entry, file: pending.item.file, outcome: outcome)
      guard outcome == .enrolled else { continue }
      roster.add(person)
      roster.add(face.embeddings.byEncoder, digest: face.digest, of: id)
      if templates.last?.entry != entry { templates.append((entry, [])) }
      templates[templates.count - 1].templates += face.templates(
        source: (pending.item.file as NSString).lastPathComponent)
    }
    for (entry, templates) in templates {
      let given = entry.consented.map { Consent(text: consent.text, date: $0, recorded: consent.recorded) } ?? consent
      _ = try enroller.store.addTemplates(
        templates, personID: id, name: entry.name, groups: entry.groups, consent: given)
    }
  }

  /// What the photos of a group do not fit, by the index of their line. Photos that show the person are left out.
  ///
  /// A person whose photos show different people is closed.
  private func misfits(_ group: [Pending<Enroller.EncodedFace>], _ id: String) -> [Int: Stray.Reference] {
    guard !enroller.options.allowDifferent else { return [:] }
    let likeness = enroller.likeness
    let faces = group.compactMap { pending in pending.face.place.map { (pending, place: $0) } }
    var core: [Likeness.Place]
    var reference = Stray.Reference.templates
    if roster.photoCount(of: id) > 0 {
      core = faces.map(\.place).filter { !roster.isFar($0, from: id) }
    } else if faces.count < 2 {
      return [:]
    } else {
      // A copy of a photo has no second vote. Nor has, as long as they are few, a photo of somebody who is enrolled
      // under another ID.
      var digests: Set<String> = []
      let distinct = faces.filter { digests.insert($0.0.face.digest).inserted }
      let unknown = distinct.filter {
        enroller.options.allowDuplicate || roster.duplicates(of: $0.0.face.embeddings, except: id).isEmpty
      }
      let voters = unknown.count * 2 < distinct.count ? distinct : unknown
      let majority = PhotoMajority(
        count: voters.count, compare: { likeness.compare(voters[$0].place, voters[$1].place) },
        isNear: likeness.isNear)
      guard let middle = majority.middle else { return [:] }
      if majority.isMixed {
        closed.withLock { $0[id] = .mixed(photos: voters.count) }
        return [:]
      }
      core = majority.core.map { voters[$0].place }
      let file = voters[middle].0.item.file
      reference = majority.core.count > 1 ? .most(file) : .one(file)
    }
    var misfits: [Int: Stray.Reference] = [:]
    for (pending, place) in faces where core.isEmpty || likeness.isFar(place, from: core) {
      if reference != .templates || roster.isFar(place, from: id) { misfits[pending.line] = reference }
    }
    return misfits
  }
}

extension Enroller {
  /// Reads a file and finds its face. Runs on a worker thread.
  fileprivate func prepare(_ file: String, of personID: String, among roster: Roster) -> Prepared {
    do {
      return try prepare(Photo.read(file, limits: options.limits), of: personID, among: roster)
    } catch {
      let code = (error as? PhotoError)?.word ?? "failed"
      return .outcome(.failed(FileProblem(file: file, code: code, reason: "\(error)")))
    }
  }
}
