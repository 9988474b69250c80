public import Faces
import Foundation
import Formats
public import Recognize
public import Store
import Values
public import Vision

/// An enroller, which turns photos into templates.
///
/// ```swift
/// let enroller = Enroller(engine, impostors, store: store)
/// let plan = try EnrolmentPlan.folders(["people"])
/// let report = try enroller.enroll(plan, consent: consent)
/// print(report.enrolled, report.problems)
/// ```
///
/// It reads photos and finds faces on several threads, checks them with the quality gate, encodes them in batches, and
/// stores each batch.
///
/// A stopped run continues when the same plan is run again, because photos that are stored are skipped. Memory is
/// bounded by a few photos and one batch of chips, whatever the number of photos. Any number of threads may judge and
/// enroll single photos at once, from their bytes.
public final class Enroller: Sendable {
  /// The settings of an enrolment.
  public struct Options: Sendable {
    /// Limits on the size of the photos.
    public var limits: PhotoLimits
    /// Enrolls a face that is enrolled under another ID already.
    public var allowDuplicate: Bool
    /// Enrolls covered faces too.
    public var allowCovered: Bool
    /// Draws masks on each face and keeps how it looks behind them. Otherwise covered faces are compared only with bare
    /// ones.
    public var drawsMasks: Bool

    /// Creates options. By default: the usual limits, no duplicates, no covered faces, and with masks drawn on.
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

  /// The number of faces that are encoded together and of templates that are stored together.
  private static let batch = 16

  let photos: PhotoJudge
  let store: Store
  private let impostors: ImpostorModels
  private let engine: FaceEngine
  private let options: Options

  /// Creates an enroller that writes to a store.
  public init(_ engine: FaceEngine, _ impostors: ImpostorModels, store: Store, options: Options = Options()) {
    photos = PhotoJudge(finder: engine.finder, allowCovered: options.allowCovered, limits: options.limits)
    self.engine = engine
    self.impostors = impostors
    self.store = store
    self.options = options
  }

  /// Enrolls the people of a plan.
  ///
  /// - Parameters:
  ///   - plan: The people and their photos.
  ///   - consent: What the people agreed to. An entry's own day of consent is used instead of this one's.
  ///   - progress: Called on this thread after each photo, with the photo's path. If it throws, the run stops.
  /// - Throws: `StoreError` if the database fails, `VisionError` if a network fails. Templates that were stored before
  ///   that remain.
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
    /// The index of its line in the report.
    let line: Int
  }

  /// Reads a file and finds its face. Runs on a worker thread.
  private func prepare(_ item: Item, among roster: Roster) -> Prepared {
    do {
      return try prepare(Photo.read(item.file, limits: options.limits), of: item.entry.id, among: roster)
    } catch {
      let code = (error as? PhotoError)?.word ?? "failed"
      return .outcome(.failed(FileProblem(file: item.file, code: code, reason: "\(error)")))
    }
  }

  /// Encodes a batch, removes the duplicates, and stores the other faces person by person.
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

  /// A face that passed the quality gate, with the other data of its photo that enrolment needs.
  struct PreparedFace: Sendable {
    let face: GoodFace
    /// The chips of the face with masks drawn on; empty if masks are not drawn.
    let masked: [Chip]
    /// SHA-256 of the photo.
    let digest: String
  }

  enum Prepared: Sendable {
    case face(PreparedFace)
    case outcome(Outcome)
  }

  /// A face with its embeddings.
  struct EncodedFace {
    /// The embeddings by the encoder's identifier.
    let embeddings: [String: Embedding]
    let bare: Embedding
    let quality: Double
    let digest: String

    /// - Parameter source: The name of the photo.
    func templates(source: String) -> [Template] {
      RecognitionMethod.allCases.compactMap { method in
        embeddings[method.encoder].map {
          Template(digest: digest, embedding: $0.values, encoder: method.encoder, quality: quality, source: source)
        }
      }
    }
  }

  /// Finds the face in a photo's bytes.
  ///
  /// - Parameters:
  ///   - personID: The person whom the photo shows.
  ///   - roster: Says whether this photo is enrolled already.
  /// - Returns: A face that passed the quality gate, or the photo's outcome.
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

  /// The outcome of a face: `enrolled` if it may become a template of the person.
  func outcome(of face: EncodedFace, personID: String, among roster: Roster, allowDuplicate: Bool) -> Outcome {
    if isDone(face.digest, of: personID, among: roster) { return .skipped }
    guard !allowDuplicate else { return .enrolled }
    return roster.duplicates(of: face.bare, except: personID).first.map(Outcome.duplicate) ?? .enrolled
  }

  /// Whether all encoders of this enroller have encoded this photo of a person already.
  private func isDone(_ digest: String, of personID: String, among roster: Roster) -> Bool {
    let encoders = [FaceEncoder.identifier] + (options.drawsMasks ? [PeriocularEncoder.identifier] : [])
    return roster.holds(digest, of: personID, seenBy: encoders)
  }

  /// Reads everybody in the store, as far as enrolment compares with them.
  func readRoster() throws -> Roster { try Roster(store, impostors, servesCovered: false) }
}
