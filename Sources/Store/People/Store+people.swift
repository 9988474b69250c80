public import Foundation
public import Values

extension Store {
  /// Creates a person without templates.
  ///
  /// - Throws: `StoreError` with code `exists` if a person with this id exists already. That person is not changed.
  public func createPerson(id: String, name: String, groups: [String] = [], consent: Consent) throws -> Person {
    try Rules.check(personID: id)
    try Rules.check(name: name)
    try Rules.check(groups: groups)
    try Rules.check(consent)
    let now = Date()
    let command: BSONDocument = [
      "findAndModify": .string(StoreSchema.people),
      "query": ["_id": .string(id)],
      "update": [
        "$setOnInsert": [
          "name": .string(name), "groups": .strings(groups), "consent": consent.bson, "created": .date(now),
          "updated": .date(now), "templates": [],
        ]
      ],
      "upsert": true, "new": true, "fields": ["templates.embedding": 0],
    ]
    var isRepeated = false
    return try perform("Making a person") { client in
      defer { isRepeated = true }
      let reply: BSONDocument
      do {
        reply = try Self.changePeople(command, client)
      } catch let failure as MongoFailure where failure.isServerError(ServerCode.duplicateKey) {
        // Another process created a person with this id at the same time.
        reply = try Self.changePeople(command, client)
      }
      guard let document = reply["value"]?.document else { throw Self.nobody(id, "Making a person") }
      let person = try Person(Fields(document, of: StoreSchema.people), withEmbeddings: false)
      let isNew = reply["lastErrorObject"]?.document?["updatedExisting"] == false
      // The first run created the person, but the connection to the server was lost before its answer.
      let wasMade = isRepeated && BSON.date(person.created) == .date(now)
      guard isNew || wasMade else {
        throw StoreError(
          .exists, "Making a person", cause: "somebody has the id \"\(id)\" already",
          advice: "Take another id, or change the person who has it.")
      }
      return person
    }
  }

  /// The person with this id, or nil.
  ///
  /// - Parameter withEmbeddings: Whether to read the templates' embeddings.
  public func person(id: String, withEmbeddings: Bool = false) throws -> Person? {
    var person: Person?
    try forEachPerson(matching: ["_id": .string(id)], withEmbeddings: withEmbeddings) { person = $0 }
    return person
  }

  /// The person with this id, without embeddings.
  ///
  /// - Throws: `StoreError` with code `notFound` if there is no such person.
  public func existingPerson(id: String) throws -> Person {
    guard let person = try person(id: id) else { throw Self.nobody(id, "Reading a person") }
    return person
  }

  /// All people, ordered by id.
  ///
  /// - Parameter withEmbeddings: Whether to read the templates' embeddings.
  public func people(withEmbeddings: Bool = false) throws -> [Person] {
    var people: [Person] = []
    try forEachPerson(withEmbeddings: withEmbeddings) { people.append($0) }
    return people
  }

  /// Calls `body` with each person, ordered by id, as they come from the server.
  ///
  /// - Parameter withEmbeddings: Whether to read the templates' embeddings.
  public func forEachPerson(withEmbeddings: Bool = false, _ body: (Person) throws -> Void) throws {
    try forEachPerson(matching: [:], withEmbeddings: withEmbeddings, body)
  }

  /// The names of all people, ordered by ID, also of people without templates.
  public func names() throws -> [PersonName] {
    var names: [PersonName] = []
    try forEachDocument(StoreSchema.people, [:], projection: ["name": 1], sort: ["_id": 1]) {
      names.append(PersonName(id: try $0.string("_id"), name: try $0.string("name")))
    }
    return names
  }

