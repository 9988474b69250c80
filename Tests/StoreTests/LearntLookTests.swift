import Foundation
import TestResources
import Testing
import Values

@testable import Store

@Suite("Learnt looks", .serialized)
struct LearntLookTests {
  private func look(_ number: Int, source: String = "door") -> [Template] {
    ["encoder-1", "encoder-2"].map { encoder in
      Template(
        digest: template(number).digest, embedding: template(number).embedding, encoder: encoder, quality: 0.5,
        source: source, created: consent.date, isLearnt: true)
    }
  }

  @Test("are kept beside the photos, marked, and only the newest ones")
  func bounded() throws {
    try withStore { store, _ throws in
      _ = try store.addTemplates([template(1)], personID: "1", name: "Ada", consent: consent)
      for number in 2...6 { try store.learn(look(number), personID: "1", keeping: 3) }
      let person = try #require(try store.person(id: "1", withEmbeddings: true))
      #expect(person.photos == [template(1)])
      #expect(person.learnt == [4, 5, 6].map { look($0)[0] })
      #expect(person.templates.count == 1 + 2 * 3)
      #expect(try store.gallery().filter(\.isLearnt).count == 2 * 3)
    }
  }

  @Test("that are learnt again are there once, as the newest")
  func again() throws {
    try withStore { store, _ throws in
      _ = try store.addTemplates([template(1)], personID: "1", name: "Ada", consent: consent)
      for number in [2, 3, 2] { try store.learn(look(number), personID: "1", keeping: 3) }
      #expect(try store.existingPerson(id: "1").learnt.map(\.digest) == [3, 2].map { template($0).digest })
    }
  }

  @Test("change the revision, so that every process hears of them")
  func revision() throws {
    try withStore { store, _ throws in
      _ = try store.addTemplates([template(1)], personID: "1", name: "Ada", consent: consent)
      let before = try store.peopleRevision()
      try store.learn(look(2), personID: "1", keeping: 3)
      #expect(try store.peopleRevision() != before)
    }
  }

  @Test("are removed on request, and with the person")
  func removed() throws {
    try withStore { store, _ throws in
      _ = try store.addTemplates([template(1)], personID: "1", name: "Ada", consent: consent)
      for number in 2...3 { try store.learn(look(number), personID: "1", keeping: 3) }
      #expect(try store.unlearn(personID: "1") == 2)
      #expect(try store.person(id: "1", withEmbeddings: true)?.templates == [template(1)])
      #expect(try store.unlearn(personID: "1") == 0)
      try store.learn(look(4), personID: "1", keeping: 3)
      #expect(try store.forget(id: "1").remaining == 0)
      #expect(try store.gallery().isEmpty)
    }
  }

  @Test("of somebody who is not enrolled, and photos in their place, are refused")
  func refused() throws {
    try withStore { store, _ throws in
      #expect(storeError { try store.learn(look(1), personID: "1", keeping: 3) }?.code == .notFound)
      _ = try store.addTemplates([template(1)], personID: "1", name: "Ada", consent: consent)
      #expect(storeError { try store.learn([template(2)], personID: "1", keeping: 3) }?.code == .invalidValue)
      #expect(storeError { try store.learn([], personID: "1", keeping: 3) }?.code == .invalidValue)
      #expect(storeError { _ = try store.unlearn(personID: "2") }?.code == .notFound)
    }
  }
}
