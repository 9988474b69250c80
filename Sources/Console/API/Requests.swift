import Access
import Foundation
import Store

// Decoded bodies of requests. Each was checked against the endpoint's schema before.

struct NewPerson: Decodable {
  struct Agreement: Decodable {
    let text: String
    /// The day of the agreement; nil means today.
    let date: String?
  }

  /// The ID; nil lets the server choose one.
  let id: String?
  let name: String
  let groups: [String]?
  let consent: Agreement
}

struct PersonChange: Decodable {
  /// The new name; nil keeps the present one.
  let name: String?
  /// The new groups; nil keeps the present ones.
  let groups: [String]?
}

struct PicturePair: Decodable {
  let a: Data
  let b: Data
}

struct NewCamera: Decodable {
  let name: String
  let source: String
}

struct NewMark: Decodable {
  let person: String
  let direction: Mark.Direction
  /// The time as in RFC 3339.
  let time: String
  let reason: String
}

struct NewVoiding: Decodable {
  let reason: String
}

struct FirstAccount: Decodable {
  let secret: String
  let name: String
  let password: String
}

struct LogIn: Decodable {
  let name: String
  let password: String
}

struct PasswordChange: Decodable {
  let current: String
  let new: String
}

struct NewUser: Decodable {
  let name: String
  let role: Role
  let password: String
}

struct UserChange: Decodable {
  /// The new role; nil keeps the present one.
  let role: Role?
  /// The new password; nil keeps the present one.
  let password: String?
}

struct NewToken: Decodable {
  let name: String
  let permissions: Set<Permission>
  /// The days until the token expires; nil for a token that never expires.
  let days: Int?
}

extension Role: Decodable {}
extension Permission: Decodable {}
extension Mark.Direction: Decodable {}
