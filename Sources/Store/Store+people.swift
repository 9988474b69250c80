import Foundation

extension Store {
  /// What `addTemplates` did.
  public struct AddedTemplates: Sendable, Equatable {
    /// Whether the person was new.
    public let isNewPerson: Bool
    /// Templates that were not there before.
    public let added: Int
    /// The person's name as stored, which an earlier enrolment or a renaming may have set.
    public let name: String
  }

  /// Adds templates to a person, who is made if new, all in one write that happens as a whole or not at all.
  ///
  /// A template that is there already, by photo digest and encoder, is left alone, so doing the same again changes
  /// nothing. New groups are added behind the person's own. An existing person keeps the name. With a new template,
  /// `consent` takes the place of the earlier one.
  public func addTemplates(
    _ templates: [Template], personID: String, name: String, groups: [String] = [], consent: Consent
  ) throws -> AddedTemplates {
    try Rules.check(personID: personID)
    try Rules.check(name: name)
    try Rules.check(groups: groups)
    try Rules.check(consent)
    for template in templates { try Rules.check(template) }
    var keys: Set<TemplateKey> = []
    let distinct = templates.filter { keys.insert(TemplateKey($0)).inserted }

    let command: BSONDocument = [
      "findAndModify": .string(Schema.people),
      "query": ["_id": .string(personID)],
      "update": .array(
        Self.enrolment(of: distinct, name: name, groups: groups, consent: consent).map(BSON.document)),
      "upsert": true,
      "fields": ["name": 1, "templates.digest": 1, "templates.encoder": 1],
    ]
    return try perform("Storing templates") { client in
      let reply: BSONDocument
      do {
        reply = try client.write(command)
      } catch let failure as MongoFailure where failure.isServerError(ServerCode.duplicateKey) {
        // Two processes made the same person at the same moment. Now there is one to add to.
        reply = try client.write(command)
      }
      guard let before = reply["value"]?.document else {
        return AddedTemplates(isNewPerson: true, added: distinct.count, name: name)
      }
      let fields = Fields(before, of: Schema.people)
      let stored = Set(try fields.documents("templates").map(TemplateKey.init))
      return AddedTemplates(
        isNewPerson: false, added: keys.subtracting(stored).count, name: try fields.string("name"))
    }
  }

  /// The person with this id, or nil.
  ///
  /// - Parameter withEmbeddings: whether the templates hold their embeddings.
  public func person(id: String, withEmbeddings: Bool = false) throws -> Person? {
    var person: Person?
    try forEachPerson(matching: ["_id": .string(id)], withEmbeddings: withEmbeddings) { person = $0 }
    return person
  }

  /// All people, ordered by id.
  ///
  /// - Parameter withEmbeddings: whether the templates hold their embeddings.
  public func people(withEmbeddings: Bool = false) throws -> [Person] {
    var people: [Person] = []
    try forEachPerson(withEmbeddings: withEmbeddings) { people.append($0) }
    return people
  }

  /// Calls `body` with one person after the other, ordered by id, as they come from the server.
  ///
  /// - Parameter withEmbeddings: whether the templates hold their embeddings.
  public func forEachPerson(withEmbeddings: Bool = false, _ body: (Person) throws -> Void) throws {
    try forEachPerson(matching: [:], withEmbeddings: withEmbeddings, body)
  }

  /// Gives the person another name.
  ///
  /// - Throws: `StoreError` with code `notFound` when there is no such person.
  public func rename(id: String, to name: String) throws {
    try Rules.check(name: name)
    try update(id: id, ["name": .string(name)])
  }

  /// Puts the person into exactly these groups.
  ///
  /// - Throws: `StoreError` with code `notFound` when there is no such person.
  public func setGroups(id: String, to groups: [String]) throws {
    try Rules.check(groups: groups)
    try update(id: id, ["groups": .strings(groups)])
  }

  /// Calls `body` with every template, ordered by person, as a gallery needs them.
  ///
  /// - Parameter encoder: only templates that this model made.
  public func forEachGalleryEntry(encoder: String? = nil, _ body: (GalleryEntry) throws -> Void) throws {
    let filter: BSONDocument = encoder.map { ["templates.encoder": .string($0)] } ?? [:]
    let projection: BSONDocument = [
      "name": 1, "templates.digest": 1, "templates.encoder": 1, "templates.embedding": 1,
    ]
    try forEachDocument(Schema.people, filter, projection: projection, sort: ["_id": 1]) { person in
      let id = try person.string("_id")
      let name = try person.string("name")
      for template in try person.documents("templates") {
        let maker = try template.string("encoder")
        guard encoder == nil || encoder == maker else { continue }
        try body(
          GalleryEntry(
            personID: id, name: name, digest: try template.string("digest"), encoder: maker,
            embedding: try template.floats("embedding")))
      }
    }
  }

