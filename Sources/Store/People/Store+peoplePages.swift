import Foundation
import Values

extension Store {
  /// A part of the people, ordered by name as dictionaries do it, then by id.
  ///
  /// - Parameters:
  ///   - search: Only people whose name or id holds this text, in capitals or not; 1–200 characters, nil for all.
  ///   - group: Only people in this group; nil for all.
  ///   - place: Where the page begins: `next` of the page before; nil for the beginning.
  ///   - limit: At most so many people, at least 1.
  /// - Throws: `StoreError` with code `invalidValue` for a text that cannot be searched for, and for a place that was
  ///   not given out.
  public func peoplePage(search: String? = nil, group: String? = nil, after place: String? = nil, limit: Int) throws
    -> Page<Person>
  {
    var conditions: [BSON] = []
    if let search {
      try Rules.check(search: search)
      let part: BSON = ["$regex": .string(Self.pattern(for: search)), "$options": "i"]
      conditions.append(["$or": [["name": part], ["_id": part]]])
    }
    if let group { conditions.append(["groups": .string(group)]) }
    if let place {
      guard let place = PagePlace(place, in: StoreSchema.people, count: 2) else {
        throw StoreError(
          .invalidValue, "Reading people", cause: "the place to go on from is none that was given out",
          advice: "Begin without it.")
      }
      let (name, id) = (BSON.string(place.keys[0]), BSON.string(place.keys[1]))
      conditions.append(["$or": [["name": ["$gt": name]], ["name": name, "_id": ["$gt": id]]]])
    }
    let limit = max(1, limit)
    return try perform("Reading people") { client in
      var people: [Person] = []
      try client.find(
        StoreSchema.people, conditions.isEmpty ? [:] : ["$and": .array(conditions)],
        options: [
          "projection": ["templates.embedding": 0], "sort": ["name": 1, "_id": 1], "limit": .int64(Int64(limit) + 1),
          // Capitals and accents tell apart only what is the same without them.
          "collation": ["locale": "en", "strength": 3],
        ]
      ) { people.append(try Person(Fields($0, of: StoreSchema.people), withEmbeddings: false)) }
      return Page(people, limit: limit) { PagePlace(in: StoreSchema.people, behind: [$0.name, $0.id]) }
    }
  }

  /// A pattern that finds this text as it is.
  static func pattern(for text: String) -> String {
    text.unicodeScalars.map { scalar in
      scalar.isASCII && !scalar.properties.isAlphabetic && !("0"..."9").contains(scalar) ? "\\\(scalar)" : "\(scalar)"
    }.joined()
  }
}
