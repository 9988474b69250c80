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
    let distinct = try Self.distinct(templates)
    let stages = Self.enrolment(of: distinct, making: (name, groups, consent))
    return try perform("Storing templates") { client in
      let before: BSONDocument?
      do {
        before = try Self.enroll(stages, personID: personID, makes: true, client)
      } catch let failure as MongoFailure where failure.isServerError(ServerCode.duplicateKey) {
        // Two processes made the same person at the same moment. Now there is one to add to.
        before = try Self.enroll(stages, personID: personID, makes: true, client)
      }
      guard let before else { return AddedTemplates(isNewPerson: true, added: distinct.count, name: name) }
      return try AddedTemplates(distinct, to: before)
    }
  }

  /// Adds templates to a person who is there, whose name, groups and consent stay as they are. One that is there
  /// already is left alone.
  ///
  /// - Throws: `StoreError` with code `notFound` when there is no such person.
  public func addTemplates(_ templates: [Template], personID: String) throws -> AddedTemplates {
    try Rules.check(personID: personID)
    let distinct = try Self.distinct(templates)
    let stages = Self.enrolment(of: distinct, making: nil)
    return try perform("Storing templates") { client in
      guard let before = try Self.enroll(stages, personID: personID, makes: false, client) else {
        throw Self.nobody(personID, "Storing templates")
      }
      return try AddedTemplates(distinct, to: before)
    }
  }

  private static func distinct(_ templates: [Template]) throws -> [Template] {
    for template in templates { try Rules.check(template) }
    var keys: Set<TemplateKey> = []
    return templates.filter { keys.insert(TemplateKey($0)).inserted }
  }

  /// Takes a person through the stages of an enrolment.
  ///
  /// - Parameter makes: Whether a person who is not there is made.
  /// - Returns: the person as before, with the keys of the templates; nil when there was none.
  private static func enroll(
    _ stages: [BSONDocument], personID: String, makes: Bool, _ client: MongoClient
  ) throws -> BSONDocument? {
    try client.write([
      "findAndModify": .string(StoreSchema.people),
      "query": ["_id": .string(personID)],
      "update": .array(stages.map(BSON.document)),
      "upsert": .bool(makes),
      "fields": ["name": 1, "templates.digest": 1, "templates.encoder": 1],
    ])["value"]?.document
  }

  /// The stages that turn the document there is into the one with the new templates.
  ///
  /// - Parameter person: What makes a document where there is none; nil to change nothing but the templates.
  private static func enrolment(
    of templates: [Template], making person: (name: String, groups: [String], consent: Consent)?
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
        "input": literal(.strings(person?.groups ?? [])), "as": "new",
        "cond": ["$not": [["$in": ["$$new", oldGroups]]]],
      ]
    ]
    let isNew: BSON = ["$eq": [["$type": "$created"], "missing"]]
    let hasNewTemplate: BSON = ["$gt": [["$size": "$adding"], 0]]
    let hasNewGroup: BSON = ["$gt": [["$size": "$joining"], 0]]
    var values: BSONDocument = [
      "groups": ["$concatArrays": [oldGroups, "$joining"]],
      "created": ["$ifNull": ["$created", now]],
      "updated": ["$cond": [["$or": [isNew, hasNewTemplate, hasNewGroup]], now, "$updated"]],
      "templates": ["$concatArrays": [oldTemplates, "$adding"]],
    ]
    if let person {
      values["name"] = ["$ifNull": ["$name", literal(.string(person.name))]]
      values["consent"] = ["$cond": [["$or": [isNew, hasNewTemplate]], literal(person.consent.bson), "$consent"]]
    }
    return [
      ["$set": ["adding": adding, "joining": joining]], ["$set": .document(values)], ["$unset": ["adding", "joining"]],
    ]
  }
}

extension Store.AddedTemplates {
  /// What was added to a person who was there as `before` says.
  fileprivate init(_ templates: [Template], to before: BSONDocument) throws {
    let fields = Fields(before, of: StoreSchema.people)
    let stored = Set(try fields.documents("templates").map(TemplateKey.init))
    self.init(
      isNewPerson: false, added: Set(templates.map(TemplateKey.init)).subtracting(stored).count,
      name: try fields.string("name"))
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
