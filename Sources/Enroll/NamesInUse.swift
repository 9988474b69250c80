public import Values

/// The names that people have, to find out whether a new ID would share one.
///
/// ```swift
/// let names = NamesInUse(try store.names())
/// if let other = names.owner(of: "Alex Kim", except: "7") { print(other.id) }
/// ```
///
/// Letter case and the number of blanks make no difference.
public struct NamesInUse: Sendable {
  private var owners: [String: [PersonName]] = [:]

  /// Creates the names of these people.
  public init(_ people: [PersonName] = []) {
    for person in people { add(person) }
  }

  /// Adds a person's name.
  public mutating func add(_ person: PersonName) {
    let key = Self.key(person.name)
    if owners[key]?.contains(where: { $0.id == person.id }) != true { owners[key, default: []].append(person) }
  }

  /// The first person with this name under another ID; nil if there is none, or if the ID has the name too.
  public func owner(of name: String, except id: String) -> PersonName? {
    let owners = owners[Self.key(name)] ?? []
    return owners.contains { $0.id == id } ? nil : owners.first
  }

  private static func key(_ name: String) -> String {
    name.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
