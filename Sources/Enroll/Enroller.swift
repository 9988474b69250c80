import Foundation
import Formats
import Mask
internal import Posix
import Recognize
import Store
import Vision

/// What became of one photo.
public enum Outcome: Sendable, Equatable {
  /// A template was stored.
  case enrolled
  /// This very picture is a template of this person already.
  case skipped
  /// Not good enough to recognise somebody by.
  case refused(Refusal)
  /// The file cannot be used at all.
  case failed(Problem)
  /// The face is enrolled under another ID.
  case duplicate(of: KnownPerson)
}

/// An enrolled person, as messages name them.
public struct KnownPerson: Sendable, Equatable {
  /// The person's ID.
  public let id: String
  /// The person's name.
  public let name: String
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

/// Turns photos into templates: reads and finds faces on several threads, judges them, encodes them in batches, stores each batch.
///
/// Running the same plan again goes on where a stopped run ended, because a picture that is stored is skipped. Memory is bounded by
/// a handful of photos and one batch of chips, however many photos there are. Photos that come one by one, as bytes, are judged and
/// enrolled by any number of threads at once; for those the enrolled faces stay in memory.
public final class Enroller: Sendable {
  /// How to go about it.
  public struct Options: Sendable {
    /// How much of a photo is accepted.
    public var limits: PhotoLimits
    /// Enrol a face that another ID has already.
    public var allowDuplicate: Bool

    /// By default the ordinary limits, and no duplicates.
    public init(limits: PhotoLimits = PhotoLimits(), allowDuplicate: Bool = false) {
      self.limits = limits
      self.allowDuplicate = allowDuplicate
    }
  }

  /// Chips encoded together, and templates stored together.
  private static let batch = 16

  let photos: PhotoJudge
  let impostors: ImpostorModel
  let store: Store
  private let periocular: PeriocularEncoder?
  private let options: Options
  /// The enrolled faces as they were at a revision.
  private let latest = Guarded<(revision: PeopleRevision, faces: KnownFaces)?>(nil)

  /// An enroller that writes to a store.
  ///
  /// - Parameters:
  ///   - masks: Tells covered faces, which are refused; nil to enrol them too.
  ///   - periocular: Learns how each face looks behind masks, which are drawn on; nil to compare covered faces with bare ones only.
  public init(
    recognizer: Recognizer, masks: MaskClassifier?, periocular: PeriocularEncoder?, impostors: ImpostorModel,
    store: Store, options: Options = Options()
  ) {
    photos = PhotoJudge(recognizer: recognizer, masks: masks, limits: options.limits)
    self.periocular = periocular
    self.impostors = impostors
    self.store = store
    self.options = options
  }

  /// Enrols a plan.
  ///
  /// - Parameters:
  ///   - plan: Who, from which photos.
  ///   - consent: What the people agreed to; an entry's own day of consent goes before this one's.
  ///   - progress: Called on this thread after each photo, with the photo. What it throws stops the run.
  /// - Throws: `StoreError` when the database fails, `VisionError` when a network does. What was stored until then stays.
  public func enrol(_ plan: EnrolmentPlan, consent: Consent, progress: (String) throws -> Void = { _ in }) throws
    -> EnrolmentReport
  {
    var known = try readKnown()
    let items = plan.entries.flatMap { entry in entry.photos.map { Item(entry: entry, file: $0) } }
    let stored = known.digests
    var report = EnrolmentReport()
    var batch: [Pending] = []

    try forEachInOrder(items) { item in
      self.prepare(item, stored: stored[item.entry.id] ?? [])
    } consume: { item, prepared in
      switch prepared {
      case .face(let face):
        batch.append(Pending(item: item, face: face, line: report.lines.count))
        report.lines.append(.init(entry: item.entry, file: item.file, outcome: .skipped))
      case .outcome(let outcome):
        report.lines.append(.init(entry: item.entry, file: item.file, outcome: outcome))
      }
      if batch.count == Self.batch {
        try store(batch, consent: consent, known: &known, report: &report)
        batch = []
      }
      try progress(item.file)
    }
    try store(batch, consent: consent, known: &known, report: &report)
    return report
  }

  private struct Item: Sendable {
    let entry: EnrolmentPlan.Entry
    let file: String
  }

  private struct Pending {
    let item: Item
    let face: PreparedFace
    /// Where the report tells of it.
    let line: Int
  }

  /// From a file to a face that passed the gate. Runs on a worker thread.
  private func prepare(_ item: Item, stored: Set<String>) -> Prepared {
    do {
      return try prepare(Photo.read(item.file, limits: options.limits)) { stored.contains($0) }
    } catch {
      let code = (error as? PhotoError)?.word ?? "failed"
      return .outcome(.failed(Problem(file: item.file, code: code, reason: "\(error)")))
    }
  }

