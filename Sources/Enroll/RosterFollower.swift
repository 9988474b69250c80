import Dispatch
public import Faces
internal import Posix
public import Recognize
public import Store

/// A follower of the store, which keeps a roster up to date.
///
/// ```swift
/// let follower = try RosterFollower(store, impostors)
/// let roster = follower.roster.current
/// ```
///
/// Every few seconds it checks whether any process has enrolled, renamed or forgotten people. While the database cannot
/// be reached, the roster stays as it is.
///
/// `@unchecked Sendable`: everything that changes is locked, and Dispatch accepts calls to its timers from any thread.
public final class RosterFollower: @unchecked Sendable {
  /// The time from one check to the next, in seconds.
  private static let pause = 5.0

  /// The roster as of the last check.
  public let roster: SharedRoster
  private let store: Store
  private let impostors: ImpostorModels
  private let fpir: Double
  /// The roster's revision. It is locked while people are read, so that an older roster never replaces a newer one.
  private let revision: Guarded<PeopleRevision>
  private let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "people"))

  /// Reads the people and begins to check for changes, until it is stopped.
  ///
  /// - Parameter fpir: The wanted false-positive identification rate, 0…1.
  /// - Throws: `StoreError`.
  public init(_ store: Store, _ impostors: ImpostorModels, fpir: Double = Matcher.defaultFPIR) throws {
    self.store = store
    self.impostors = impostors
    self.fpir = fpir
    // Read before the people: a change while they are read then has another revision, and the next check finds it.
    revision = Guarded(try store.peopleRevision())
    roster = SharedRoster(try Roster(store, impostors, fpir: fpir))
    timer.schedule(deadline: .now() + Self.pause, repeating: Self.pause)
    timer.setEventHandler { [weak self] in _ = try? self?.refresh() }
    timer.resume()
  }

  deinit { timer.cancel() }

  /// Checks at once. This costs little if there are no changes.
  ///
  /// - Returns: The roster with everything that was stored before the call.
  /// - Throws: `StoreError` if the database does not answer. The roster stays as it is.
  @discardableResult
  public func refresh() throws -> Roster {
    try revision.withLock { revision in
      let latest = try store.peopleRevision()
      if latest != revision {
        roster.current = try Roster(store, impostors, fpir: fpir)
        revision = latest
      }
      return roster.current
    }
  }

  /// Stops the checks.
  public func stop() { timer.cancel() }
}
