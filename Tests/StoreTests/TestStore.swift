import Foundation
import Posix
import Testing
import Values

@testable import Store

/// A folder of its own for one test.
struct TemporaryFolder: Sendable {
  let url: URL

  func path(_ name: String) -> String {
    url.appending(path: name).path(percentEncoded: false)
  }

  func open() throws -> Store {
    try Store.open(.embedded(dataFolder: url))
  }

  /// The process id of the folder's mongod, when one runs.
  var server: pid_t? {
    guard let text = try? Descriptor(path("db/data/mongod.lock"), flags: O_RDONLY).text(limit: 32),
      let id = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)), isAlive(id)
    else { return nil }
    return id
  }
}

/// Makes a folder, and removes it with everything in it when `body` is done.
func withFolder(named name: String = "", _ body: (TemporaryFolder) throws -> Void) throws {
  let root = FileManager.default.temporaryDirectory.appending(path: "rollcall-store-\(UUID().uuidString)")
  defer { try? FileManager.default.removeItem(at: root) }
  let url = name.isEmpty ? root : root.appending(path: name)
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  try body(TemporaryFolder(url: url))
}

/// Opens the store of a new folder, and closes it after the test.
func withStore(_ body: (Store, TemporaryFolder) throws -> Void) throws {
  try withFolder { folder in
    let store = try folder.open()
    defer { store.close() }
    try body(store, folder)
  }
}

/// Whether the process runs: it exists and is no zombie.
func isAlive(_ id: pid_t) -> Bool {
  guard let status = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
    let name = status.lastIndex(of: ")")
  else { return false }
  return !status[name...].hasPrefix(") Z")
}

/// The error that `body` throws.
func storeError(_ body: () throws -> Void) -> StoreError? {
  do {
    try body()
    return nil
  } catch {
    return error as? StoreError
  }
}

let consent = Consent(
  text: "Policy 2", date: Date(timeIntervalSince1970: 1_700_000_000),
  recorded: Date(timeIntervalSince1970: 1_700_000_100))

func template(_ number: Int, encoder: String = "encoder-1") -> Template {
  Template(
    digest: String(format: "%064x", number), embedding: (0..<128).map { Float(number) + Float($0) / 128 },
    encoder: encoder, quality: 0.75, source: "photo \(number).jpg",
    created: Date(timeIntervalSince1970: 1_700_000_200.125))
}

func event(
  _ id: String, kind: Event.Kind = .photo, at seconds: Double, of person: String?, status: FaceStatus? = nil,
  mask: MaskLabel? = nil
) -> Event {
  Event(
    id: id, kind: kind, time: Date(timeIntervalSince1970: 1_750_000_000 + seconds), source: .camera("door"),
    personID: person,
    status: status ?? (person == nil ? .unknown : .known), method: person == nil ? nil : .face,
    confidence: person == nil ? nil : 0.93, box: Rect(x: 10, y: 20.5, width: 80, height: 90), mask: mask,
    recorded: Date(timeIntervalSince1970: 1_750_000_000 + seconds + 1))
}

extension Store {
  func events(_ query: EventQuery = EventQuery()) throws -> [Event] {
    var events: [Event] = []
    try forEachEvent(query) { events.append($0) }
    return events
  }

  func gallery(encoder: String? = nil) throws -> [GalleryEntry] {
    var entries: [GalleryEntry] = []
    try forEachGalleryEntry(encoder: encoder) { entries.append($0) }
    return entries
  }
}
