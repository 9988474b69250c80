import Foundation
import Values

extension Store {
  /// One page of people, ordered by name as in a dictionary, then by id.
  ///
  /// - Parameters:
  ///   - search: Only people whose name or id contains this text, ignoring letter case; 1–200 characters; nil for all.
  ///   - group: Only people in this group; nil for all.
  ///   - place: The place where the page begins, which is `next` of the page before; nil for the first page.
  ///   - limit: The largest number of people in the page, at least 1.
  /// - Throws: `StoreError` with code `invalidValue` if the search text is invalid, or if no page returned this place.
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
          // Letter case and accents decide only between names that are equal without them.
          "collation": ["locale": "en", "strength": 3],
        ]
      ) { people.append(try Person(Fields($0, of: StoreSchema.people), withEmbeddings: false)) }
      return Page(people, limit: limit) { PagePlace(in: StoreSchema.people, behind: [$0.name, $0.id]) }
    }
  }

  /// A regular expression that matches exactly this text.
  static func pattern(for text: String) -> String {
    text.unicodeScalars.map { scalar in
      scalar.isASCII && !scalar.properties.isAlphabetic && !("0"..."9").contains(scalar) ? "\\\(scalar)" : "\(scalar)"
    }.joined()
  }
}
