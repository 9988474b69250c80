import Foundation
import TestResources
import Testing
import Values

@testable import Store

@Suite("The training collection", .serialized)
struct TrainingTests {
  private func photo(
    _ number: Int, name: String? = nil, source: String = "door camera", cluster: String = "c",
    corrections: [TrainingPhoto.Correction] = []
  ) -> TrainingPhoto {
    TrainingPhoto(
      id: String(format: "%064x", number), file: "\(number).jpg", kind: .jpg, bytes: 5, hash: .max - UInt64(number),
      mirroredHash: UInt64(number),
      cluster: cluster, label: .mask, source: source, split: .val, consent: consent, name: name,
      corrections: corrections, imported: Date(timeIntervalSince1970: 1_700_000_000))
  }

  /// More than two of GridFS's pieces, and no two alike.
  private let large = Data((0..<600_000).map { UInt8(truncatingIfNeeded: $0 ^ ($0 >> 8)) })

  private func count(_ collection: String, _ store: Store) throws -> Int {
    try store.perform("Testing") { try $0.run(["count": .string(collection)])["n"]?.integer ?? -1 }
  }

  private func photos(_ store: Store, _ query: Store.TrainingQuery = .init()) throws -> [TrainingPhoto] {
    var photos: [TrainingPhoto] = []
    try store.forEachTrainingPhoto(query) { photos.append($0) }
    return photos
  }

  @Test("photos read back as stored, also large ones, and storing them again changes nothing")
  func roundTrip() throws {
    try withStore { store, _ throws in
      let said = TrainingPhoto.Correction(
        label: .none, by: "Ann", reason: "a beard", date: Date(timeIntervalSince1970: 1_700_000_300))
      let both = [photo(1), photo(2, name: "Ada", corrections: [said])]
      for _ in 1...2 { try store.addTrainingPhotos([(both[0], Data("bytes".utf8)), (both[1], large)]) }
      #expect(try photos(store) == both)
      #expect(try photos(store).map(\.current) == [.mask, .none])
      #expect(try store.trainingPhotoData(id: both[0].id) == Data("bytes".utf8))
      #expect(try store.trainingPhotoData(id: both[1].id) == large)
      #expect(try store.trainingPhotoData(id: photo(3).id) == nil)
      #expect(try store.storedTrainingPhotoIDs() == Set(both.map(\.id)))
      #expect(try count("photos.chunks", store) == 4)
      #expect(try photos(store, .init(name: "ADA")) == [both[1]])
      #expect(try photos(store, .init(label: MaskLabel.none)) == [both[1]])
      #expect(try store.trainingPhotoIDs(beginningWith: "000") == both.map(\.id))
      #expect(try store.trainingPhotoIDs(beginningWith: both[1].id) == [both[1].id])
    }
  }

  @Test("what a stopped import left behind is completed, and so is a photo whose bytes are missing")
  func stopped() throws {
    try withStore { store, _ throws in
      try store.addTrainingPhotos([(photo(1), large)])
      for leftover in [["photos.files"], ["photos.files", "photos.chunks"]] {
        try store.perform("Testing") { client in
          for name in leftover { try client.write(["delete": .string(name), "deletes": [["q": [:], "limit": 0]]]) }
        }
        #expect(try store.trainingPhotoData(id: photo(1).id) == nil)
        #expect(try store.storedTrainingPhotoIDs().isEmpty)
        try store.addTrainingPhotos([(photo(1), large)])
        #expect(try store.trainingPhotoData(id: photo(1).id) == large)
        #expect(try count("photos.chunks", store) == 3)
      }
    }
  }