  /// Encodes a batch, sorts the duplicates out, and stores what is left, person by person.
  private func store(
    _ batch: [Pending], consent: Consent, known: inout KnownFaces, report: inout EnrolmentReport
  ) throws {
    var templates: [(entry: EnrolmentPlan.Entry, templates: [Template])] = []
    for (pending, face) in zip(batch, try encode(batch.map(\.face))) {
      let entry = pending.item.entry
      let outcome = outcome(
        of: face, personID: entry.id, among: known, allowDuplicate: options.allowDuplicate)
      report.lines[pending.line] = .init(entry: entry, file: pending.item.file, outcome: outcome)
      guard outcome == .enrolled else { continue }
      known.add(entry, face.placed, digest: face.digest)
      if templates.last?.entry.id != entry.id { templates.append((entry, [])) }
      templates[templates.count - 1].templates += face.templates(
        source: (pending.item.file as NSString).lastPathComponent)
    }
    for (entry, templates) in templates {
      let given = entry.consented.map { Consent(text: consent.text, date: $0, recorded: consent.recorded) } ?? consent
      _ = try store.addTemplates(
        templates, personID: entry.id, name: entry.name, groups: entry.groups, consent: given)
    }
  }

  // MARK: One photo

  /// A face that passed the gate, and what else enrolment needs of its photo.
  struct PreparedFace: Sendable {
    let face: GoodFace
    /// The face with masks drawn on; empty where nobody learns from that.
    let masked: [Chip]
    /// SHA-256 of the photo.
    let digest: String
  }

  enum Prepared: Sendable {
    case face(PreparedFace)
    case outcome(Outcome)
  }

  /// A face as the encoders have it.
  struct EncodedFace {
    let bare: Embedding
    /// The bare one, placed.
    let placed: PlacedEmbedding
    /// Behind masks; nil where nobody learns that.
    let covered: Embedding?
    let quality: Double
    let digest: String

    /// - Parameter source: Name of the photo.
    func templates(source: String) -> [Template] {
      var own = [(FaceEncoder.identifier, bare)]
      if let covered { own.append((PeriocularEncoder.identifier, covered)) }
      return own.map { encoder, embedding in
        Template(digest: digest, embedding: embedding.values, encoder: encoder, quality: quality, source: source)
      }
    }
  }

  /// From a photo's bytes to a face that passed the gate, or what becomes of the photo.
  ///
  /// - Parameter isDone: Says of a photo's digest whether the photo is enrolled already.
  func prepare(_ data: Data, isDone: (String) -> Bool) throws -> Prepared {
    let digest = Digest.sha256(data)
    if isDone(digest) { return .outcome(.skipped) }
    let judged = try photos.judge(data)
    switch judged.result {
    case .success(let face):
      let masked =
        try periocular == nil
        ? [] : PeriocularEncoder.chips(of: face.face, in: judged.image, aligner: photos.recognizer.aligner)
      return .face(PreparedFace(face: face, masked: masked, digest: digest))
    case .failure(let refusal): return .outcome(.refused(refusal))
    }
  }

  func encode(_ faces: [PreparedFace]) throws(VisionError) -> [EncodedFace] {
    let bare = try photos.recognizer.encoder.encode(faces.map(\.face.face.chip))
    let covered = try periocular?.templates(of: faces.map(\.masked)) ?? faces.map { _ in nil }
    return zip(faces, zip(bare, covered)).map { face, embeddings in
      EncodedFace(
        bare: embeddings.0, placed: impostors.place(embeddings.0), covered: embeddings.1, quality: face.face.quality,
        digest: face.digest)
    }
  }

  /// Whether a face may become a template of a person.
  func outcome(of face: EncodedFace, personID: String, among known: KnownFaces, allowDuplicate: Bool) -> Outcome {
    if known.holds(face.digest, of: personID) { return .skipped }
    guard !allowDuplicate else { return .enrolled }
    let other = known.people(with: face.placed, impostors, except: personID).first
    return other.map(Outcome.duplicate) ?? .enrolled
  }

  private func readKnown() throws -> KnownFaces {
    let encoders = [FaceEncoder.identifier] + (periocular == nil ? [] : [PeriocularEncoder.identifier])
    return try KnownFaces(store, impostors, encoders: encoders)
  }

  /// The enrolled faces as they are now, read again only where somebody has changed.
  func currentlyKnown() throws -> KnownFaces {
    // Asked first: what changes while the faces are read is another revision then.
    let revision = try store.peopleRevision()
    return try latest.withLock { latest in
      if let latest, latest.revision == revision { return latest.faces }
      let faces = try readKnown()
      latest = (revision, faces)
      return faces
    }
  }
}

extension PhotoError {
  /// A short word for programs.
  public var word: String {
    switch code {
    case .empty: "empty"
    case .notAPicture: "not-a-picture"
    case .unsupported: "unsupported"
    case .truncated: "truncated"
    case .damaged: "damaged"
    case .tooManyPixels: "too-many-pixels"
    case .tooManyBytes: "too-many-bytes"
    case .notAFile: "not-a-file"
    case .unreadable: "unreadable"
    }
  }
}

extension EnrolmentReport {
  /// Every photo that did not become a template and was none before, by name and reason.
  public var problems: [Problem] {
    lines.compactMap { line in
      switch line.outcome {
      case .enrolled, .skipped: nil
      case .refused(let refusal): Problem(file: line.file, code: refusal.rawValue, reason: refusal.description)
      case .failed(let problem): problem
      case .duplicate(let other):
        Problem(
          file: line.file, code: "duplicate",
          reason: """
            the face of \(line.entry.name) (\(line.entry.id)) is enrolled as \(other.name) (\(other.id)); \
            if these are two people, enroll with --allow-duplicate
            """)
      }
    }
  }
}
