public import Foundation
public import Values

extension Store {
  /// A filter for events.
  public struct EventQuery: Sendable, Equatable {
    /// Only events at or after this moment.
    public var from: Date?
    /// Only events before this moment.
    public var until: Date?
    /// Only events of this person.
    public var personID: String?
    /// Only events with this status.
    public var status: FaceStatus?
    /// Only events of this camera.
    public var camera: String?
    /// Only events with this mask label.
    public var mask: MaskLabel?

    /// A filter with the given conditions; all events by default.
    public init(
      from: Date? = nil, until: Date? = nil, personID: String? = nil, status: FaceStatus? = nil,
      camera: String? = nil, mask: MaskLabel? = nil
    ) {
      self.from = from
      self.until = until
      self.personID = personID
      self.status = status
      self.camera = camera
      self.mask = mask
    }

    fileprivate var filter: BSONDocument {
      var filter: BSONDocument = [:]
      var time: BSONDocument = [:]
      if let from { time["$gte"] = .date(from) }
      if let until { time["$lt"] = .date(until) }
      if !time.fields.isEmpty { filter["time"] = .document(time) }
      if let personID { filter["personID"] = .string(personID) }
      if let status { filter["status"] = .string(status.rawValue) }
      if let camera { filter["camera"] = .string(camera) }
      if let mask { filter["mask"] = .string(mask.rawValue) }
      return filter
    }
  }

  /// Records events. An event whose id is stored already stays as it is. An event of a person who is not enrolled any
  /// more is recorded without the person, with the status `forgotten`.
  ///
  /// - Returns: The number of new events. The number is too low if the private mongod was killed during the call and
  ///   started again, because it cannot report what was written just before.
  public func insertEvents(_ events: [Event]) throws -> Int {
    for event in events { try Rules.check(event) }
    var inserted = 0
    for start in stride(from: 0, to: events.count, by: Self.batchSize) {
      let batch = events[start..<min(start + Self.batchSize, events.count)]
      inserted += try perform("Recording sightings") { client in
        let people = Set(batch.compactMap(\.personID))
        let enrolled = try Self.enrolled(among: people, client)
        let documents = batch.map { BSON.document($0.document(enrolled: enrolled)) }
        let reply = try client.write(
          ["insert": .string(StoreSchema.events), "ordered": false, "documents": .array(documents)],
          tolerating: [ServerCode.duplicateKey])
        // A person may be forgotten between the first check and the write. `forget` did not find these events then, so
        // the check is repeated. If the writer is killed here, the events are still in its spool, and the next writer
        // repeats this step.
        for id in people.subtracting(try Self.enrolled(among: people, client)) { _ = try Self.anonymise(id, client) }
        return reply["n"]?.integer ?? 0
      }
    }
    return inserted
  }

  /// Calls `body` with each event, ordered by time, then by id, as they come from the server.
  ///
  /// - Parameter place: Only events after this place; nil for all.
  public func forEachEvent(
    _ query: EventQuery = EventQuery(), after place: LogPlace? = nil, _ body: (Event) throws -> Void
  ) throws {
    var filter = query.filter
    if let place { filter["$and"] = .array(place.conditions) }
    try forEachDocument(StoreSchema.events, filter, sort: ["time": 1, "_id": 1]) {
      try body(try Event($0))
    }
  }

  /// A place among events or marks, given by the entry before it.
  public struct LogPlace: Sendable, Equatable {
    /// The time of the entry before.
    public let time: Date
    /// The id of the entry before.
    public let id: String

    /// The place after an event or a mark.
    public init(time: Date, id: String) {
      self.time = time
      self.id = id
    }

    /// The conditions for the entries after this place. They avoid "$or", because the server could answer it from the
    /// index of ids and would then have to sort all these entries.
    var conditions: [BSON] {
      [["time": ["$gte": .date(time)]], ["$nor": [["time": .date(time), "_id": ["$lte": .string(id)]]]]]
    }
  }

  /// Calls `body` with the fields of every matching document, as they come from the server.
  func forEachDocument(
    _ collection: String, _ filter: BSONDocument, projection: BSONDocument = [:], sort: BSONDocument,
    collation: BSONDocument? = nil, _ body: (Fields) throws -> Void
  ) throws {
    var options: BSONDocument = ["sort": .document(sort)]
    if !projection.fields.isEmpty { options["projection"] = .document(projection) }
    if let collation { options["collation"] = .document(collation) }
    var delivered = false
    try perform("Reading \(collection)", repeatable: { !delivered }) { client in
      try client.find(collection, filter, options: options) { document in
        delivered = true
        try body(Fields(document, of: collection))
      }
    }
  }

  /// Events in one write. This is far below the server's limits of 100,000 documents and 48 MB.
  private static let batchSize = 1000

  static func enrolled(among ids: Set<String>, _ client: MongoClient) throws -> Set<String> {
    guard !ids.isEmpty else { return [] }
    return Set(try client.ids(of: StoreSchema.people, ["_id": ["$in": .strings(ids.sorted())]]))
  }
}

extension Event {
  fileprivate func document(enrolled: Set<String>) -> BSONDocument {
    let isForgotten = personID.map { !enrolled.contains($0) } ?? false
    return BSONDocument(fields: [
      ("_id", .string(id)),
      ("kind", .string(kind.rawValue)),
      ("time", .date(time)),
      source.field,
      ("personID", isForgotten ? .null : .optional(personID)),
      ("status", .string((isForgotten ? .forgotten : status).rawValue)),
      ("method", .optional(method?.rawValue)),
      ("confidence", confidence.map(BSON.double) ?? .null),
      ("box", .array([box.x, box.y, box.width, box.height].map(BSON.double))),
      ("mask", .optional(mask?.rawValue)),
      ("recorded", .date(recorded)),
    ])
  }

  fileprivate init(_ fields: Fields) throws {
    let box = try fields.doubles("box")
    guard box.count == 4 else { throw fields.damaged("box") }
    guard let status = FaceStatus(rawValue: try fields.string("status")) else { throw fields.damaged("status") }
    let method = try fields.optionalString("method").map { name in
      guard let method = RecognitionMethod(rawValue: name) else { throw fields.damaged("method") }
      return method
    }
    let mask = try fields.optionalString("mask").map { name in
      guard let mask = MaskLabel(rawValue: name) else { throw fields.damaged("mask") }
      return mask
    }
    let kind = try fields.optionalString("kind").map { name in
      guard let kind = Kind(rawValue: name) else { throw fields.damaged("kind") }
      return kind
    }
    self.init(
      id: try fields.string("_id"), kind: kind ?? .photo, time: try fields.date("time"), source: try Source(fields),
      personID: try fields.optionalString("personID"), status: status, method: method,
      confidence: try fields.optionalDouble("confidence"),
      box: Rect(x: box[0], y: box[1], width: box[2], height: box[3]), mask: mask, recorded: try fields.date("recorded"))
  }
}

extension Event.Source {
  /// The field of a document that stores the source.
  var field: (key: String, value: BSON) {
    switch self {
    case .camera(let name): ("camera", .string(name))
    case .file(let path): ("file", .string(path))
    }
  }

  init(_ fields: Fields) throws {
    if let camera = try fields.optionalString("camera") {
      self = .camera(camera)
    } else {
      self = .file(try fields.string("file"))
    }
  }
}
