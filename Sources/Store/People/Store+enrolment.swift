import Foundation

extension Store {
  /// The result of `addTemplates`.
  public struct AddedTemplates: Sendable, Equatable {
    /// Whether the person was new.
    public let isNewPerson: Bool
    /// The number of new templates.
    public let added: Int
    /// The person's stored name. An earlier enrolment or a renaming may have set it.
    public let name: String
  }

  /// Adds templates to a person in one atomic write. Creates the person if new.
  ///
  /// A template with the photo digest and the encoder of a stored template is skipped, so repeating the call changes
  /// nothing. New groups are added after the person's groups. An existing person keeps the name. `consent` replaces the
  /// earlier consent if at least one template is new.
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
        // Two processes created the same person at the same time. The templates are added to that person.
        before = try Self.enroll(stages, personID: personID, makes: true, client)
      }
      guard let before else { return AddedTemplates(isNewPerson: true, added: distinct.count, name: name) }
      return try AddedTemplates(distinct, to: before)
    }
  }

  /// Adds templates to an existing person. Name, groups and consent stay as they are. Stored templates are skipped.
  ///
  /// - Throws: `StoreError` with code `notFound` if there is no such person.
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

  /// Applies the stages of an enrolment to a person.
  ///
  /// - Parameter makes: Whether to create a person who does not exist.
  /// - Returns: The person before the change, with the keys of the templates; nil if there was none.
  private static func enroll(
    _ stages: [BSONDocument], personID: String, makes: Bool, _ client: MongoClient
  ) throws -> BSONDocument? {
    let command: BSONDocument = [
      "findAndModify": .string(StoreSchema.people),
      "query": ["_id": .string(personID)],
      "update": .array(stages.map(BSON.document)),
      "upsert": .bool(makes),
      "fields": ["name": 1, "templates.digest": 1, "templates.encoder": 1],
    ]
    return try changePeople(command, client)["value"]?.document
  }

  /// The pipeline stages that add the new templates to the stored document.
  ///
  /// - Parameter person: The values for creating a document that does not exist; nil to change only the templates.
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
  /// The result for a person who existed. `before` is the person's document before the change.
  fileprivate init(_ templates: [Template], to before: BSONDocument) throws {
    let fields = Fields(before, of: StoreSchema.people)
    let stored = Set(try fields.documents("templates").map(TemplateKey.init))
    self.init(
      isNewPerson: false, added: Set(templates.map(TemplateKey.init)).subtracting(stored).count,
      name: try fields.string("name"))
  }
}

/// The key of a template within a person. Two templates with equal keys are the same.
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
