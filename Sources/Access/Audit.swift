public import Foundation
public import Store

/// Writes the audit log.
///
/// **The entry is written before the change.** If the entry cannot be written, the change is not made. If the change
/// then fails, a second entry records the failure. Only a process that is killed between the two steps leaves an entry
/// that may have no change.
///
/// **A person is recorded only by id, as `.person`.** No part of an entry contains a person's name, and no detail
/// contains a person's id. So forgetting the person removes the id from the log.
public struct Audit: Sendable {
  private let store: Store
  private let now: @Sendable () -> Date

  /// Creates a writer for the audit log of a store.
  ///
  /// - Parameter now: Returns the current time. Tests pass another clock.
  public init(_ store: Store, now: @escaping @Sendable () -> Date = { Date() }) {
    self.store = store
    self.now = now
  }

  /// Records an action of a caller.
  ///
  /// - Parameter detail: 1–1000 characters.
  /// - Throws: `StoreError`. The action must then not be carried out.
  public func record(
    _ action: AuditEntry.Action, _ object: AuditEntry.Object? = nil, detail: String? = nil, by caller: Caller
  ) throws {
    try record(action, object, detail: detail, who: caller.name, address: caller.address)
  }

  /// Records an action of a client that is not authenticated, or not yet.
  ///
  /// - Throws: `StoreError`. The action must then not be carried out.
  public func record(
    _ action: AuditEntry.Action, _ object: AuditEntry.Object? = nil, detail: String? = nil, who: String, address: String
  ) throws {
    try store.insert(
      AuditEntry(
        time: now(), who: who, address: ClientAddress.display(address), action: action, object: object, detail: detail))
  }

  /// Records a change of a caller, and then makes the change.
  ///
  /// - Parameters:
  ///   - detail: 1–1000 characters.
  ///   - body: Makes the change.
  /// - Throws: `StoreError` if the entry cannot be written; nothing is changed then. Any error of `body`.
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
      // The first entry stays in any case. The caller needs the reason why the change failed, not an error of this
      // entry.
      try? record(action, object, detail: Self.failed, who: who, address: address)
      throw error
    }
  }

  /// The detail of an entry that reports the failure of the change recorded before it.
  static let failed = "failed"
}