  @Test("the same photos from several processes at once are stored once and whole")
  func atOnce() throws {
    try withStore { store, _ throws in
      let pictures = (1...6).map { (photo($0), large + Data([UInt8($0)])) }
      inThreads(4) { _ in #expect(throws: Never.self) { try store.addTrainingPhotos(pictures) } }
      #expect(try photos(store).count == 6)
      #expect(try count("photos.chunks", store) == 18)
      for (photo, data) in pictures { #expect(try store.trainingPhotoData(id: photo.id) == data) }
    }
  }

  @Test("a correction stands beside the label that the photo came with, and the last one counts")
  func corrections() throws {
    try withStore { store, _ throws in
      try store.addTrainingPhotos([(photo(1), large)])
      let first = TrainingPhoto.Correction(
        label: .covering, by: "Ann", reason: "a scarf", date: Date(timeIntervalSince1970: 1))
      let second = TrainingPhoto.Correction(
        label: .none, by: "Bob", reason: "a beard", date: Date(timeIntervalSince1970: 2))
      try store.correctTrainingPhoto(id: photo(1).id, first)
      try store.correctTrainingPhoto(id: photo(1).id, second)
      try store.correctTrainingPhoto(id: photo(1).id, second)
      let stored = try #require(try photos(store).first)
      #expect(stored.label == .mask)
      #expect(stored.current == .none)
      #expect(stored.corrections == [first, second])
      #expect(storeError { try store.correctTrainingPhoto(id: photo(2).id, first) }?.code == .notFound)
    }
  }

  @Test("a photo without consent, or with an impossible value, is refused here and by the database")
  func refusals() throws {
    try withStore { store, _ throws in
      let silent = TrainingPhoto(
        id: photo(1).id, file: "a.jpg", kind: .jpg, bytes: 1, hash: 0, mirroredHash: 0, cluster: "c", label: .mask,
        source: "s",
        split: .train, consent: Consent(text: " ", date: Date()))
      #expect(storeError { try store.addTrainingPhotos([(silent, large)]) }?.code == .invalidValue)
      #expect(storeError { try photo(1, source: "").check() }?.code == .invalidValue)
      #expect(storeError { try photo(1, name: "a\nb").check() }?.code == .invalidValue)
      #expect(try count("photos.files", store) == 0)

      try store.addTrainingPhotos([(photo(1), large)])
      for change: BSONDocument in [
        ["label": "no_mask"], ["split": "all"], ["consent": ["text": "yes"]], ["hash": "a"], ["face": "Ada"],
      ] {
        let error = storeError {
          _ = try store.perform("Testing") { client in
            try client.write([
              "update": "training", "updates": [["q": [:], "u": ["$set": .document(change)]]],
            ])
          }
        }
        #expect(error?.code == .refused, "\(change)")
      }
    }
  }

  @Test("forgetting by id, person or source removes photo, pieces and hash, proves it, and names near-duplicates")
  func forget() throws {
    try withStore { store, _ throws in
      try store.addTrainingPhotos([
        (photo(1, name: "Ada"), large), (photo(2, name: "ada", cluster: "d"), Data([1])),
        (photo(3, source: "web", cluster: "e"), Data([2])), (photo(4), Data([3])),
      ])
      let byName = try store.forgetTrainingPhotos(.init(name: "ADA"))
      #expect((byName.photos, byName.chunks, byName.remaining) == (2, 4, 0))
      #expect(byName.nearDuplicates == [photo(4).id])
      #expect(try store.trainingPhotoData(id: photo(1).id) == nil)
      #expect(try photos(store).map(\.id) == [photo(3).id, photo(4).id])
      #expect(try store.forgetTrainingPhotos(.init(source: "web")).photos == 1)
      #expect(try store.forgetTrainingPhotos(.init(ids: [photo(4).id])).photos == 1)
      #expect(try store.forgetTrainingPhotos(.init(ids: [photo(4).id])).photos == 0)
      for name in ["training", "photos.files", "photos.chunks"] { #expect(try count(name, store) == 0) }
    }
  }

  @Test("the proof finds an id that something else has written down")
  func proof() throws {
    try withStore { store, _ throws in
      try store.addTrainingPhotos([(photo(1), large)])
      try store.perform("Testing") { client in
        _ = try client.write([
          "insert": "notes", "documents": [["seen": ["photos": [.string(photo(1).id)]]]],
        ])
      }
      #expect(try store.forgetTrainingPhotos(.init(ids: [photo(1).id])).remaining == 1)
    }
  }

  @Test("joined clusters have one name and one split")
  func join() throws {
    try withStore { store, _ throws in
      try store.addTrainingPhotos([(photo(1, cluster: "a"), Data([1])), (photo(2, cluster: "b"), Data([2]))])
      try store.joinTrainingClusters(["a"], into: "b", split: .train)
      #expect(try photos(store).map(\.cluster) == ["b", "b"])
      #expect(try photos(store).map(\.split) == [.train, .val])
    }
  }

  @Test("a database of the first version gets the collection, and keeps its people")
  func migration() throws {
    try withStore { store, folder throws in
      _ = try store.addTemplates([template(1)], personID: "1", name: "Ada", consent: consent)
      try store.perform("Testing") { client in
        for name in ["training", "photos.files", "photos.chunks"] { try client.write(["drop": .string(name)]) }
        try client.write(["update": "meta", "updates": [["q": ["_id": "schema"], "u": ["$set": ["version": 1]]]]])
      }
      let opened = try folder.open()
      defer { opened.close() }
      #expect(try opened.people().map(\.name) == ["Ada"])
      try opened.addTrainingPhotos([(photo(1), large)])
      #expect(try photos(opened) == [photo(1)])
      let indexes = try opened.perform("Testing") { try $0.run(["listIndexes": "photos.chunks"]) }
      #expect(String(describing: indexes).contains("files_id_1_n_1"))
    }
  }
}
