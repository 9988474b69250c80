import Foundation
import Posix
import TestResources
import Testing
import Values

@testable import Store

@Suite(.serialized)
struct PeopleTests {
  @Test("a person reads back as enrolled")
  func enrolled() throws {
    try withStore { store, _ throws in
      let added = try store.addTemplates(
        [template(1), template(2)], personID: "É-7", name: "$name Zoë", groups: ["4b", "$x"], consent: consent)
      #expect(added == Store.AddedTemplates(isNewPerson: true, added: 2, name: "$name Zoë"))
      let person = try #require(try store.person(id: "É-7", withEmbeddings: true))
      #expect(person.id == "É-7")
      #expect(person.name == "$name Zoë")
      #expect(person.groups == ["4b", "$x"])
      #expect(person.consent == consent)
      #expect(person.templates == [template(1), template(2)])
      #expect(person.created == person.updated)
      let light = try #require(try store.person(id: "É-7"))
      #expect(light.templates.map(\.digest) == [template(1).digest, template(2).digest])
      #expect(light.templates.map(\.embedding) == [[], []])
      #expect(try store.person(id: "nobody") == nil)
    }
  }

  @Test("names are read of all people, also of those without templates")
  func names() throws {
    try withStore { store, _ throws in
      _ = try store.addTemplates([template(1)], personID: "2", name: "Ada", consent: consent)
      _ = try store.createPerson(id: "1", name: "Zoë", consent: consent)
      #expect(try store.names() == [PersonName(id: "1", name: "Zoë"), PersonName(id: "2", name: "Ada")])
    }
  }

  @Test("enrolling the same photos again changes nothing")
  func idempotent() throws {
    try withStore { store, _ throws in
      _ = try store.addTemplates(
        [template(1), template(2)], personID: "1", name: "Ada", groups: ["a"], consent: consent)
      let before = try store.person(id: "1", withEmbeddings: true)
      let later = Consent(text: "Policy 3", date: Date())
      let again = try store.addTemplates(
        [template(2), template(1), template(1)], personID: "1", name: "Another", groups: ["a"], consent: later)
      #expect(again == Store.AddedTemplates(isNewPerson: false, added: 0, name: "Ada"))
      #expect(try store.person(id: "1", withEmbeddings: true) == before)
    }
  }

  @Test("a new photo, a new encoder and a new group are added, with the consent they came with")
  func growing() throws {
    try withStore { store, _ throws in
      _ = try store.addTemplates([template(1)], personID: "1", name: "Ada", groups: ["b"], consent: consent)
      let later = Consent(text: "Policy 3", date: consent.date, recorded: consent.recorded)
      let added = try store.addTemplates(
        [template(1), template(1, encoder: "encoder-2"), template(3), template(3)], personID: "1", name: "Ada",
        groups: ["a", "b"], consent: later)
      #expect(added == Store.AddedTemplates(isNewPerson: false, added: 2, name: "Ada"))
      let person = try #require(try store.person(id: "1", withEmbeddings: true))
      #expect(person.templates == [template(1), template(1, encoder: "encoder-2"), template(3)])
      #expect(person.groups == ["b", "a"])
      #expect(person.consent == later)
      #expect(person.updated > person.created)
    }
  }

  @Test("threads that enroll the same person at the same moment lose nothing")
  func concurrent() throws {
    try withStore { store, _ throws in
      let added = Guarded(0)
      let failures = Guarded<[String]>([])
      inThreads(16) { index in
        do {
          let result = try store.addTemplates([template(index / 2)], personID: "1", name: "Ada", consent: consent)
          added.withLock { $0 += result.added }
        } catch {
          failures.withLock { $0.append("\(error)") }
        }
      }
      #expect(failures.withLock { $0 } == [])
      #expect(added.withLock { $0 } == 8)
      #expect(
        Set(try #require(try store.person(id: "1")).templates.map(\.digest)) == Set((0..<8).map { template($0).digest })
      )
    }
  }

  @Test("people come in the order of their ids, and the gallery has every template of the encoder asked for")
  func gallery() throws {
    try withStore { store, _ throws in
      _ = try store.addTemplates([template(3)], personID: "b", name: "Bo", consent: consent)
      _ = try store.addTemplates(
        [template(1), template(2, encoder: "encoder-2")], personID: "a", name: "Ada", consent: consent)
      _ = try store.addTemplates([], personID: "c", name: "Cy", consent: consent)
      #expect(try store.people().map(\.id) == ["a", "b", "c"])
      #expect(try store.gallery().map(\.embedding) == [template(1), template(2), template(3)].map(\.embedding))
      let one = try store.gallery(encoder: "encoder-1")
      #expect(one.map(\.personID) == ["a", "b"])
      #expect(one.map(\.name) == ["Ada", "Bo"])
      #expect(one.map(\.digest) == [template(1).digest, template(3).digest])
    }
  }

