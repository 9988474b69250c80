public import Foundation
public import Store

/// Writes the audit log.
///
/// **The entry comes before the change.** When it cannot be written, the change is not made, so nothing happens that
/// the log does not know. When the change then fails, another entry says so; only a process that is killed between the
/// two leaves an entry that may have no change.
///
/// **A person is named by id, as `.person`, and nowhere else**: no name, no id in a detail. Forgetting the person then
/// takes the id out.
public struct Audit: Sendable {
  private let store: Store
  private let now: @Sendable () -> Date

  /// - Parameter now: the time; other than the present one in tests.
  public init(_ store: Store, now: @escaping @Sendable () -> Date = { Date() }) {
    self.store = store
    self.now = now
  }

  /// Says what a caller does.
  ///
  /// - Parameter detail: 1–1000 characters.
  /// - Throws: `StoreError`; then whatever it is must not be done.
  public func record(
    _ action: AuditEntry.Action, _ object: AuditEntry.Object? = nil, detail: String? = nil, by caller: Caller
  ) throws {
    try record(action, object, detail: detail, who: caller.name, address: caller.address)
  }

  /// Says what somebody does who is not known, or not yet.
  ///
  /// - Throws: `StoreError`; then whatever it is must not be done.
  public func record(
    _ action: AuditEntry.Action, _ object: AuditEntry.Object? = nil, detail: String? = nil, who: String, address: String
  ) throws {
    try store.insert(
      AuditEntry(
        time: now(), who: who, address: ClientAddress.display(address), action: action, object: object, detail: detail))
  }

  /// Says what a caller changes, and then has it changed.
  ///
  /// - Parameters:
  ///   - detail: 1–1000 characters.
  ///   - body: the change.
  /// - Throws: `StoreError` when the entry cannot be written, and then nothing is changed; whatever `body` throws.
  public func change<Result>(
    _ action: AuditEntry.Action, _ object: AuditEntry.Object? = nil, detail: String? = nil, by caller: Caller,
    _ body: () throws -> Result
  ) throws -> Result {
    try change(action, object, detail: detail, who: caller.name, address: caller.address, body)
  }

  func change<Result>(
    _ action: AuditEntry.Action, _ object: AuditEntry.Object? = nil, detail: String? = nil, who: String,
    address: String, _ body: () throws -> Result
  ) throws -> Result {
    try record(action, object, detail: detail, who: who, address: address)
    do {
      return try body()
    } catch {
      // The first entry stands in any case; what the caller has to hear is why the change failed.
      try? record(action, object, detail: Self.failed, who: who, address: address)
      throw error
    }
  }

  /// Detail of the entry that says that what the one before it tells of failed.
  static let failed = "failed"
}
