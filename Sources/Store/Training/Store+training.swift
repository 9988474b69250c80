public import Foundation
public import Values

extension Store {
  /// A filter for photos of the training collection.
  public struct TrainingQuery: Sendable, Equatable {
    /// Only photos with these ids.
    public var ids: [String]?
    /// Only photos of this person, ignoring letter case.
    public var name: String?
    /// Only photos from this source.
    public var source: String?
    /// Only photos whose current label, after corrections, is this one.
    public var label: MaskLabel?
    /// Only photos of this split.
    public var split: TrainingPhoto.Split?

    /// A filter with the given conditions; all photos by default.
    public init(
      ids: [String]? = nil, name: String? = nil, source: String? = nil, label: MaskLabel? = nil,
      split: TrainingPhoto.Split? = nil
    ) {
      self.ids = ids
      self.name = name
      self.source = source
      self.label = label
      self.split = split
    }

    var filter: BSONDocument {
      var filter: BSONDocument = [:]
      if let ids { filter["_id"] = ["$in": .strings(ids)] }
      if let name { filter["name"] = .string(name) }
      if let source { filter["source"] = .string(source) }
      if let label { filter["current"] = .string(label.rawValue) }
      if let split { filter["split"] = .string(split.rawValue) }
      return filter
    }
  }

  /// Stores photos of the training collection. A photo whose id is stored already stays as it is. Missing bytes are
  /// added.
  ///
  /// A photo's document, with the consent, is stored before its bytes, so that stored bytes always have a document.
  ///
  /// - Parameter photos: Each photo with the bytes of its file.
  public func addTrainingPhotos(_ photos: [(photo: TrainingPhoto, data: Data)]) throws {
    guard !photos.isEmpty else { return }
    for (photo, _) in photos { try Rules.check(photo) }
    try perform("Storing photos") { client in
      try client.write(
        [
          "insert": .string(StoreSchema.training), "ordered": false,
          "documents": .array(photos.map { .document($0.photo.bson) }),
        ], tolerating: [ServerCode.duplicateKey])
      let bucket = try PhotoBucket(.photos, client)
      for (photo, data) in photos { try bucket.store(photo.id, name: "\(photo.id).\(photo.kind.rawValue)", data) }
    }
  }

  /// Calls `body` with each photo, ordered by id, as they come from the server.
  public func forEachTrainingPhoto(_ query: TrainingQuery = TrainingQuery(), _ body: (TrainingPhoto) throws -> Void)
    throws
  {
    try forEachDocument(
      StoreSchema.training, query.filter, sort: ["_id": 1], collation: query.name == nil ? nil : StoreSchema.anyCase
    ) {
      try body(try TrainingPhoto($0))
    }
  }

  /// The number of photos that match the query.
  public func trainingPhotoCount(_ query: TrainingQuery = TrainingQuery()) throws -> Int {
    var command: BSONDocument = ["count": .string(StoreSchema.training), "query": .document(query.filter)]
    if query.name != nil { command["collation"] = .document(StoreSchema.anyCase) }
    return try perform("Counting photos") { try $0.run(command)["n"]?.integer ?? 0 }
  }

  /// The ids that begin with a text, in order. At most three, which is enough to see whether there is exactly one.
  public func trainingPhotoIDs(beginningWith text: String) throws -> [String] {
    var ids: [String] = []
    // "g" sorts after all hexadecimal digits.
    try perform("Looking for a photo") { client in
      ids = []
      try client.find(
        StoreSchema.training, ["_id": ["$gte": .string(text), "$lt": .string(text + "g")]],
        options: ["projection": ["_id": 1], "sort": ["_id": 1], "limit": 3]
      ) { ids.append(try Fields($0, of: StoreSchema.training).string("_id")) }
    }
    return ids
  }

  /// The bytes of a photo; nil if they are not stored, because an import was interrupted.
  public func trainingPhotoData(id: String) throws -> Data? {
    try perform("Reading a photo") { try PhotoBucket(.photos, $0).get(id) }
  }

  /// The ids of all photos whose bytes are stored.
  public func storedTrainingPhotoIDs() throws -> Set<String> {
    var ids: Set<String> = []
    try forEachDocument(PhotoBucket.Name.photos.files, [:], projection: ["_id": 1], sort: ["_id": 1]) {
      ids.insert(try $0.string("_id"))
    }
    return ids
  }

  /// Corrects or confirms a photo's label. The label that the photo was imported with is kept.
  ///
  /// - Parameter id: The whole id.
  /// - Throws: `StoreError` with code `notFound` if there is no such photo.
  public func correctTrainingPhoto(id: String, _ correction: TrainingPhoto.Correction) throws {
    try Rules.check(correction)
    let reply = try perform("Correcting a label") { client in
      try client.write([
        "update": .string(StoreSchema.training),
        "updates": [
          [
            "q": ["_id": .string(id)],
            // `$addToSet` instead of `$push`, because the command may run twice.
            "u": [
              "$addToSet": ["corrections": correction.bson], "$set": ["current": .string(correction.label.rawValue)],
            ],
          ]
        ],
      ])
    }
    guard reply["n"]?.integer == 1 else {
      throw StoreError(
        .notFound, "Correcting a label", cause: "the training collection has no photo \(id)",
        advice: "See `rollcall dataset review` for the ids.")
    }
  }

