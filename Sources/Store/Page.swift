import Foundation

/// A part of a list that is too long to be read at once.
public struct Page<Item: Sendable>: Sendable {
  /// In the list's order.
  public let items: [Item]
  /// Where the next part begins, to be handed in again as it is; nil at the end of the list. It may name a person.
  public let next: String?

  /// The beginning of what was found, and where it goes on behind it.
  ///
  /// - Parameters:
  ///   - found: One more than wanted, if there are so many.
  ///   - limit: Items of a page, at least 1.
  ///   - place: The place behind an item.
  package init(_ found: [Item], limit: Int, place: (Item) -> PagePlace) {
    items = Array(found.prefix(limit))
    next = found.count > limit ? items.last.map { place($0).text } : nil
  }
}

/// A place in a list: what the list is ordered by, of the item before.
package struct PagePlace {
  /// Which list; a place in another one is refused.
  private let list: String
  /// What the list is ordered by.
  package let keys: [String]

  package init(in list: String, behind keys: [String]) {
    self.list = list
    self.keys = keys
  }

  /// Reads what `text` has written; nil for anything else.
  ///
  /// - Parameter count: Keys of the list.
  package init?(_ text: String, in list: String, count: Int) {
    var base64 = text.replacing("-", with: "+").replacing("_", with: "/")
    base64 += String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
    guard let data = Data(base64Encoded: base64), let parts = try? JSONDecoder().decode([String].self, from: data),
      parts.count == count + 1, parts[0] == list
    else { return nil }
    self.init(in: list, behind: Array(parts.dropFirst()))
  }

  /// The place as text that a URL takes as it is.
  package var text: String {
    let data = (try? JSONEncoder().encode([list] + keys)) ?? Data()
    return data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }
}