  @Test("a person is renamed and put into groups; nobody else is")
  func changes() throws {
    try withStore { store, _ throws in
      _ = try store.addTemplates([template(1)], personID: "1", name: "Ada", groups: ["a"], consent: consent)
      _ = try store.addTemplates([template(2)], personID: "2", name: "Bo", consent: consent)
      try store.changePerson(id: "1", name: "Ada Byron")
      try store.changePerson(id: "1", groups: ["c", "d"])
      #expect(try store.people().map(\.name) == ["Ada Byron", "Bo"])
      #expect(try store.people().map(\.groups) == [["c", "d"], []])
      let error = storeError { try store.changePerson(id: "3", name: "Nobody") }
      #expect(error?.code == .notFound)
      #expect(error?.description.contains("nobody has the id \"3\"") == true)
    }
  }

  @Test("a person is made without templates, once, and is like others to the log, to marks and when forgotten")
  func created() throws {
    try withStore { store, _ throws in
      let made = try store.createPerson(id: "$1", name: "$Ada", groups: ["b", "a"], consent: consent)
      #expect((made.id, made.name, made.groups) == ("$1", "$Ada", ["b", "a"]))
      #expect(made.consent == consent && made.templates == [] && made.created == made.updated)
      #expect(try store.person(id: "$1") == made)
      let error = storeError { _ = try store.createPerson(id: "$1", name: "Bo", consent: consent) }
      #expect(error?.code == .exists)
      #expect(try store.people() == [made])
      #expect(storeError { _ = try store.createPerson(id: "2", name: "", consent: consent) }?.code == .invalidValue)
      #expect(
        storeError { _ = try store.createPerson(id: "2", name: "Bo", consent: Consent(text: "", date: Date())) }?.code
          == .invalidValue)

      #expect(try store.gallery() == [])
      try store.insert(Mark(personID: "$1", direction: .in, time: consent.date, by: "Ann", reason: "badge"))
      #expect(try store.insertEvents([event("s", at: 1, of: "$1")]) == 1)
      #expect(try store.events().map(\.personID) == ["$1"])
      #expect(
        try store.forget(id: "$1")
          == Store.Forgotten(
            wasEnrolled: true, templates: 0, events: 1, marks: 1, snapshots: 0, auditEntries: 0, remaining: 0))
    }
  }

  @Test("of several who make the same person at the same moment one succeeds, and the others are told")
  func createdTogether() throws {
    try withStore { store, _ throws in
      let codes = Guarded<[StoreErrorCode?]>([])
      inThreads(8) { index in
        let error = storeError { _ = try store.createPerson(id: "1", name: "Name \(index)", consent: consent) }
        codes.withLock { $0.append(error?.code) }
      }
      #expect(codes.withLock { $0.filter { $0 == nil }.count } == 1)
      #expect(codes.withLock { $0.filter { $0 == .exists }.count } == 7)
    }
  }

  @Test("templates are added to a person who is there, and to nobody else; consent, name and groups stay")
  func addedToExisting() throws {
    try withStore { store, _ throws in
      #expect(storeError { _ = try store.addTemplates([template(1)], personID: "1") }?.code == .notFound)
      #expect(try store.people() == [])
      let made = try store.createPerson(id: "1", name: "Ada", groups: ["a"], consent: consent)
      let added = try store.addTemplates([template(1), template(1), template(2)], personID: "1")
      #expect(added == Store.AddedTemplates(isNewPerson: false, added: 2, name: "Ada"))
      let person = try #require(try store.person(id: "1", withEmbeddings: true))
      #expect((person.name, person.groups, person.consent) == ("Ada", ["a"], consent))
      #expect(person.templates == [template(1), template(2)])
      #expect(person.created == made.created && person.updated >= made.updated)
      #expect(try store.addTemplates([template(2)], personID: "1").added == 0)
      #expect(try store.person(id: "1", withEmbeddings: true) == person)
    }
  }

  @Test("name and groups change in one write, and only if nobody has changed the person meanwhile")
  func conditional() throws {
    try withStore { store, _ throws in
      let made = try store.createPerson(id: "1", name: "Ada", groups: ["a"], consent: consent)
      usleep(2000)
      let changed = try store.changePerson(id: "1", name: "Ada Byron", groups: ["b", "c"], ifUpdated: made.updated)
      #expect((changed.name, changed.groups) == ("Ada Byron", ["b", "c"]))
      #expect(changed.updated > made.updated && changed.created == made.created && changed.consent == consent)
      #expect(try store.person(id: "1") == changed)
      usleep(2000)
      let late = storeError { try store.changePerson(id: "1", name: "Eve", ifUpdated: made.updated) }
      #expect(late?.code == .changed)
      #expect(try store.person(id: "1") == changed)
      #expect(storeError { try store.changePerson(id: "2", name: "Eve", ifUpdated: made.updated) }?.code == .notFound)
      #expect(storeError { try store.changePerson(id: "1", groups: ["a", "a"]) }?.code == .invalidValue)
      #expect(try store.changePerson(id: "1", groups: [], ifUpdated: changed.updated).groups == [])
    }
  }

  @Test("a person who is forgotten is found nowhere any more, and nobody else is touched")
  func forget() throws {
    try withStore { store, _ throws in
      _ = try store.addTemplates([template(1), template(2)], personID: "1", name: "Ada", consent: consent)
      _ = try store.addTemplates([template(3)], personID: "11", name: "Bo", consent: consent)
      _ = try store.insertEvents([
        event("s1", at: 1, of: "1"), event("s2", at: 2, of: "11"), event("s3", at: 3, of: nil),
        event("s4", at: 4, of: "1"),
      ])
      #expect(
        try store.forget(id: "1")
          == Store.Forgotten(
            wasEnrolled: true, templates: 2, events: 2, marks: 0, snapshots: 0, auditEntries: 0, remaining: 0))
      #expect(try store.people().map(\.id) == ["11"])
      #expect(try store.events().map(\.personID) == [nil, "11", nil, nil])
      #expect(try store.events().map(\.status) == [.forgotten, .known, .unknown, .forgotten])
      #expect(
        try store.forget(id: "1")
          == Store.Forgotten(
            wasEnrolled: false, templates: 0, events: 0, marks: 0, snapshots: 0, auditEntries: 0, remaining: 0))
    }
  }

  @Test("the search after forgetting finds an id that was left anywhere")
  func forgetProof() throws {
    try withStore { store, _ throws in
      _ = try store.perform("Testing") { client in
        try client.write([
          "insert": "elsewhere", "documents": [["_id": 1, "deep": [["inside": ["ada"]]]], ["_id": 2]],
        ])
      }
      #expect(try store.forget(id: "ada").remaining == 1)
    }
  }

  @Test("a sighting of a person who was forgotten meanwhile is recorded without the person")
  func forgottenMeanwhile() throws {
    try withStore { store, _ throws in
      _ = try store.addTemplates([template(1)], personID: "1", name: "Ada", consent: consent)
      _ = try store.forget(id: "1")
      #expect(try store.insertEvents([event("s1", at: 1, of: "1")]) == 1)
      let recorded = try #require(try store.events().first)
      #expect(recorded.personID == nil)
      #expect(recorded.status == .forgotten)
      #expect(try store.forget(id: "1").remaining == 0)
    }
  }

  @Test(
    "values that do not fit are refused with the rule they break",
    arguments: [
      ("", "Ada", ["a"], "the person's id is not 1–128 characters long"),
      ("   ", "Ada", ["a"], "the person's id is not 1–128 characters long"),
      (String(repeating: "é", count: 129), "Ada", [], "the person's id is not 1–128 characters long"),
      ("a\nb", "Ada", [], "the person's id holds a control character or a line end"),
      ("1", "", [], "the name is not 1–200 characters long"),
      ("1", "A\u{1B}[31m", [], "the name holds a control character or a line end"),
      ("1", "A\u{2028}B", [], "the name holds a control character or a line end"),
      ("1", "Ada", ["a", ""], "a group is not 1–200 characters long"),
      ("1", "Ada", ["a", "a"], "a group is named twice"),
    ] as [(String, String, [String], String)])
  func rules(id: String, name: String, groups: [String], reason: String) {
    let error = storeError {
      try Rules.check(personID: id)
      try Rules.check(name: name)
      try Rules.check(groups: groups)
    }
    #expect(error?.code == .invalidValue)
    #expect(error?.cause == reason)
  }

  @Test("the longest values the rules allow are stored")
  func longest() throws {
    try withStore { store, _ throws in
      let id = String(repeating: "\u{1F600}", count: 128)
      let name = String(repeating: "é", count: 200)
      _ = try store.addTemplates([template(1)], personID: id, name: name, groups: [name], consent: consent)
      #expect(try store.person(id: id)?.name == name)
    }
  }

  @Test("a template without consent, of the wrong size or not a number is refused")
  func templateRules() {
    #expect(storeError { try Rules.check(Consent(text: " ", date: Date())) }?.cause == "the consent has no text")
    func refusal(digest: String = template(1).digest, _ embedding: [Float], source: String = "a.jpg") -> String? {
      storeError {
        try Rules.check(Template(digest: digest, embedding: embedding, encoder: "e", quality: 1, source: source))
      }?.cause
    }
    let good = template(1).embedding
    #expect(refusal(good) == nil)
    #expect(refusal(good.dropLast()) == "an embedding is not 128 or 512 finite numbers")
    #expect(refusal([Float](repeating: 0.5, count: 512)) == nil)
    #expect(refusal(good.dropLast() + [.nan]) == "an embedding is not 128 or 512 finite numbers")
    #expect(refusal(digest: "ABC", good) == "a photo's digest is not 64 lowercase hexadecimal digits")
    #expect(refusal(good, source: "folder/a.jpg") == "a photo's source is not a file name without folders")
  }
}