  /// Joins clusters of near-duplicates. All their photos get the same cluster and the same split.
  public func joinTrainingClusters(_ clusters: [String], into cluster: String, split: TrainingPhoto.Split) throws {
    try perform("Joining near-duplicates") { client in
      _ = try client.write([
        "update": .string(StoreSchema.training),
        "updates": [
          [
            "q": ["cluster": ["$in": .strings(clusters)]],
            "u": ["$set": ["cluster": .string(cluster), "split": .string(split.rawValue)]],
            "multi": true,
          ]
        ],
      ])
    }
  }

  /// The result of `forgetTrainingPhotos`, with the proof that it worked.
  public struct ForgottenPhotos: Sendable, Equatable {
    /// Photos that were removed, with label, consent and perceptual hash.
    public let photos: Int
    /// Chunks of photo files that were removed.
    public let chunks: Int
    /// What is left: the number of documents of any collection that contain one of the ids, and of photos that the
    /// query still finds. 0 is the proof.
    public let remaining: Int
    /// The ids of photos that stay although they are near-duplicates of removed ones.
    public let nearDuplicates: [String]
  }

  /// Removes photos, and then searches every document of every collection for their ids.
  ///
  /// To finish a run that was interrupted, run it again: a photo's document is removed last.
  public func forgetTrainingPhotos(_ query: TrainingQuery) throws -> ForgottenPhotos {
    var ids: [String] = []
    var clusters: Set<String> = []
    try forEachTrainingPhoto(query) {
      ids.append($0.id)
      clusters.insert($0.cluster)
    }
    var (photos, chunks) = (0, 0)
    for batch in ids.batches {
      let counts = try perform("Forgetting photos") { client in
        let chunks = try PhotoBucket.remove(batch, from: .photos, client)
        return (photos: try client.remove(batch, from: StoreSchema.training), chunks: chunks)
      }
      photos += counts.photos
      chunks += counts.chunks
    }
    var remaining = 0
    try forEachTrainingPhoto(query) { _ in remaining += 1 }
    let removed = Set(ids)
    remaining += try perform("Searching for forgotten photos") { client in
      try Self.documents(client) { bytes in
        try BSON.document(BSONDocument(decoding: bytes)).holds(oneOf: removed)
      }
    }
    var nearDuplicates: [String] = []
    try forEachDocument(
      StoreSchema.training, ["cluster": ["$in": .strings(clusters.sorted())]], projection: ["_id": 1], sort: ["_id": 1]
    ) {
      nearDuplicates.append(try $0.string("_id"))
    }
    return ForgottenPhotos(photos: photos, chunks: chunks, remaining: remaining, nearDuplicates: nearDuplicates)
  }
}

extension BSON {
  /// Whether a string at any depth is one of these texts.
  fileprivate func holds(oneOf texts: Set<String>) -> Bool {
    switch self {
    case .string(let text): texts.contains(text)
    case .array(let values): values.contains { $0.holds(oneOf: texts) }
    case .document(let document): document.fields.contains { $0.value.holds(oneOf: texts) }
    default: false
    }
  }
}

extension TrainingPhoto {
  fileprivate var bson: BSONDocument {
    var document: BSONDocument = [
      "_id": .string(id), "file": .string(file), "kind": .string(kind.rawValue), "bytes": .int64(Int64(bytes)),
      "hash": .int64(Int64(bitPattern: hash)), "mirroredHash": .int64(Int64(bitPattern: mirroredHash)),
      "cluster": .string(cluster), "label": .string(label.rawValue),
      "current": .string(current.rawValue), "source": .string(source), "split": .string(split.rawValue),
      "consent": consent.bson, "corrections": .array(corrections.map(\.bson)), "imported": .date(imported),
    ]
    if let name { document["name"] = .string(name) }
    return document
  }

  fileprivate init(_ fields: Fields) throws {
    self.init(
      id: try fields.string("_id"), file: try fields.string("file"), kind: try fields.choice("kind"),
      bytes: Int(try fields.integer("bytes")), hash: UInt64(bitPattern: try fields.integer("hash")),
      mirroredHash: UInt64(bitPattern: try fields.integer("mirroredHash")),
      cluster: try fields.string("cluster"), label: try fields.choice("label"), source: try fields.string("source"),
      split: try fields.choice("split"), consent: try Consent(fields.document("consent")),
      name: try fields.optionalString("name"),
      corrections: try fields.documents("corrections").map(Correction.init), imported: try fields.date("imported"))
  }
}

extension TrainingPhoto.Correction {
  fileprivate var bson: BSON {
    ["label": .string(label.rawValue), "by": .string(by), "reason": .string(reason), "date": .date(date)]
  }

  fileprivate init(_ fields: Fields) throws {
    self.init(
      label: try fields.choice("label"), by: try fields.string("by"), reason: try fields.string("reason"),
      date: try fields.date("date"))
  }
}
