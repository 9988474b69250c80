import Foundation
import Testing
import Values

@testable import Store

@Suite("People in pages", .serialized)
struct PeoplePageTests {
  private func withPeople(_ people: [(id: String, name: String, groups: [String])], _ body: (Store) throws -> Void)
    throws
  {
    try withStore { store, _ throws in
      for person in people {
        _ = try store.createPerson(id: person.id, name: person.name, groups: person.groups, consent: consent)
      }
      try body(store)
    }
  }

  /// The ids of all pages.
  private func pages(_ store: Store, search: String? = nil, group: String? = nil, limit: Int) throws -> [[String]] {
    var pages: [[String]] = []
    var place: String?
    repeat {
      let page = try store.peoplePage(search: search, group: group, after: place, limit: limit)
      pages.append(page.items.map(\.id))
      place = page.next
    } while place != nil
    return pages
  }

  @Test("people are ordered as in a dictionary, then by id, and pages of any size hold each of them once")
  func order() throws {
    try withPeople([
      ("5", "Zoë", []), ("b", "ada", []), ("a", "Ada", []), ("2", "Émile", []), ("A", "Ada", []), ("3", "Emil", []),
      ("4", "$ne", []), ("é", "Émile", []), ("1", "Ada", []),
    ]) { store throws in
      let all = try store.peoplePage(limit: 50)
      #expect(all.next == nil)
      #expect(all.items.map(\.name) == ["$ne", "ada", "Ada", "Ada", "Ada", "Emil", "Émile", "Émile", "Zoë"])
      #expect(all.items.map(\.id) == ["4", "b", "1", "a", "A", "3", "2", "é", "5"])
      for limit in 1...9 {
        let pages = try pages(store, limit: limit)
        #expect(pages.flatMap { $0 } == all.items.map(\.id))
        #expect(pages.dropLast().allSatisfy { $0.count == limit })
      }
    }
  }

  @Test("a text is found in names and ids, in capitals or not, and is no pattern")
  func search() throws {
    try withPeople([
      ("Z-17", "Ada (Byron)", []), ("x", "ÉMILE z-1", []), ("y", "a.b*c", []), ("w", "axb", []),
    ]) { store throws in
      for (text, ids) in [
        ("BYRON", ["Z-17"]), ("z-1", ["Z-17", "x"]), ("émile", ["x"]), ("(byron)", ["Z-17"]), (".", ["y"]),
        ("a.b", ["y"]), ("*", ["y"]), ("\\", []), (".*", []), ("nobody", []), ("^a", []), ("$", []),
      ] {
        #expect(try store.peoplePage(search: text, limit: 50).items.map(\.id).sorted() == ids.sorted(), "\(text)")
      }
      for text in ["", " ", "a\u{0}b", String(repeating: "a", count: 201)] {
        #expect(storeError { _ = try store.peoplePage(search: text, limit: 5) }?.code == .invalidValue)
      }
    }
  }

  @Test("a group, a text and pages go together")
  func groups() throws {
    try withPeople(
      (0..<20).map { ("\($0)", $0 < 10 ? "Ann" : "Bo", $0.isMultiple(of: 2) ? ["even", "all"] : ["all"]) }
    ) { store throws in
      #expect(try pages(store, group: "even", limit: 3).map(\.count) == [3, 3, 3, 1])
      #expect(try pages(store, search: "bo", group: "even", limit: 2) == [["10", "12"], ["14", "16"], ["18"]])
      #expect(try pages(store, group: "none", limit: 2) == [[]])
    }
  }

  @Test("the next page begins where the last one ended, also when people came and went meanwhile")
  func changed() throws {
    try withPeople([("1", "Ada", []), ("2", "Bo", []), ("3", "Cy", [])]) { store throws in
      let first = try store.peoplePage(limit: 2)
      _ = try store.forget(id: "2")
      _ = try store.createPerson(id: "4", name: "Bob", consent: consent)
      _ = try store.createPerson(id: "5", name: "Abe", consent: consent)
      #expect(try store.peoplePage(after: first.next, limit: 5).items.map(\.id) == ["4", "3"])
    }
  }

  @Test(
    "a place that was not given out is refused",
    arguments: [
      "", "x", "!!!", "AAAA", PagePlace(in: "days", behind: ["a", "b"]).text,
      PagePlace(in: "people", behind: ["a"]).text,
    ])
  func garbled(place: String) throws {
    try withStore { store, _ throws in
      #expect(storeError { _ = try store.peoplePage(after: place, limit: 5) }?.code == .invalidValue)
    }
  }

  @Test("a place is text that a URL takes as it is, whatever the name")
  func placeText() throws {
    for name in ["Ada", "Ünïcode 👩🏽‍🔬 ???>>>", "a\"b\\", ""] {
      let text = PagePlace(in: "people", behind: [name, "1"]).text
      #expect(text.utf8.allSatisfy { Character(Unicode.Scalar($0)).isLetter || "0123456789-_".utf8.contains($0) })
      #expect(PagePlace(text, in: "people", count: 2)?.keys == [name, "1"])
    }
  }
}
