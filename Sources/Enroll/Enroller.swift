public import Faces
import Foundation
import Formats
public import Recognize
public import Store
import Values
public import Vision

/// Turns photos into templates: reads and finds faces on several threads, judges them, encodes them in batches, stores
/// each batch.
///
/// Running the same plan again goes on where a stopped run ended, because a picture that is stored is skipped. Memory
/// is bounded by a handful of photos and one batch of chips, however many photos there are. Photos that come one by
/// one, as bytes, are judged and enrolled by any number of threads at once.
public final class Enroller: Sendable {
  /// How to go about it.
  public struct Options: Sendable {
    /// How much of a photo is accepted.
    public var limits: PhotoLimits
    /// Enroll a face that another ID has already.
    public var allowDuplicate: Bool
    /// Enroll covered faces too.
    public var allowCovered: Bool
    /// Learn how each face looks behind masks, which are drawn on; else covered faces are compared with bare ones only.
    public var drawsMasks: Bool

    /// By default the ordinary limits, no duplicates, no covered faces, and with masks drawn on.
    public init(
      limits: PhotoLimits = PhotoLimits(), allowDuplicate: Bool = false, allowCovered: Bool = false,
      drawsMasks: Bool = true
    ) {
      self.limits = limits
      self.allowDuplicate = allowDuplicate
      self.allowCovered = allowCovered
      self.drawsMasks = drawsMasks
    }
  }

  /// Chips encoded together, and templates stored together.
  private static let batch = 16

  let photos: PhotoJudge
  let store: Store
  private let impostors: ImpostorModels
  private let engine: FaceEngine
  private let options: Options

  /// An enroller that writes to a store.
  public init(_ engine: FaceEngine, _ impostors: ImpostorModels, store: Store, options: Options = Options()) {
    photos = PhotoJudge(finder: engine.finder, allowCovered: options.allowCovered, limits: options.limits)
    self.engine = engine
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
  /// - Throws: `StoreError` when the database fails, `VisionError` when a network does. What was stored until then
  ///   stays.
  public func enroll(_ plan: EnrolmentPlan, consent: Consent, progress: (String) throws -> Void = { _ in }) throws
    -> EnrolmentReport
  {
    var roster = try readRoster()
    let items = plan.entries.flatMap { entry in entry.photos.map { Item(entry: entry, file: $0) } }
    let stored = roster
    var report = EnrolmentReport()
    var batch: [Pending] = []

    try forEachInOrder(items) { item in
      self.prepare(item, among: stored)
    } consume: { item, prepared in
      switch prepared {
      case .face(let face):
        batch.append(Pending(item: item, face: face, line: report.lines.count))
        report.lines.append(.init(entry: item.entry, file: item.file, outcome: .skipped))
      case .outcome(let outcome):
        report.lines.append(.init(entry: item.entry, file: item.file, outcome: outcome))
      }
      if batch.count == Self.batch {
        try store(batch, consent: consent, roster: &roster, report: &report)
        batch = []
      }
      try progress(item.file)
    }
    try store(batch, consent: consent, roster: &roster, report: &report)
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
  private func prepare(_ item: Item, among roster: Roster) -> Prepared {
    do {
      return try prepare(Photo.read(item.file, limits: options.limits), of: item.entry.id, among: roster)
    } catch {
      let code = (error as? PhotoError)?.word ?? "failed"
      return .outcome(.failed(FileProblem(file: item.file, code: code, reason: "\(error)")))
    }
  }

  /// Encodes a batch, sorts the duplicates out, and stores what is left, person by person.
  private func store(
    _ batch: [Pending], consent: Consent, roster: inout Roster, report: inout EnrolmentReport
  ) throws {
    var templates: [(entry: EnrolmentPlan.Entry, templates: [Template])] = []
    for (pending, face) in zip(batch, try encode(batch.map(\.face))) {
      let entry = pending.item.entry
      let outcome = outcome(
        of: face, personID: entry.id, among: roster, allowDuplicate: options.allowDuplicate)
      report.lines[pending.line] = .init(entry: entry, file: pending.item.file, outcome: outcome)
      guard outcome == .enrolled else { continue }
      roster.add(PersonName(id: entry.id, name: entry.name))
      roster.add(face.embeddings, digest: face.digest, of: entry.id)
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
    /// By the encoder's identifier.
    let embeddings: [String: Embedding]
    let bare: Embedding
    let quality: Double
    let digest: String

    /// - Parameter source: Name of the photo.
    func templates(source: String) -> [Template] {
      RecognitionMethod.allCases.compactMap { method in
        embeddings[method.encoder].map {
          Template(digest: digest, embedding: $0.values, encoder: method.encoder, quality: quality, source: source)
        }
      }
    }
  }

  /// From a photo's bytes to a face that passed the gate, or what becomes of the photo.
  ///
  /// - Parameters:
  ///   - personID: Whom it shows.
  ///   - roster: Says whether this very photo is enrolled already.
  func prepare(_ data: Data, of personID: String, among roster: Roster) throws -> Prepared {
    let digest = Digest.sha256(data)
    if isDone(digest, of: personID, among: roster) { return .outcome(.skipped) }
    let judged = try photos.judge(data)
    switch judged.result {
    case .success(let face):
      let masked =
        try options.drawsMasks
        ? PeriocularEncoder.chips(of: face.face, in: judged.image, aligner: engine.recognizer.aligner) : []
      return .face(PreparedFace(face: face, masked: masked, digest: digest))
    case .failure(let refusal): return .outcome(.refused(refusal))
    }
  }

  func encode(_ faces: [PreparedFace]) throws(VisionError) -> [EncodedFace] {
    let bare = try engine.recognizer.encoder.encode(faces.map(\.face.face.chip))
    let covered = try engine.periocular.templates(of: faces.map(\.masked))
    return zip(faces, zip(bare, covered)).map { face, embeddings in
      var own = [FaceEncoder.identifier: embeddings.0]
      own[PeriocularEncoder.identifier] = embeddings.1
      return EncodedFace(embeddings: own, bare: embeddings.0, quality: face.face.quality, digest: face.digest)
    }
  }

  /// Whether a face may become a template of a person.
  func outcome(of face: EncodedFace, personID: String, among roster: Roster, allowDuplicate: Bool) -> Outcome {
    if isDone(face.digest, of: personID, among: roster) { return .skipped }
    guard !allowDuplicate else { return .enrolled }
    return roster.duplicates(of: face.bare, except: personID).first.map(Outcome.duplicate) ?? .enrolled
  }

  /// Whether every encoder that this enroller has knows this very photo of a person.
  private func isDone(_ digest: String, of personID: String, among roster: Roster) -> Bool {
    let encoders = [FaceEncoder.identifier] + (options.drawsMasks ? [PeriocularEncoder.identifier] : [])
    return roster.holds(digest, of: personID, seenBy: encoders)
  }

  /// Everybody in the store.
  func readRoster() throws -> Roster { try Roster(store, impostors) }
}
