public import Foundation

/// The answer to a request that may be sent twice and must be carried out once.
public struct IdempotentAnswer: Sendable, Equatable {
  /// The largest number of bytes of a body that can be stored.
  public static let longestBody = 1 << 20
  /// Seconds for which an answer is stored: a day.
  public static let life: TimeInterval = 86_400
  /// Seconds after which a request without an answer counts as abandoned, because the process that worked on it was
  /// killed.
  public static let patience: TimeInterval = 300

  /// The status of the answer, 100…599.
  public let status: Int
  /// The media type of the answer; nil without a body.
  public let contentType: String?
  /// The header `Location` of the answer, if it has one.
  public let location: String?
  /// The header `ETag` of the answer, if it has one.
  public let entityTag: String?
  /// The body of the answer. It must not contain a secret, such as a token's text, because it is stored as it is.
  public let body: Data

  /// An answer as given.
  public init(
    status: Int, contentType: String? = nil, location: String? = nil, entityTag: String? = nil, body: Data = Data()
  ) {
    self.status = status
    self.contentType = contentType
    self.location = location
    self.entityTag = entityTag
    self.body = body
  }
}

/// A request that may be sent twice.
public struct IdempotentRequest: Sendable, Equatable {
  /// The digest of what identifies the request: account, method, path and key. 64 lowercase hexadecimal digits. The
  /// path itself is not stored, because it may contain a person's id.
  public let id: String
  /// The id of the account.
  public let accountID: String
  /// SHA-256 of the request's body, 64 lowercase hexadecimal digits.
  public let digest: String

  /// A request as given.
  public init(id: String, accountID: String, digest: String) {
    self.id = id
    self.accountID = accountID
    self.digest = digest
  }
}

/// What to do with a request that may be sent twice.
public enum IdempotentClaim: Sendable, Equatable {
  /// Carry it out. Then call `finish` or `abandon` with this piece of work.
  case yours(Work)
  /// It is being carried out. Ask again later.
  case running
  /// It was carried out. This was the answer.
  case answered(IdempotentAnswer)
  /// An earlier request with the same key had another body.
  case otherBody

  /// The exclusive right to carry out a request.
  public struct Work: Sendable, Equatable {
    let id: String
    let claim: String
  }
}
