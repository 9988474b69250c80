import Foundation
public import Enroll

/// Whom live views know. Replaced as a whole when people are enrolled, renamed or forgotten meanwhile.
///
/// `@unchecked Sendable`: the value is read and written under the lock.
public final class CurrentPeople: @unchecked Sendable {
  private let lock = NSLock()
  private var value: KnownPeople

  /// Begins with these.
  public init(_ people: KnownPeople) {
    value = people
  }

  /// As they are known now.
  public var current: KnownPeople {
    get { lock.withLock { value } }
    set { lock.withLock { value = newValue } }
  }
}
