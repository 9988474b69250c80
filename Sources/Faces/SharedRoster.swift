internal import Posix

/// The roster that several cameras and requests share. It is replaced as a whole when people are enrolled, renamed or
/// forgotten.
public final class SharedRoster: Sendable {
  private let value: Guarded<Roster>

  /// Creates a shared roster with its first value.
  public init(_ roster: Roster) {
    value = Guarded(roster)
  }

  /// The current roster.
  public var current: Roster {
    get { value.withLock { $0 } }
    set { value.withLock { $0 = newValue } }
  }
}
