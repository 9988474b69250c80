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
/// It reads photos and finds faces on several threads, checks them with the quality gate, encodes them in batches,
/// judges the photos of each person together, and stores those that show the person.
///
/// A stopped run continues when the same plan is run again, because photos that are stored are skipped. Memory is
/// bounded by a few photos and two batches of faces, whatever the number of photos. Any number of threads may judge and
/// enroll single photos at once, from their bytes.
public final class Enroller: Sendable {
  /// The settings of an enrolment.
  public struct Options: Sendable {
    /// Limits on the size of the photos.
    public var limits: PhotoLimits
    /// Enrolls a face that is enrolled under another ID already.
    public var allowDuplicate: Bool
    /// Enrolls photos that show someone else than the other photos of their person, and people whose name another ID
    /// has.
    public var allowDifferent: Bool
    /// Enrolls covered faces too.
    public var allowCovered: Bool
    /// Draws masks on each face and keeps how it looks behind them. Otherwise covered faces are compared only with bare
    /// ones.
    public var drawsMasks: Bool

    /// Creates options. By default: the usual limits, no duplicates, no different people, no covered faces, and with
    /// masks drawn on.
    public init(
      limits: PhotoLimits = PhotoLimits(), allowDuplicate: Bool = false, allowDifferent: Bool = false,
      allowCovered: Bool = false, drawsMasks: Bool = true
    ) {
      self.limits = limits
      self.allowDuplicate = allowDuplicate
      self.allowDifferent = allowDifferent
      self.allowCovered = allowCovered
      self.drawsMasks = drawsMasks
    }
  }

  let photos: PhotoJudge
  let store: Store
  let likeness: Likeness
  private let impostors: ImpostorModels
  let engine: FaceEngine
  let options: Options

  /// Creates an enroller that writes to a store.
  public init(_ engine: FaceEngine, _ impostors: ImpostorModels, store: Store, options: Options = Options()) {
    photos = PhotoJudge(finder: engine.finder, allowCovered: options.allowCovered, limits: options.limits)
    self.engine = engine
    self.impostors = impostors
    likeness = Likeness(impostors)
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
    let run = EnrolmentRun(self, roster: try readRoster(), names: try store.names(), consent: consent)
    return try run.enroll(plan, progress: progress)
  }

  // MARK: One photo

  /// A face that passed the quality gate, with the other data of its photo that enrolment needs.
  struct PreparedFace: Sendable {
    let face: GoodFace
    /// The chips of the face with masks drawn on; empty if masks are not drawn.
    let masked: [Chip]
    /// SHA-256 of the photo.
    let digest: String
    /// Whether something covers the face. Its embedding by the face encoder then tells little about the person.
    let isCovered: Bool
  }

  enum Prepared: Sendable {
    case face(PreparedFace)
    case outcome(Outcome)
  }

  /// A face with its embeddings.
  struct EncodedFace {
    let embeddings: TemplateEmbeddings
    /// The face, ready to be compared with others of the person; nil for a covered face, which is not compared.
    let place: Likeness.Place?
    let quality: Double
    let digest: String

    /// - Parameter source: The name of the photo.
    func templates(source: String) -> [Template] {
      embeddings.byEncoder.sorted { $0.key < $1.key }.map { encoder, embedding in
        Template(digest: digest, embedding: embedding.values, encoder: encoder, quality: quality, source: source)
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
      return .face(PreparedFace(face: face, masked: masked, digest: digest, isCovered: judged.isCovered))
    case .failure(let refusal): return .outcome(.refused(refusal))
    }
  }

  func encode(_ faces: [PreparedFace]) throws(VisionError) -> [EncodedFace] {
    zip(faces, try engine.templates(of: faces.map { ($0.face.face.chip, $0.masked) })).map { face, embeddings in
      EncodedFace(
        embeddings: embeddings, place: face.isCovered ? nil : likeness.place(embeddings), quality: face.face.quality,
        digest: face.digest)
    }
  }

  /// The outcome of a face: `enrolled` if it may become a template of the person.
  ///
  /// - Parameters:
  ///   - misfit: What the photo does not fit; nil if it shows the person.
  ///   - allowDuplicate: Enrolls a face that is enrolled under another ID already.
  func outcome(
    of face: EncodedFace, person: PersonName, misfit: Stray.Reference?, among roster: Roster, allowDuplicate: Bool
  ) -> Outcome {
    if isDone(face.digest, of: person.id, among: roster) { return .skipped }
    if misfit == nil && allowDuplicate { return .enrolled }
    let other = roster.duplicates(of: face.embeddings, except: person.id).first
    if let misfit { return .stray(Stray(person: person, reference: misfit, like: other)) }
    return other.map(Outcome.duplicate) ?? .enrolled
  }

  /// Whether all encoders of this enroller have encoded this photo of a person already.
  private func isDone(_ digest: String, of personID: String, among roster: Roster) -> Bool {
    let encoders = engine.templateEncoders(behindMasks: options.drawsMasks)
    return roster.holds(digest, of: personID, seenBy: encoders)
  }

  /// Reads everybody in the store, as far as enrolment compares with them.
  func readRoster() throws -> Roster { try Roster(store, impostors, for: [.face]) }
}
