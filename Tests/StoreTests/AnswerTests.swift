import Foundation
import Posix
import TestResources
import Testing
import Values

@testable import Store

@Suite("Answers that are kept for requests that are sent twice", .serialized)
struct AnswerTests {
  /// Not long ago, because the database itself removes what is over; in whole seconds, because it keeps milliseconds.
  private let now = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded())
  private let account = "3f0c9a52-0d6e-4c1b-9a63-5d0b0d9f2a11"

  private func request(_ number: Int, body: Int = 1) -> IdempotentRequest {
    IdempotentRequest(
      id: String(format: "%064x", number), accountID: account, digest: String(format: "%064x", body))
  }

  private func json(_ text: String, location: String? = nil) -> IdempotentAnswer {
    IdempotentAnswer(status: 201, contentType: "application/json", location: location, body: Data(text.utf8))
  }

  private func work(_ request: IdempotentRequest, _ store: Store, now: Date? = nil) throws -> IdempotentClaim.Work? {
    if case .yours(let work) = try store.claim(request, now: now ?? self.now) { work } else { nil }
  }

  private func keep(_ answer: IdempotentAnswer, as number: Int, _ store: Store) throws {
    try store.finish(try #require(try work(request(number), store)), with: answer)
  }

  @Test("the first request is carried out, the same again gets its answer, and one with another body none")
  func claims() throws {
    try withStore { store, _ throws in
      let first = try #require(try work(request(1), store))
      #expect(try store.claim(request(1), now: now) == .running)
      #expect(try store.claim(request(1, body: 2), now: now) == .otherBody)
      let answer = IdempotentAnswer(
        status: 201, contentType: "application/json", location: "/api/v1/people/1", entityTag: "\"a\"",
        body: Data([0, 255]))
      try store.finish(first, with: answer)
      #expect(try store.claim(request(1), now: now) == .answered(answer))
      #expect(try store.claim(request(1, body: 2), now: now) == .otherBody)
      #expect(try work(request(2), store) != nil)
      try keep(IdempotentAnswer(status: 204), as: 3, store)
      #expect(try store.claim(request(3), now: now) == .answered(IdempotentAnswer(status: 204)))
    }
  }

  @Test("of many who send the same request at the same moment, one carries it out")
  func race() throws {
    try withStore { store, _ throws in
      let claims = Guarded<[IdempotentClaim]>([])
      inThreads(8) { _ in
        if let claim = try? store.claim(request(1), now: now) { claims.withLock { $0.append(claim) } }
      }
      let all = claims.withLock { $0 }
      #expect(all.count == 8)
      #expect(all.filter { $0 == .running }.count == 7)
    }
  }

  @Test("a request that was given up, or whose answer is old, is carried out again")
  func again() throws {
    try withStore { store, _ throws in
      try store.abandon(try #require(try work(request(1), store)))
      let second = try #require(try work(request(1), store))
      // Whoever worked on it was killed; but if not, comes too late.
      let later = now + IdempotentAnswer.patience
      let third = try #require(try work(request(1), store, now: later))
      try store.finish(second, with: IdempotentAnswer(status: 500))
      try store.abandon(second)
      #expect(try store.claim(request(1), now: later) == .running)
      try store.finish(third, with: IdempotentAnswer(status: 204))
      #expect(try store.claim(request(1), now: later) == .answered(IdempotentAnswer(status: 204)))
      #expect(try work(request(1), store, now: later + IdempotentAnswer.life) != nil)
    }
  }

  @Test("an answer that is too long is refused")
  func tooLong() throws {
    try withStore { store, _ throws in
      let long = IdempotentAnswer(status: 200, body: Data(count: IdempotentAnswer.longestBody + 1))
      #expect(storeError { try keep(long, as: 1, store) }?.code == .invalidValue)
    }
  }

  @Test("answers go with the account")
  func accountRemoved() throws {
    try withStore { store, _ throws in
      #expect(try store.insert(Account(id: account, name: "ann", role: .viewer, passwordHash: "h")))
      try keep(json("{}"), as: 1, store)
      #expect(try store.removeAccount(id: account) == .done)
      #expect(try work(request(1), store) != nil)
    }
  }

  @Test("forgetting a person removes the answers that have the id or the name, however they are written")
  func forget() throws {
    try withStore { store, _ throws in
      for (id, name) in [("7/ä", "Zoë O\"Hara"), ("17", "Bo")] {
        _ = try store.addTemplates([], personID: id, name: name, consent: consent)
      }
      let about = [
        json(#"{"id":"7\/\u00e4"}"#), json(#"{"people":[{"name":"Zo\u00eb O\"Hara"}]}"#),
        json("{}", location: "/api/v1/people/7%2F%C3%A4"), json(#"{"detail":"nobody is called Zoë O\"Hara."}"#),
        IdempotentAnswer(status: 200, contentType: "text/plain", body: Data("of 7/ä\n".utf8)),
      ]
      let others = [
        json(#"{"id":"17"}"#), json(#"{"name":"Zoë O\"Harada","templates":7}"#),
        json("{}", location: "/api/v1/people/77"),
      ]
      for (number, answer) in (about + others).enumerated() { try keep(answer, as: number, store) }
      #expect(try store.perform("Testing") { try Store.answers(with: ["7/ä"], $0) }.count == 3)
      #expect(try store.forget(id: "7/ä").remaining == 0)
      for number in about.indices { #expect(try work(request(number), store) != nil, "\(number)") }
      for (number, answer) in others.enumerated() {
        #expect(try store.claim(request(about.count + number), now: now) == .answered(answer))
      }
    }
  }

  @Test("the answer to a request that was under way when somebody was forgotten is not kept")
  func forgottenMeanwhile() throws {
    try withStore { store, _ throws in
      _ = try store.addTemplates([], personID: "1", name: "Ada", consent: consent)
      let first = try #require(try work(request(1), store))
      #expect(try store.forget(id: "1").remaining == 0)
      #expect(try store.claim(request(1), now: now) == .running)
      try store.finish(first, with: json(#"{"name":"Ada"}"#))
      #expect(try work(request(1), store) != nil)
    }
  }
}
