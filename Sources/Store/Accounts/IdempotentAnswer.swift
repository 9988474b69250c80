public import Foundation

/// The answer to a request that may be sent twice and must be carried out once.
public struct IdempotentAnswer: Sendable, Equatable {
  /// Bytes that a body may have to be kept.
  public static let longestBody = 1 << 20
  /// Seconds for which an answer is kept: a day.
  public static let life: TimeInterval = 86_400
  /// Seconds after which a request that has no answer yet counts as given up, because whoever worked on it was killed.
  public static let patience: TimeInterval = 300

  /// Status of the answer, 100…599.
  public let status: Int
  /// Its media type; nil without a body.
  public let contentType: String?
  /// Its `Location`, if it has one.
  public let location: String?
  /// Its `ETag`, if it has one.
  public let entityTag: String?
  /// Its body. It must hold no secret, such as a token's text: it is stored as it is.
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
  /// Digest of whatever makes two requests the same one: account, method, path and key. 64 lowercase hexadecimal
  /// digits. Not these themselves, because a path may have a person's id.
  public let id: String
  /// Id of the account.
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
  /// Carry it out, then `finish` or `abandon` this piece of work.
  case yours(Work)
  /// It is being carried out: ask again later.
  case running
  /// It was carried out; this was the answer.
  case answered(IdempotentAnswer)
  /// There was one of the same key with another body.
  case otherBody

  /// The right to carry out a request, and nobody else's at this time.
  public struct Work: Sendable, Equatable {
    let id: String
    let claim: String
  }
}
