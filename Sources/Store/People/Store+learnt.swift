import Foundation

extension Store {
  /// Adds a look that a camera has learnt to a person, and removes the oldest learnt looks beyond a limit, in one
  /// atomic write. Enrolled photos stay as they are.
  ///
  /// - Parameters:
  ///   - look: The templates of the look, with one digest.
  ///   - limit: The maximum number of learnt looks of a person, at least 1. Two cameras that learn at the same moment
  ///     may exceed it by one until the next look.
  /// - Throws: `StoreError` with code `notFound` if there is no such person.
  public func learn(_ look: [Template], personID: String, keeping limit: Int) throws {
    for template in look { try Rules.check(template) }
    guard let digest = look.first?.digest, look.allSatisfy({ $0.isLearnt && $0.digest == digest }) else {
      throw Rules.invalid("a learnt look has no template, or templates of something else")
    }
    let old = try existingPerson(id: personID).learnt.map(\.digest).filter { $0 != digest }
    let dropped = BSON.strings(old.dropLast(limit - 1) + [digest])
    let kept: BSON = [
      "$filter": ["input": "$templates", "as": "old", "cond": ["$not": [["$in": ["$$old.digest", dropped]]]]]
    ]
    let templates: BSON = ["$concatArrays": [kept, ["$literal": .array(look.map(\.bson))]]]
    try change(personID, templates, "Learning a look")
  }

  /// Removes all looks that cameras have learnt of a person.
  ///
  /// - Returns: The number of looks that were removed.
  /// - Throws: `StoreError` with code `notFound` if there is no such person.
  public func unlearn(personID: String) throws -> Int {
    let count = try existingPerson(id: personID).learnt.count
    guard count > 0 else { return 0 }
    let kept: BSON = [
      "$filter": ["input": "$templates", "as": "old", "cond": ["$ne": [["$ifNull": ["$$old.learnt", false]], true]]]
    ]
    try change(personID, kept, "Removing learnt looks")
    return count
  }

  private func change(_ personID: String, _ templates: BSON, _ operation: String) throws {
    try perform(operation) { client in
      let command: BSONDocument = [
        "findAndModify": .string(StoreSchema.people), "query": ["_id": .string(personID)],
        "update": [["$set": ["templates": templates, "updated": .date(Date())]]], "fields": ["_id": 1],
      ]
      guard try Self.changePeople(command, client)["value"]?.document != nil else {
        throw Self.nobody(personID, operation)
      }
    }
  }
}
