import Dispatch
import Faces
import Formats
import Foundation
import Posix
public import Recognize
public import Store
import Values

/// What a track has shown of a person behind a mask, after the bare face had named the person.
public struct LearntLook: Sendable {
  /// The person's ID.
  public let personID: String
  /// The embeddings of the track's bare and covered face.
  public let face: TemplateEmbeddings
  /// The mean quality of the covered chips, 0…1.
  public let quality: Double
}

/// A learner of how people look behind their masks: it writes the looks that cameras have learnt to the database.
///
/// ```swift
/// let learner = Learner(store) { print($0) }
/// var options = Tracker.Options()
/// options.learns = true
/// let session = CameraSession("entrance", engine, roster, options: options, listeners: [spool, learner])
/// ```
///
/// A look is less important than an event. The camera never waits for it, and a look that cannot be written is dropped:
/// the person's next visit gives another one.
public final class Learner: Sendable {
  /// The maximum number of learnt looks of a person. The oldest one makes room for a new one.
  public static let capacity = 3
  /// The number of looks that may wait for the database.
  private static let waiting = 16

  private let store: Store
  private let report: @Sendable (String) -> Void
  private let queue = DispatchQueue(label: "learner")
  private let counts = Guarded((waiting: 0, learnt: 0))

  /// Creates a learner.
  ///
  /// - Parameters:
  ///   - store: Must stay open until the learner is closed.
  ///   - report: Called with the reason when a look was dropped, from any thread. It names no person.
  public init(_ store: Store, report: @escaping @Sendable (String) -> Void) {
    self.store = store
    self.report = report
  }

  /// Writes what waits, and ends.
  ///
  /// - Returns: The number of looks that were learnt.
  public func close() -> Int {
    queue.sync { counts.withLock { $0.learnt } }
  }

  private func write(_ look: LearntLook, _ camera: String, _ time: Date) {
    let embeddings = look.face.byEncoder.sorted { $0.key < $1.key }
    let bytes = embeddings.reduce(into: Data()) { data, entry in
      entry.value.values.withUnsafeBytes { data.append(contentsOf: $0) }
    }
    let templates = embeddings.map { encoder, embedding in
      Template(
        digest: Digest.sha256(bytes), embedding: embedding.values, encoder: encoder, quality: look.quality,
        source: camera, created: time, isLearnt: true)
    }
    do {
      try store.learn(templates, personID: look.personID, keeping: Self.capacity)
      counts.withLock { $0.learnt += 1 }
    } catch let error as StoreError where error.code == .notFound {
      // Forgotten since the picture was taken.
    } catch {
      report("a look behind a mask was not learnt: \(error)")
    }
  }
}

extension Learner: CameraListener {
  /// Writes what a picture has taught, on a thread of the learner's.
  public func session(_ camera: String, observed observation: Observation) {
    for look in observation.learnt {
      let isFull = counts.withLock { counts in
        defer { counts.waiting += counts.waiting < Self.waiting ? 1 : 0 }
        return counts.waiting >= Self.waiting
      }
      guard !isFull else { continue }
      queue.async { [self] in
        write(look, camera, observation.time)
        counts.withLock { $0.waiting -= 1 }
      }
    }
  }
}
