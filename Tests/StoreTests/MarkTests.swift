import Foundation
import TestResources
import Testing
import Values

@testable import Store

@Suite(.serialized)
struct MarkTests {
  private func mark(_ number: Int, of person: String, by: String = "Ann", reason: String = "badge forgotten") -> Mark {
    Mark(
      id: String(format: "00000000-0000-4000-8000-%012x", number), personID: person,
      direction: number % 2 == 0 ? .out : .in, time: Date(timeIntervalSince1970: 1_750_000_000 + Double(number / 2)),
      by: by, reason: reason, recorded: Date(timeIntervalSince1970: 1_750_100_000))
  }

  private func withPeople(_ body: (Store) throws -> Void) throws {
    try withStore { store, _ throws in
      for (id, name) in [("7", "Ada Lovelace"), ("17", "Bo")] {
        _ = try store.addTemplates([], personID: id, name: name, consent: consent)
      }
      try body(store)
    }
  }

  @Test("marks read back as entered, in the order of time, page by page")
  func roundTrip() throws {
    try withPeople { store throws in
      let marks = (0..<7).map { mark($0, of: $0 == 3 ? "17" : "7") }
      for mark in marks.reversed() + [marks[2]] { try store.insert(mark) }
      #expect(try store.marks() == marks)
      var paged: [Mark] = []
      while case let page = try store.marks(after: paged.last.map { .init(time: $0.time, id: $0.id) }, limit: 2),
        !page.isEmpty
      { paged += page }
      #expect(paged == marks)
      #expect(try store.marks(.init(personID: "17")) == [marks[3]])
      let time = { (seconds: Double) in Date(timeIntervalSince1970: 1_750_000_000 + seconds) }
      #expect(try store.marks(.init(from: time(1), until: time(2))) == [marks[2], marks[3]])
    }
  }

  @Test("a mark needs a person who is enrolled, who says so, and why")
  func refused() throws {
    try withPeople { store throws in
      #expect(storeError { try store.insert(mark(1, of: "8")) }?.code == .notFound)
      #expect(storeError { try store.insert(mark(1, of: "7", by: " ")) }?.code == .invalidValue)
      #expect(storeError { try store.insert(mark(1, of: "7", reason: "")) }?.code == .invalidValue)
      #expect(storeError { try store.insert(mark(1, of: "7", reason: "two\nlines")) }?.code == .invalidValue)
      let error = storeError {
        try store.insert(Mark(id: "1", personID: "7", direction: .in, time: Date(), by: "Ann", reason: "badge"))
      }
      #expect(error?.code == .invalidValue)
      #expect(try store.marks() == [])
    }
  }

  @Test("what is voided stays as it is, is voided once, and must be there")
  func voiding() throws {
    try withPeople { store throws in
      try store.insert(mark(1, of: "7"))
      let seen = event("s", at: 1, of: "7")
      _ = try store.insertEvents([seen])
      let recorded = Date(timeIntervalSince1970: 1_750_200_000)
      let first = Voiding(eventID: "s", by: "Ann", reason: "somebody else", recorded: recorded)
      #expect(try store.insert(first))
      #expect(try !store.insert(Voiding(eventID: "s", by: "Bo", reason: "another reason")))
      #expect(try store.insert(Voiding(eventID: mark(1, of: "7").id, by: "Ann", reason: "typed twice")))
      #expect(try store.voidings()["s"] == first)
      #expect(try store.voidings().count == 2)
      #expect(try store.events() == [seen])
      #expect(try store.marks() == [mark(1, of: "7")])
      let error = storeError { _ = try store.insert(Voiding(eventID: "t", by: "Ann", reason: "x")) }
      #expect(error?.code == .notFound)
      #expect(error?.advice.contains("attendance list") == true)
    }
  }

  @Test("forgetting removes a person's marks, and every reason and name that holds the id or the name elsewhere")
  func forget() throws {
    try withPeople { store throws in
      try store.insert(mark(1, of: "7", reason: "7 says so"))
      try store.insert(mark(2, of: "7"))
      try store.insert(mark(3, of: "17", by: "7", reason: "came at 17:07, in car 77"))
      try store.insert(mark(4, of: "17", reason: "came with (7)."))
      try store.insert(mark(5, of: "17", by: "Ada Lovelace", reason: "badge"))
      _ = try store.insertEvents([event("own", at: 1, of: "7"), event("other", at: 2, of: "17")])
      for (event, reason) in [
        (mark(1, of: "7").id, "typed twice"), ("own", "it was her sister"), ("other", "this was Ada Lovelace"),
      ] { #expect(try store.insert(Voiding(eventID: event, by: "Ann", reason: reason))) }

      let result = try store.forget(id: "7")
      #expect(
        result
          == Store.Forgotten(
            wasEnrolled: true, templates: 0, events: 1, marks: 2, snapshots: 0, auditEntries: 0, remaining: 0))
      let marks = try store.marks()
      #expect(marks.map(\.personID) == ["17", "17", "17"])
      #expect(marks.map(\.by) == ["(…)", "Ann", "(…)"])
      #expect(marks.map(\.reason) == ["came at 17:07, in car 77", "(…)", "badge"])
      #expect(try store.voidings().mapValues(\.reason) == ["own": "(…)", "other": "(…)"])
      #expect(try store.voidings().values.allSatisfy { $0.by == "Ann" })
    }
  }

  @Test("a mark that comes while its person is forgotten leaves nothing behind")
  func forgottenMeanwhile() throws {
    try withPeople { store throws in
      for round in 0..<6 {
        let id = "gone \(round)"
        _ = try store.addTemplates([], personID: id, name: "Cy", consent: consent)
        inThreads(8) { thread in
          guard thread > 0 else {
            Thread.sleep(forTimeInterval: 0.005)
            _ = try? store.forget(id: id)
            return
          }
          for number in 0..<20 { try? store.insert(mark(1000 * round + 100 * thread + number, of: id)) }
        }
        #expect(try store.marks(.init(personID: id)).isEmpty)
      }
    }
  }

  @Test("the search after forgetting also finds an id inside what operators wrote")
  func forgetProof() throws {
    try withPeople { store throws in
      try store.insert(mark(1, of: "17", reason: "asked 7"))
      let count = { (text: String) in try store.perform("Testing") { try Store.mentions(of: text, $0) } }
      #expect(try count("7") == 1)
      #expect(try count("sked 7") == 0)
      #expect(try count(".*") == 0)
    }
  }
}
