public import Enroll
internal import Posix

/// Whom live views know. Replaced as a whole when people are enrolled, renamed or forgotten meanwhile.
public final class CurrentPeople: Sendable {
  private let value: Guarded<KnownPeople>

  /// Begins with these.
  public init(_ people: KnownPeople) {
    value = Guarded(people)
  }

  /// As they are known now.
  public var current: KnownPeople {
    get { value.withLock { $0 } }
    set { value.withLock { $0 = newValue } }
  }
}