  /// Another value than before whenever somebody was enrolled, changed or forgotten in between.
  public func peopleRevision() throws -> PeopleRevision {
    try perform("Looking for changed people") { client in
      var updated: Date?
      try client.find(
        Schema.people, [:], options: ["projection": ["updated": 1], "sort": ["updated": -1], "limit": 1]
      ) { updated = try Fields($0, of: Schema.people).date("updated") }
      let count = try client.ask(["count": .string(Schema.people)])["n"]?.integer ?? 0
      return PeopleRevision(count: count, updated: updated)
    }
  }

  private func forEachPerson(
    matching filter: BSONDocument, withEmbeddings: Bool, _ body: (Person) throws -> Void
  ) throws {
    try forEachDocument(
      Schema.people, filter, projection: withEmbeddings ? [:] : ["templates.embedding": 0], sort: ["_id": 1]
    ) { fields in
      try body(try Person(fields, withEmbeddings: withEmbeddings))
    }
  }

  private func update(id: String, _ values: BSONDocument) throws {
    var values = values
    values["updated"] = .date(Date())
    let reply = try perform("Changing a person") { client in
      try client.write([
        "update": .string(Schema.people),
        "updates": [["q": ["_id": .string(id)], "u": ["$set": .document(values)]]],
      ])
    }
    guard reply["n"]?.integer == 1 else {
      throw StoreError(
        .notFound, "Changing a person", cause: "nobody has the id \"\(id)\"",
        advice: "See `rollcall people list` for the ids there are.")
    }
  }

  /// The stages that turn the document there is, or none, into the one with the new templates.
  private static func enrolment(
    of templates: [Template], name: String, groups: [String], consent: Consent
  ) -> [BSONDocument] {
    func literal(_ value: BSON) -> BSON { ["$literal": value] }
    func key(_ template: String) -> BSON {
      ["$concat": [.string("\(template).digest"), " ", .string("\(template).encoder")]]
    }
    let now = BSON.date(Date())
    let oldTemplates: BSON = ["$ifNull": ["$templates", []]]
    let oldGroups: BSON = ["$ifNull": ["$groups", []]]
    let adding: BSON = [
      "$filter": [
        "input": literal(.array(templates.map(\.bson))), "as": "new",
        "cond": [
          "$not": [["$in": [key("$$new"), ["$map": ["input": oldTemplates, "as": "old", "in": key("$$old")]]]]]
        ],
      ]
    ]
    let joining: BSON = [
      "$filter": [
        "input": literal(.strings(groups)), "as": "new", "cond": ["$not": [["$in": ["$$new", oldGroups]]]],
      ]
    ]
    let isNew: BSON = ["$eq": [["$type": "$created"], "missing"]]
    let hasNewTemplate: BSON = ["$gt": [["$size": "$adding"], 0]]
    let hasNewGroup: BSON = ["$gt": [["$size": "$joining"], 0]]
    return [
      ["$set": ["adding": adding, "joining": joining]],
      [
        "$set": [
          "name": ["$ifNull": ["$name", literal(.string(name))]],
          "groups": ["$concatArrays": [oldGroups, "$joining"]],
          "consent": ["$cond": [["$or": [isNew, hasNewTemplate]], literal(consent.bson), "$consent"]],
          "created": ["$ifNull": ["$created", now]],
          "updated": ["$cond": [["$or": [isNew, hasNewTemplate, hasNewGroup]], now, "$updated"]],
          "templates": ["$concatArrays": [oldTemplates, "$adding"]],
        ]
      ],
      ["$unset": ["adding", "joining"]],
    ]
  }
}

/// What makes two templates of a person the same one.
private struct TemplateKey: Hashable {
  let digest: String
  let encoder: String

  init(_ template: Template) {
    digest = template.digest
    encoder = template.encoder
  }

  init(_ fields: Fields) throws {
    digest = try fields.string("digest")
    encoder = try fields.string("encoder")
  }
}

extension Person {
  fileprivate init(_ fields: Fields, withEmbeddings: Bool) throws {
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
      source: try fields.string("source"), created: try fields.date("created"))
  }

  fileprivate var bson: BSON {
    [
      "digest": .string(digest), "embedding": .floats(embedding), "encoder": .string(encoder),
      "quality": .double(quality), "source": .string(source), "created": .date(created),
    ]
  }
}

/// Tells whether people have changed between two looks; see `Store.peopleRevision()`.
public struct PeopleRevision: Sendable, Equatable {
  let count: Int
  let updated: Date?
}
