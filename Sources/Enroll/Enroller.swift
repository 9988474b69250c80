import Foundation
import Formats
import Mask
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
/// a handful of photos and one batch of chips, however many photos there are.
public final class Enroller {
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
  /// How rarely, per photo, somebody else's face may be taken for a duplicate: rarer than a false match at the door, because it stops
  /// an operator's work.
  private static let duplicateFPIR = 0.0001
  /// An enrolment photo is a portrait: a face narrower than the gate accepts need not be looked for.
  private static let portrait = Detector.Options(
    threshold: Detector.clearFace, minimumFace: QualityGate.minimumFace, maximumPixels: 1_000_000)
  /// Where that finds nothing: whatever might be a face, to say what is wrong with it.
  private static let anyFace = Detector.Options(minimumFace: 20, maximumPixels: 1_000_000)

  private let recognizer: Recognizer
  private let masks: MaskClassifier?
  private let periocular: PeriocularEncoder?
  private let impostors: ImpostorModel
  private let store: Store
  private let options: Options
  private let gate = QualityGate()

  /// An enroller that writes to a store.
  ///
  /// - Parameters:
  ///   - masks: Tells covered faces, which are refused; nil to enrol them too.
  ///   - periocular: Learns how each face looks behind masks, which are drawn on; nil to compare covered faces with bare ones only.
  public init(
    recognizer: Recognizer, masks: MaskClassifier?, periocular: PeriocularEncoder?, impostors: ImpostorModel,
    store: Store, options: Options = Options()
  ) {
    self.recognizer = recognizer
    self.masks = masks
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
    let encoders = [FaceEncoder.identifier] + (periocular == nil ? [] : [PeriocularEncoder.identifier])
    var known = try KnownFaces(store, impostors, encoders: encoders)
    let items = plan.entries.flatMap { entry in entry.photos.map { Item(entry: entry, file: $0) } }
    let stored = known.digests
    var report = EnrolmentReport()
    var batch: [Pending] = []

    let (recognizer, masks, gate, limits) = (recognizer, masks, gate, options.limits)
    let drawsMasks = periocular != nil
    try forEachInOrder(items) { item in
      Self.prepare(
        item, stored: stored[item.entry.id] ?? [], recognizer: recognizer, masks: masks, drawsMasks: drawsMasks,
        gate: gate, limits: limits)
    } consume: { item, prepared in
      switch prepared {
      case .face(let face, let masked, let digest):
        batch.append(Pending(item: item, face: face, masked: masked, digest: digest, line: report.lines.count))
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

  private enum Prepared: Sendable {
    case face(GoodFace, masked: [Chip], digest: String)
    case outcome(Outcome)
  }

  private struct Pending {
    let item: Item
    let face: GoodFace
    /// The face with masks drawn on.
    let masked: [Chip]
    let digest: String
    /// Where the report tells of it.
    let line: Int
  }

  /// From a file to a face that passed the gate. Runs on a worker thread.
  private static func prepare(
    _ item: Item, stored: Set<String>, recognizer: Recognizer, masks: MaskClassifier?, drawsMasks: Bool,
    gate: QualityGate, limits: PhotoLimits
  ) -> Prepared {
    do {
      let data = try Photo.read(item.file, limits: limits)
      let digest = Digest.sha256(data)
      if stored.contains(digest) { return .outcome(.skipped) }
      let image = try Photo(decoding: data, limits: limits).image
      var faces = try recognizer.faces(in: image, options: portrait)
      if faces.isEmpty { faces = try recognizer.faces(in: image, options: anyFace) }
      switch try gate.judge(faces, in: image) {
      case .success(let face):
        let status = try masks?.classify([face.face.landmarks], in: image).first
        if let refusal = status.flatMap(Refusal.init) { return .outcome(.refused(refusal)) }
        let masked =
          try drawsMasks ? PeriocularEncoder.chips(of: face.face, in: image, aligner: recognizer.aligner) : []
        return .face(face, masked: masked, digest: digest)
      case .failure(let refusal): return .outcome(.refused(refusal))
      }
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
    let embeddings = try recognizer.encoder.encode(batch.map(\.face.face.chip))
    let covered = try periocular?.templates(of: batch.map(\.masked)) ?? batch.map { _ in nil }
    for ((pending, embedding), covered) in zip(zip(batch, embeddings), covered) {
      let entry = pending.item.entry
      let placed = impostors.place(embedding)
      let outcome = known.outcome(
        entry, placed, digest: pending.digest, allowDuplicate: options.allowDuplicate,
        threshold: impostors.toBare.threshold(gallery: known.gallery.count, fpir: Self.duplicateFPIR))
      report.lines[pending.line] = .init(entry: entry, file: pending.item.file, outcome: outcome)
      guard outcome == .enrolled else { continue }
      known.add(entry, placed, digest: pending.digest)
      var own = [(FaceEncoder.identifier, embedding)]
      if let covered { own.append((PeriocularEncoder.identifier, covered)) }
      if templates.last?.entry.id != entry.id { templates.append((entry, [])) }
      templates[templates.count - 1].templates += own.map { encoder, embedding in
        Template(
          digest: pending.digest, embedding: embedding.values, encoder: encoder, quality: pending.face.quality,
          source: (pending.item.file as NSString).lastPathComponent, created: Date())
      }
    }
    for (entry, templates) in templates {
      let given = entry.consented.map { Consent(text: consent.text, date: $0, recorded: consent.recorded) } ?? consent
      _ = try store.addTemplates(
        templates, personID: entry.id, name: entry.name, groups: entry.groups, consent: given)
    }
  }
}

/// The people in the store and those added in this run.
private struct KnownFaces {
  private(set) var gallery = Gallery()
  /// The pictures of each person that are done.
  private(set) var digests: [String: Set<String>] = [:]
  private var names: [String: String] = [:]

  /// - Parameter encoders: A photo that one of these has not seen is not done.
  init(_ store: Store, _ impostors: ImpostorModel, encoders: [String]) throws {
    var seen: [String: [String: Set<String>]] = [:]
    try store.forEachGalleryEntry { entry in
      names[entry.personID] = entry.name
      seen[entry.personID, default: [:]][entry.digest, default: []].insert(entry.encoder)
      guard entry.encoder == FaceEncoder.identifier, let embedding = Embedding(entry.embedding) else { return }
      gallery.add(impostors.place(embedding), personID: entry.personID)
    }
    digests = seen.mapValues { photos in Set(photos.filter { $0.value.isSuperset(of: encoders) }.keys) }
  }

  func outcome(
    _ entry: EnrolmentPlan.Entry, _ face: PlacedEmbedding, digest: String, allowDuplicate: Bool, threshold: Double
  ) -> Outcome {
    if digests[entry.id]?.contains(digest) == true { return .skipped }
    guard !allowDuplicate else { return .enrolled }
    let nearest = gallery.nearest(to: face, limit: 2).first { $0.personID != entry.id }
    guard let nearest, Double(nearest.distance) <= threshold else { return .enrolled }
    return .duplicate(of: KnownPerson(id: nearest.personID, name: names[nearest.personID] ?? nearest.personID))
  }

  mutating func add(_ entry: EnrolmentPlan.Entry, _ face: PlacedEmbedding, digest: String) {
    gallery.add(face, personID: entry.id)
    digests[entry.id, default: []].insert(digest)
    names[entry.id] = entry.name
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
