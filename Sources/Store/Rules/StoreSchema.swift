import Values

/// The collections with their validators and indexes.
enum StoreSchema {
  /// The version of the schema. It increases with every change of validators or indexes. Documents of older versions
  /// stay valid, because fields added later are optional.
  ///
  /// Version 2 added the mask of an event and the training collection. Version 3 added events by the periocular region.
  /// Version 4 added the kinds of events, marks and voidings. Version 5 added snapshots. Version 6 added accounts,
  /// sessions, tokens, the audit log, stored answers and cameras. Version 7 added embeddings of 512 values, version 8
  /// learnt ones.
  static let version = 8
  static let people = "people"
  static let events = "sightings"
  static let marks = "marks"
  static let voidings = "voidings"
  static let training = "training"
  static let snapshots = "snapshots"
  static let meta = "meta"

  /// Creates what is missing, and upgrades what an older version has created. If everything is up to date, this is one
  /// small read.
  ///
  /// Two processes may do this at the same time, because each step may run twice.
  static func prepare(_ client: MongoClient) throws {
    var found: Int?
    try client.find(meta, ["_id": "schema"], options: ["limit": 1]) { found = $0["version"]?.integer }
    guard found != version else { return }
    if let found, found > version {
      throw StoreError(
        .newerSchema, "Opening the database",
        cause: "a newer Rollcall has written it (schema \(found), this one knows \(version))",
        advice: "Use that newer Rollcall, or another data folder or database.")
    }
    try create(people, validator: peopleValidator, client)
    try create(events, validator: eventsValidator, client)
    try create(marks, validator: marksValidator, client)
    try create(voidings, validator: voidingsValidator, client)
    try create(training, validator: trainingValidator, client)
    try create(snapshots, validator: snapshotsValidator, client)
    for (collection, validator) in accessValidators { try create(collection, validator: validator, client) }
    let bucketIndexes = PhotoBucket.Name.allCases.flatMap { [($0.chunks, [chunkIndex]), ($0.files, [fileIndex])] }
    for (collection, indexes) in indexes + accessIndexes + bucketIndexes {
      try client.write(["createIndexes": .string(collection), "indexes": .array(indexes.map(BSON.document))])
    }
    try client.write([
      "update": .string(meta),
      "updates": [
        ["q": ["_id": "schema"], "u": ["$max": ["version": .int32(Int32(version))]], "upsert": true]
      ],
    ])
  }

  private static func create(_ collection: String, validator: BSONDocument, _ client: MongoClient) throws {
    let rules: [(String, BSON)] = [
      ("validator", .document(validator)), ("validationLevel", "strict"), ("validationAction", "error"),
    ]
    do {
      try client.write(BSONDocument(fields: [("create", .string(collection))] + rules))
    } catch let failure as MongoFailure where failure.isServerError(ServerCode.namespaceExists) {
      try client.write(BSONDocument(fields: [("collMod", .string(collection))] + rules))
    }
  }

  /// The sizes that an embedding may have, in bytes.
  private static let embeddingSizes = BSON.array(Template.dimensions.map { .int32(Int32($0 * 4)) })

  private static let peopleValidator: BSONDocument = [
    "$jsonSchema": object([
      ("_id", text(Rules.idLength)),
      ("name", text(Rules.nameLength)),
      ("groups", ["bsonType": "array", "uniqueItems": true, "items": text(Rules.groupLength)]),
      ("consent", consent),
      ("created", type("date")),
      ("updated", type("date")),
      (
        "templates",
        [
          "bsonType": "array",
          "items": object(
            [
              ("digest", digest),
              ("embedding", type("binData")),
              ("encoder", text(Rules.encoderLength)),
              ("quality", type("double")),
              ("source", text(Rules.sourceLength)),
              ("created", type("date")),
            ], optional: [("learnt", type("bool"))]),
        ]
      ),
    ]),
    // JSON Schema cannot express the length of a binary.
    "$expr": [
      "$allElementsTrue": [
        [
          "$map": [
            "input": ["$ifNull": ["$templates", []]],
            "in": ["$in": [["$binarySize": "$$this.embedding"], embeddingSizes]],
          ]
        ]
      ]
    ],
  ]

  private static let eventsValidator: BSONDocument = [
    "$jsonSchema": object(
      [
        ("_id", text(Rules.eventIDLength)),
        ("time", type("date")),
        ("personID", ["bsonType": ["string", "null"], "minLength": 1, "maxLength": .int32(Int32(Rules.idLength))]),
        ("status", ["enum": .strings(FaceStatus.logged.map(\.rawValue))]),
        ("method", ["enum": .array(RecognitionMethod.allCases.map { .string($0.rawValue) } + [.null])]),
        ("confidence", ["bsonType": ["double", "null"], "minimum": 0, "maximum": 1]),
        ("box", ["bsonType": "array", "minItems": 4, "maxItems": 4, "items": type("double")]),
        ("recorded", type("date")),
      ],
      optional: [
        ("kind", choice(of: Event.Kind.self)),
        ("camera", text(Rules.sourceLength)), ("file", text(Rules.sourceLength)),
        ("mask", ["enum": .array(MaskLabel.allCases.map { .string($0.rawValue) } + [.null])]),
      ],
      more: [("oneOf", [["required": ["camera"]], ["required": ["file"]]])])
  ]

