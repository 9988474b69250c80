import Foundation
import Posix
import Store
import TestResources
import Testing

@testable import Access

struct PasswordTests {
  @Test("a hash of the usual cost is Argon2id, and tells the right password from others")
  func hashing() throws {
    let passwords = try Passwords()
    let hash = try passwords.hash("correct horse battery")
    #expect(hash.hasPrefix("$argon2id$v=19$m=65536,t=2,p=1$"))
    #expect(passwords.verify("correct horse battery", against: hash))
    #expect(!passwords.verify("correct horse batterz", against: hash))
    #expect(!passwords.verify("", against: hash))
    #expect(!passwords.verify("correct horse battery", against: "no hash at all"))
    #expect(!passwords.verify("correct horse battery", against: nil))
    #expect(!passwords.isOutdated(hash))
    let cheap = try Gate.passwords()
    #expect(cheap.isOutdated(hash))
    #expect(cheap.verify("correct horse battery", against: hash))
    #expect(try cheap.hash("correct horse battery") != cheap.hash("correct horse battery"))
  }

  @Test("a password may be typed in any of the ways that look the same, and have any character")
  func characters() throws {
    let passwords = try Gate.passwords()
    #expect(passwords.verify("cafe\u{301} au lait", against: try passwords.hash("caf\u{E9} au lait")))
    let odd = "\u{0}\n\u{1F600} pass\u{0}word"
    #expect(passwords.verify(odd, against: try passwords.hash(odd)))
    #expect(!passwords.verify("\u{0}", against: try passwords.hash(odd)))
  }

  @Test("hashing in many threads at once works")
  func threads() throws {
    let passwords = try Gate.passwords()
    let right = Guarded(0)
    inThreads(16) { number in
      guard let hash = try? passwords.hash("password \(number)"), passwords.verify("password \(number)", against: hash)
      else { return }
      right.withLock { $0 += 1 }
    }
    #expect(right.withLock { $0 } == 16)
  }

  @Test(
    "passwords that are guessed first are refused, with the reason",
    arguments: [
      ("123456789", "characters"), (String(repeating: "ab1?", count: 65), "characters"), ("1234567890", "first"),
      ("PassWord123", "first"), ("QWERTYUIOP", "first"), ("aaaaaaaaaabb", "few"),
      ("Gertrude@example.org", "name"), ("gertrude@example.org123", "name"),
    ])
  func weak(password: String, reason: String) {
    let error = accessError { try Passwords.check(password, forAccount: "gertrude@example.org") }
    guard case .weakPassword(let text) = error else {
      Issue.record("\(password) was taken")
      return
    }
    #expect(text.contains(reason))
  }

  @Test(
    "passwords of 10 to 256 characters are taken, whatever they are made of",
    arguments: [
      "xkcd-936!!", "nur kleine buchstaben", "密码密码一二三四五六七", String(repeating: "abcd", count: 64), "ann and bob",
    ])
  func good(password: String) {
    #expect(accessError { try Passwords.check(password, forAccount: "ann") } == nil)
  }

  @Test("secrets are long, all different, and read back from their text alone")
  func secrets() throws {
    let secrets = (0..<100).map { _ in Secret() }
    #expect(Set(secrets.map(\.text)).count == 100)
    for secret in secrets {
      let read = try #require(Secret(secret.text))
      #expect(read.matches(secret.digest) && !Secret().matches(secret.digest))
      #expect(secret.digest.count == 64)
    }
    for text in [
      "", "short", secrets[0].text + "=", String(secrets[0].text.dropLast()) + "é", "rct_" + secrets[0].text,
    ] {
      #expect(Secret(text) == nil)
    }
    #expect(Secret(Secret(prefix: "rct_").text) == nil)
    #expect(Secret(secrets[0].text, prefix: "rct_") == nil)
    #expect(
      Sodium.sha256("abc".utf8) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test("requests are the same when account, method, path, key and body are")
  func requests() {
    func caller(_ id: String) -> Caller {
      Caller(
        name: id, role: .admin, permissions: [], csrf: nil, expires: nil, address: "", accountID: id, sessionID: nil)
    }
    func request(_ id: String = "a", _ method: String = "POST", _ path: String = "/people", _ key: String = "k")
      -> IdempotentRequest
    {
      IdempotentRequest(by: caller(id), method: method, path: path, key: key, body: Data("{}".utf8))
    }
    let others = [
      request("b"), request("a", "PUT"), request("a", "POST", "/photos"), request("a", "POST", "/people", "l"),
    ]
    #expect(request() == request())
    #expect(Set((others + [request()]).map(\.id)).count == 5)
    let otherBody = IdempotentRequest(by: caller("a"), method: "POST", path: "/people", key: "k", body: Data())
    #expect(otherBody.id == request().id && otherBody.digest != request().digest)
  }
}