  /// Changes a person's name, groups, or both, in one write.
  ///
  /// - Parameters:
  ///   - name: The new name; nil to keep the present one.
  ///   - groups: The new groups, which replace all present ones; nil to keep these.
  ///   - moment: Change the person only if `updated` still has this value; nil to change the person in any case.
  /// - Returns: The person after the change.
  /// - Throws: `StoreError` with code `notFound` if there is no such person, `changed` if the person was changed since
  ///   that moment.
  @discardableResult
  public func changePerson(
    id: String, name: String? = nil, groups: [String]? = nil, ifUpdated moment: Date? = nil
  ) throws -> Person {
    if let name { try Rules.check(name: name) }
    if let groups { try Rules.check(groups: groups) }
    let now = BSON.date(Date())
    var values: BSONDocument = ["updated": now]
    if let name { values["name"] = .string(name) }
    if let groups { values["groups"] = .strings(groups) }
    var query: BSONDocument = ["_id": .string(id)]
    // The command may run twice. In the second run, `updated` has the new value already.
    if let moment { query["updated"] = ["$in": [.date(moment), now]] }
    return try perform("Changing a person") { client in
      let command: BSONDocument = [
        "findAndModify": .string(StoreSchema.people), "query": .document(query), "update": ["$set": .document(values)],
        "new": true, "fields": ["templates.embedding": 0],
      ]
      let reply = try Self.changePeople(command, client)
      if let document = reply["value"]?.document {
        return try Person(Fields(document, of: StoreSchema.people), withEmbeddings: false)
      }
      guard try moment != nil && client.holds(StoreSchema.people, id) else {
        throw Self.nobody(id, "Changing a person")
      }
      throw StoreError(
        .changed, "Changing a person", cause: "\"\(id)\" was changed meanwhile",
        advice: "Look at the person again, and repeat the change if it is still wanted.")
    }
  }

  /// Calls `body` with every template, ordered by person, for building a gallery.
  ///
  /// - Parameter encoder: Only templates of this encoder; nil for all.
  public func forEachGalleryEntry(encoder: String? = nil, _ body: (GalleryEntry) throws -> Void) throws {
    let filter: BSONDocument = encoder.map { ["templates.encoder": .string($0)] } ?? [:]
    let projection: BSONDocument = [
      "name": 1, "templates.digest": 1, "templates.encoder": 1, "templates.embedding": 1, "templates.learnt": 1,
    ]
    try forEachDocument(StoreSchema.people, filter, projection: projection, sort: ["_id": 1]) { person in
      let id = try person.string("_id")
      let name = try person.string("name")
      for template in try person.documents("templates") {
        let maker = try template.string("encoder")
        guard encoder == nil || encoder == maker else { continue }
        try body(
          GalleryEntry(
            personID: id, name: name, digest: try template.string("digest"),
            isLearnt: try template.optionalBool("learnt") ?? false, encoder: maker,
            embedding: try template.floats("embedding")))
      }
    }
  }

  private func forEachPerson(
    matching filter: BSONDocument, withEmbeddings: Bool, _ body: (Person) throws -> Void
  ) throws {
    try forEachDocument(
      StoreSchema.people, filter, projection: withEmbeddings ? [:] : ["templates.embedding": 0], sort: ["_id": 1]
    ) { fields in
      try body(try Person(fields, withEmbeddings: withEmbeddings))
    }
  }

  static func nobody(_ id: String, _ operation: String) -> StoreError {
    StoreError(
      .notFound, operation, cause: "nobody has the id \"\(id)\"",
      advice: "See `rollcall people list` for the ids there are.")
  }
}

extension Person {
  init(_ fields: Fields, withEmbeddings: Bool) throws {
    self.init(
      id: try fields.string("_id"), name: try fields.string("name"), groups: try fields.strings("groups"),
      consent: try Consent(fields.document("consent")),
      created: try fields.date("created"), updated: try fields.date("updated"),
      templates: try fields.documents("templates").map { try Template($0, withEmbedding: withEmbeddings) })
  }
}

extension Consent {
  var bson: BSON {
    ["text": .string(text), "date": .date(date), "recorded": .date(recorded)]
  }

  init(_ fields: Fields) throws {
    self.init(
      text: try fields.string("text"), date: try fields.date("date"), recorded: try fields.date("recorded"))
  }
}

extension Template {
  fileprivate init(_ fields: Fields, withEmbedding: Bool) throws {
    self.init(
      digest: try fields.string("digest"), embedding: withEmbedding ? try fields.floats("embedding") : [],
      encoder: try fields.string("encoder"), quality: try fields.double("quality"),
      source: try fields.string("source"), created: try fields.date("created"),
      isLearnt: try fields.optionalBool("learnt") ?? false)
  }

  var bson: BSON {
    var document: BSONDocument = [
      "digest": .string(digest), "embedding": .floats(embedding), "encoder": .string(encoder),
      "quality": .double(quality), "source": .string(source), "created": .date(created),
    ]
    if isLearnt { document["learnt"] = true }
    return .document(document)
  }
}
