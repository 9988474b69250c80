import Enroll
import Faces
import Foundation
import Recognize
import Store
import TestResources
import Testing

@Suite("Following who is enrolled")
struct RosterFollowerTests {
  private let folder: TemporaryFolder
  private let consent = Consent(text: "yes", date: Date(timeIntervalSince1970: 0))

  init() throws { folder = try TemporaryFolder() }

  private func template(_ number: Int) -> Template {
    Template(
      digest: String(format: "%064x", number), embedding: (0..<128).map { Float(number + $0) / 128 },
      encoder: FaceEncoder.identifier, quality: 1, source: "a.jpg")
  }

  @Test("who is enrolled, renamed or forgotten is known so after a look, and nothing is read without a change")
  func refresh() throws {
    let store = try Store.open(.embedded(dataFolder: folder.url))
    defer { store.close() }
    _ = try store.addTemplates([template(1)], personID: "1", name: "Ada", consent: consent)
    let follower = try RosterFollower(store, ImpostorModels(models: Models.find()))
    follower.stop()
    #expect(follower.roster.current.names == ["1": "Ada"])

    // Somebody without a photo cannot be recognised yet.
    _ = try store.createPerson(id: "2", name: "Bo", consent: consent)
    try follower.refresh()
    #expect(follower.roster.current.names == ["1": "Ada"])
    _ = try store.addTemplates([template(2)], personID: "2")
    #expect(follower.roster.current.names == ["1": "Ada"])
    try follower.refresh()
    #expect(follower.roster.current.names == ["1": "Ada", "2": "Bo"])
    #expect(follower.roster.current.matcher.gallery.count == 2)

    try store.changePerson(id: "1", name: "Ada Byron")
    _ = try store.forget(id: "2")
    try follower.refresh()
    #expect(follower.roster.current.names == ["1": "Ada Byron"])
    try follower.refresh()
    #expect(follower.roster.current.names == ["1": "Ada Byron"])
  }

  @Test("it looks by itself")
  func byItself() throws {
    let store = try Store.open(.embedded(dataFolder: folder.url))
    defer { store.close() }
    let follower = try RosterFollower(store, ImpostorModels(models: Models.find()))
    defer { follower.stop() }
    #expect(follower.roster.current.isEmpty)
    _ = try store.addTemplates([template(1)], personID: "1", name: "Ada", consent: consent)
    #expect(eventually { !follower.roster.current.isEmpty })
  }

  @Test("while the database is away, those are known who were known before")
  func away() throws {
    let store = try Store.open(.embedded(dataFolder: folder.url))
    _ = try store.addTemplates([template(1)], personID: "1", name: "Ada", consent: consent)
    let follower = try RosterFollower(store, ImpostorModels(models: Models.find()))
    defer { follower.stop() }
    store.close()
    #expect(throws: StoreError.self) { try follower.refresh() }
    #expect(follower.roster.current.names == ["1": "Ada"])
  }
}
