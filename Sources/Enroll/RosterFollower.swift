import Dispatch
public import Faces
internal import Posix
public import Recognize
public import Store

/// Keeps a roster up to date: looks every few seconds whether people were enrolled, renamed or forgotten, by whatever
/// process. While the database is away, those are known who were known before.
///
/// `@unchecked Sendable`: nothing of it changes but what is locked; Dispatch takes its timers from any thread.
public final class RosterFollower: @unchecked Sendable {
  /// From one look to the next, in seconds.
  private static let pause = 5.0

  /// The people, as they were at the last look.
  public let roster: SharedRoster
  private let store: Store
  private let impostors: ImpostorModels
  private let fpir: Double
  /// The roster's revision. Locked while people are read, so that older ones never take the place of newer ones.
  private let revision: Guarded<PeopleRevision>
  private let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "people"))

  /// Reads the people, and goes on looking until it is stopped.
  ///
  /// - Parameter fpir: The wanted false-positive identification rate, 0…1.
  /// - Throws: `StoreError`.
  public init(_ store: Store, _ impostors: ImpostorModels, fpir: Double = Matcher.defaultFPIR) throws {
    self.store = store
    self.impostors = impostors
    self.fpir = fpir
    // Asked first: what changes while the people are read is another revision then.
    revision = Guarded(try store.peopleRevision())
    roster = SharedRoster(try Roster(store, impostors, fpir: fpir))
    timer.schedule(deadline: .now() + Self.pause, repeating: Self.pause)
    timer.setEventHandler { [weak self] in _ = try? self?.refresh() }
    timer.resume()
  }

  deinit { timer.cancel() }

  /// Looks at once; costs little when nobody has changed.
  ///
  /// - Returns: the roster with everything that was stored before the call.
  /// - Throws: `StoreError` when the database does not answer; the roster stays as it is.
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

  /// Looks no more by itself.
  public func stop() { timer.cancel() }
}
