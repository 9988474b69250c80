/// The collections for access and its records: accounts, sessions, tokens, the audit log, stored answers, and cameras.
extension StoreSchema {
  static let accounts = "accounts"
  static let sessions = "sessions"
  static let tokens = "tokens"
  static let audit = "audit"
  static let answers = "answers"
  static let cameras = "cameras"

  /// A collation that ignores letter case.
  static let anyCase: BSONDocument = ["locale": "en", "strength": 2]

  /// The fields that contain names of accounts. An account may have a person's id as its name. Forgetting the person
  /// does not change the account, so the search that proves it skips these fields.
  static let accountNames: [String: BSONDocument] = [
    accounts: ["name": 0], audit: ["who": 0, "account": 0], cameras: ["by": 0],
  ]

  static let accessValidators: [(collection: String, validator: BSONDocument)] = [
    (
      accounts,
      validator(
        [
          ("_id", uuid),
          ("name", ["bsonType": "string", "pattern": "^(?=.*[A-Za-z0-9])[A-Za-z0-9._@-]{1,64}$"]),
          ("role", choice(of: Account.Role.self)),
          ("passwordHash", text(Rules.hashLength)),
          ("stamp", text(Rules.stampLength)),
          ("created", type("date")),
          ("lastLogin", ["bsonType": ["date", "null"]]),
        ],
        optional: [
          ("isFirst", ["enum": [true]]), ("leaving", object([("mark", uuid), ("since", type("date"))])),
        ])
    ),
    (
      sessions,
      validator([
        ("_id", digest), ("accountID", uuid), ("stamp", text(Rules.stampLength)), ("csrf", text(Rules.csrfLength)),
        ("created", type("date")), ("lastUsed", type("date")), ("expires", type("date")),
      ])
    ),
    (
      tokens,
      validator([
        ("_id", uuid), ("name", text(Rules.nameLength)), ("digest", digest),
        (
          "permissions",
          ["bsonType": "array", "uniqueItems": true, "items": text(Rules.permissionLength)]
        ),
        ("accountID", uuid), ("created", type("date")), ("lastUsed", ["bsonType": ["date", "null"]]),
        ("expires", ["bsonType": ["date", "null"]]),
      ])
    ),
    (
      audit,
      validator(
        [
          ("_id", uuid), ("time", type("date")), ("who", text(Rules.whoLength)),
          ("address", text(Rules.addressLength)),
          ("action", ["bsonType": "string", "pattern": "^[a-z]+(-[a-z]+)*$", "maxLength": 64]),
        ],
        optional: [
          ("personID", ["bsonType": ["string", "null"], "minLength": 1, "maxLength": .int32(Int32(Rules.idLength))]),
          ("account", text(Rules.accountNameLength)), ("object", text(Rules.objectLength)),
          ("detail", text(Rules.reasonLength)),
        ])
    ),
    (
      answers,
      validator(
        [
          ("_id", digest), ("accountID", uuid), ("digest", digest), ("claim", uuid),
          ("state", choice(of: IdempotentAnswer.State.self)), ("started", type("date")), ("expires", type("date")),
        ],
        optional: [
          ("status", ["bsonType": "int"]), ("contentType", text(Rules.headerLength)),
          ("location", text(Rules.headerLength)), ("entityTag", text(Rules.headerLength)), ("body", type("binData")),
        ])
    ),
    (
      cameras,
      validator([
        ("_id", text(Rules.nameLength)), ("source", text(Rules.sourceLength)), ("created", type("date")),
        ("by", text(Rules.whoLength)),
      ])
    ),
  ]

  static let accessIndexes: [(collection: String, indexes: [BSONDocument])] = [
    (
      accounts,
      [
        ["name": "name", "key": ["name": 1], "unique": true, "collation": .document(anyCase)],
        // At most one account can be the first one, even if several are made at the same time.
        [
          "name": "first", "key": ["isFirst": 1], "unique": true,
          "partialFilterExpression": ["isFirst": true],
        ],
      ]
    ),
    (
      sessions,
      [
        ["name": "account", "key": ["accountID": 1]],
        ["name": "expires", "key": ["expires": 1], "expireAfterSeconds": 0],
      ]
    ),
    (
      tokens,
      [
        ["name": "digest", "key": ["digest": 1], "unique": true],
        ["name": "account", "key": ["accountID": 1]],
        ["name": "created", "key": ["created": 1, "_id": 1]],
      ]
    ),
    (
      audit,
      [
        ["name": "time", "key": ["time": -1, "_id": -1]],
        ["name": "action-time", "key": ["action": 1, "time": -1, "_id": -1]],
        [
          "name": "who-time", "key": ["who": 1, "time": -1, "_id": -1], "collation": .document(anyCase),
        ],
        ["name": "person", "key": ["personID": 1]],
      ]
    ),
    (answers, [["name": "expires", "key": ["expires": 1], "expireAfterSeconds": 0]]),
  ]

  private static func validator(_ fields: [(String, BSON)], optional: [(String, BSON)] = []) -> BSONDocument {
    ["$jsonSchema": object(fields, optional: optional)]
  }
}