  private static let marksValidator: BSONDocument = [
    "$jsonSchema": object([
      ("_id", uuid),
      ("personID", text(Rules.idLength)),
      ("direction", choice(of: Mark.Direction.self)),
      ("time", type("date")),
      ("by", text(Rules.nameLength)),
      ("reason", text(Rules.reasonLength)),
      ("recorded", type("date")),
    ])
  ]

  private static let voidingsValidator: BSONDocument = [
    "$jsonSchema": object([
      ("_id", text(Rules.eventIDLength)),
      ("by", text(Rules.nameLength)),
      ("reason", text(Rules.reasonLength)),
      ("recorded", type("date")),
    ])
  ]

  private static let trainingValidator: BSONDocument = [
    "$jsonSchema": object(
      [
        ("_id", digest),
        ("file", text(Rules.sourceLength)),
        ("kind", choice(of: TrainingPhoto.Kind.self)),
        ("bytes", ["bsonType": "long", "minimum": 0]),
        ("hash", type("long")),
        ("mirroredHash", type("long")),
        ("cluster", text(Rules.clusterLength)),
        ("label", ["enum": .strings(MaskLabel.classes.map(\.rawValue))]),
        ("current", ["enum": .strings(MaskLabel.classes.map(\.rawValue))]),
        ("source", text(Rules.nameLength)),
        ("split", choice(of: TrainingPhoto.Split.self)),
        ("consent", consent),
        (
          "corrections",
          [
            "bsonType": "array",
            "items": object([
              ("label", ["enum": .strings(MaskLabel.classes.map(\.rawValue))]), ("by", text(Rules.nameLength)),
              ("reason", text(Rules.reasonLength)), ("date", type("date")),
            ]),
          ]
        ),
        ("imported", type("date")),
      ],
      optional: [("name", text(Rules.nameLength))])
  ]

  private static let snapshotsValidator: BSONDocument = [
    "$jsonSchema": object(
      [
        ("_id", text(Rules.eventIDLength)),
        ("time", type("date")),
        ("personID", ["bsonType": ["string", "null"], "minLength": 1, "maxLength": .int32(Int32(Rules.idLength))]),
        ("state", choice(of: Snapshot.State.self)),
        ("expires", type("date")),
      ],
      optional: [("camera", text(Rules.sourceLength)), ("file", text(Rules.sourceLength))],
      more: [("oneOf", [["required": ["camera"]], ["required": ["file"]]])])
  ]

  private static let indexes: [(collection: String, indexes: [BSONDocument])] = [
    (
      events,
      [
        ["name": "time", "key": ["time": 1, "_id": 1]],
        ["name": "person-time", "key": ["personID": 1, "time": 1, "_id": 1]],
      ]
    ),
    (
      marks,
      [
        ["name": "time", "key": ["time": 1, "_id": 1]],
        ["name": "person-time", "key": ["personID": 1, "time": 1, "_id": 1]],
      ]
    ),
    (
      training,
      [
        ["name": "source", "key": ["source": 1, "_id": 1]],
        ["name": "cluster", "key": ["cluster": 1, "_id": 1]],
      ]
    ),
    (
      snapshots,
      [
        ["name": "expires", "key": ["expires": 1]],
        ["name": "person", "key": ["personID": 1]],
      ]
    ),
  ]

  /// The indexes that the GridFS specification asks for.
  private static let chunkIndex: BSONDocument = [
    "name": "files_id_1_n_1", "key": ["files_id": 1, "n": 1], "unique": true,
  ]
  private static let fileIndex: BSONDocument = [
    "name": "filename_1_uploadDate_1", "key": ["filename": 1, "uploadDate": 1],
  ]

  static let digest: BSON = ["bsonType": "string", "pattern": "^[0-9a-f]{64}$"]

  static let uuid: BSON = ["bsonType": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"]

  private static let consent = object([
    ("text", text(Rules.consentLength)), ("date", type("date")), ("recorded", type("date")),
  ])

  static func choice<Choice: CaseIterable & RawRepresentable<String>>(of _: Choice.Type) -> BSON {
    ["enum": .strings(Choice.allCases.map(\.rawValue))]
  }

  /// The schema of an object that has all of `fields`, may have those of `optional`, and has no others.
  static func object(
    _ fields: [(String, BSON)], optional: [(String, BSON)] = [], more: [(String, BSON)] = []
  ) -> BSON {
    .document(
      BSONDocument(
        fields: [
          ("bsonType", "object"), ("required", .strings(fields.map(\.0))), ("additionalProperties", false),
          ("properties", .document(BSONDocument(fields: fields + optional))),
        ] + more))
  }

  static func type(_ name: String) -> BSON {
    ["bsonType": .string(name)]
  }

  static func text(_ longest: Int) -> BSON {
    ["bsonType": "string", "minLength": 1, "maxLength": .int32(Int32(longest))]
  }
}
