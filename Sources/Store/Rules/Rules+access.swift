import Foundation

extension Rules {
  static let accountNameLength = 64
  static let hashLength = 128
  static let stampLength = 64
  static let csrfLength = 128
  static let permissionLength = 64
  static let whoLength = 256
  static let addressLength = 128
  static let actionLength = 64
  static let objectLength = 256
  static let headerLength = 2048

  static func check(_ account: Account) throws {
    try check(uuid: account.id, "an account's id")
    try check(accountName: account.name)
    try check(account.passwordHash, "a password's hash", longest: hashLength)
    try check(account.stamp, "an account's stamp", longest: stampLength)
  }

  static func check(accountName name: String) throws {
    guard Account.isName(name) else {
      throw invalid("an account's name is not 1–\(accountNameLength) letters, digits, or . _ - @")
    }
  }

  static func check(_ session: Session) throws {
    try check(digest: session.id, "a session's id")
    try check(session.stamp, "an account's stamp", longest: stampLength)
    try check(session.csrf, "a session's second secret", longest: csrfLength)
  }

  static func check(_ token: APIToken) throws {
    try check(uuid: token.id, "a token's id")
    try check(token.name, "a token's name", longest: nameLength)
    try check(digest: token.digest, "a token's digest")
    for permission in token.permissions { try check(permission, "a permission", longest: permissionLength) }
    guard Set(token.permissions).count == token.permissions.count else { throw invalid("a permission is named twice") }
  }

  static func check(_ entry: AuditEntry) throws {
    try check(uuid: entry.id, "an audit entry's id")
    try check(entry.who, "the name of who did it", longest: whoLength)
    try check(entry.address, "the address", longest: addressLength)
    let action = entry.action.rawValue
    guard action.utf8.count <= actionLength,
      action.split(separator: "-", omittingEmptySubsequences: false).allSatisfy({ word in
        !word.isEmpty && word.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
      })
    else { throw invalid("an action is not 1–\(actionLength) lowercase letters and hyphens") }
    switch entry.object {
    case .person(let id): try check(personID: id)
    case .account(let name): try check(accountName: name)
    case .other(let text): try check(text, "the object", longest: objectLength)
    case .forgotten, nil: break
    }
    if let detail = entry.detail { try check(detail, "the detail", longest: reasonLength) }
  }

  static func check(_ request: IdempotentRequest) throws {
    try check(digest: request.id, "a request's id")
    try check(digest: request.digest, "a request's digest")
  }

  static func check(_ answer: IdempotentAnswer) throws {
    guard (100...599).contains(answer.status) else { throw invalid("an answer's status is not 100–599") }
    for text in [answer.contentType, answer.location, answer.entityTag].compactMap(\.self) {
      try check(text, "a header of an answer", longest: headerLength)
    }
    guard answer.body.count <= IdempotentAnswer.longestBody else {
      throw invalid("an answer is longer than \(IdempotentAnswer.longestBody) bytes")
    }
  }

  static func check(_ camera: CameraSetting) throws {
    try check(camera.name, "the camera's name", longest: nameLength)
    try check(camera.source, "the camera's source", longest: sourceLength)
    try check(camera.by, "the name of who set it up", longest: whoLength)
  }

  static func check(uuid text: String, _ what: String) throws {
    guard UUID(uuidString: text)?.uuidString.lowercased() == text else {
      throw invalid("\(what) is no UUID in lowercase")
    }
  }
}
