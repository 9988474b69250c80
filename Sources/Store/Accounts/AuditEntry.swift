public import Foundation
import Posix

/// An entry of the audit log: who did what, when and from where. Entries are added and never removed, even if the
/// account that they mention is removed.
///
/// **An entry never contains the name of an enrolled person.** The person's id is stored in `object`, as `.person`, and
/// nowhere else. So forgetting the person removes the id and leaves the rest of the entry as it is.
public struct AuditEntry: Sendable, Equatable {
  /// What was done: short words such as "login" or "user-add".
  public struct Action: RawRepresentable, Sendable, Hashable {
    /// 1–64 lowercase letters, with single hyphens between them.
    public let rawValue: String

    /// An action of this name.
    public init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// Somebody logged in.
    public static let login = Action(rawValue: "login")
    /// A login failed.
    public static let loginFailed = Action(rawValue: "login-failed")
    /// Somebody logged out.
    public static let logout = Action(rawValue: "logout")
    /// The first account was made.
    public static let setup = Action(rawValue: "setup")
    /// An account was made.
    public static let userAdd = Action(rawValue: "user-add")
    /// An account's role or password was changed.
    public static let userChange = Action(rawValue: "user-change")
    /// An account was removed.
    public static let userRemove = Action(rawValue: "user-remove")
    /// A token was made.
    public static let tokenAdd = Action(rawValue: "token-add")
    /// A token was revoked.
    public static let tokenRevoke = Action(rawValue: "token-revoke")
    /// A person was enrolled. Only this entry may name a person who does not exist yet, because it is written first.
    public static let personAdd = Action(rawValue: "person-add")
    /// A person's name or groups were changed.
    public static let personChange = Action(rawValue: "person-change")
    /// A person was forgotten.
    public static let personForget = Action(rawValue: "person-forget")
    /// A photo of a person was enrolled.
    public static let photoAdd = Action(rawValue: "photo-add")
    /// A mark was entered.
    public static let mark = Action(rawValue: "mark")
    /// An event or a mark was voided.
    public static let void = Action(rawValue: "void")
    /// The log was exported.
    public static let export = Action(rawValue: "export")
    /// A person's page or log was viewed.
    public static let look = Action(rawValue: "look")
    /// The snapshot of an event was viewed.
    public static let snapshot = Action(rawValue: "snapshot")
    /// A camera was added.
    public static let cameraAdd = Action(rawValue: "camera-add")
    /// A camera was removed.
    public static let cameraRemove = Action(rawValue: "camera-remove")
  }

  /// The person or thing that the action was done to.
  public enum Object: Sendable, Equatable {
    /// A person who is enrolled, by id.
    case person(String)
    /// An account, by name.
    case account(String)
    /// Anything else, such as a camera, a token or an event, by name or id. 1–256 characters, without anything about a
    /// person.
    case other(String)
    /// A person who was forgotten after the entry was written.
    case forgotten

    /// The id or name; "forgotten" for a person who was forgotten.
    public var text: String {
      switch self {
      case .person(let text), .account(let text), .other(let text): text
      case .forgotten: "forgotten"
      }
    }
  }

  /// A UUID in lowercase. The ids that one process makes are in order of time, even within one millisecond, the
  /// resolution at which the database stores times.
  public let id: String
  /// When it was done.
  public let time: Date
  /// The name of the account, or another word for the client. 1–256 characters.
  public let who: String
  /// The address of the client, or another word for the place. 1–128 characters.
  public let address: String
  /// What was done.
  public let action: Action
  /// The person or thing that it was done to; nil if there is none.
  public let object: Object?
  /// More details, in words and numbers, without a person's name or id; nil if there are none. 1–1000 characters.
  public let detail: String?

  /// An entry, by default with a new id and the current time.
  public init(
    id: String? = nil, time: Date = Date(), who: String, address: String, action: Action,
    object: Object? = nil, detail: String? = nil
  ) {
    self.id = id ?? Self.newID(at: time)
    self.time = time
    self.who = who
    self.address = address
    self.action = action
    self.object = object
    self.detail = detail
  }

  private static let made = Guarded<UInt32>(0)

  /// A UUID of version 7 as RFC 9562 defines it: milliseconds, then a counter (its method 1), then random bits.
  private static func newID(at time: Date) -> String {
    let count = made.withLock { count in
      count &+= 1
      return count & 0x3FF_FFFF
    }
    let milliseconds = UInt64(exactly: (time.timeIntervalSince1970 * 1000).rounded()) ?? 0
    let high = (milliseconds & 0xFFFF_FFFF_FFFF) << 16 | 0x7000 | UInt64(count >> 14)
    let low = 0x8000_0000_0000_0000 | UInt64(count & 0x3FFF) << 48 | UInt64.random(in: 0..<1 << 48)
    let digits = [high, low].map { word in
      let text = String(word, radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }.joined()
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { range in
      let start = digits.index(digits.startIndex, offsetBy: range.lowerBound)
      return String(digits[start..<digits.index(start, offsetBy: range.count)])
    }.joined(separator: "-")
  }
}
