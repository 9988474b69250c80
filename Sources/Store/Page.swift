import Foundation

/// One page of a list that is too long to be read at once.
public struct Page<Item: Sendable>: Sendable {
  /// The items of the page, in the list's order.
  public let items: [Item]
  /// The place where the next page begins; nil at the end of the list. Pass it back unchanged. It may contain a
  /// person's name.
  public let next: String?

  /// Makes a page of the first `limit` items that were found.
  ///
  /// - Parameters:
  ///   - found: The items found: one more than `limit` if the list continues.
  ///   - limit: The largest number of items in a page, at least 1.
  ///   - place: Returns the place after an item.
  package init(_ found: [Item], limit: Int, place: (Item) -> PagePlace) {
    items = Array(found.prefix(limit))
    next = found.count > limit ? items.last.map { place($0).text } : nil
  }
}

/// A place in a list, given by the sort keys of the item before it.
package struct PagePlace {
  /// The name of the list. A place of another list is refused.
  private let list: String
  /// The sort keys of the item before the place.
  package let keys: [String]

  package init(in list: String, behind keys: [String]) {
    self.list = list
    self.keys = keys
  }

  /// Reads a place from the text that `text` returned; nil for anything else.
  ///
  /// - Parameter count: The number of sort keys of the list.
  package init?(_ text: String, in list: String, count: Int) {
    var base64 = text.replacing("-", with: "+").replacing("_", with: "/")
    base64 += String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
    guard let data = Data(base64Encoded: base64), let parts = try? JSONDecoder().decode([String].self, from: data),
      parts.count == count + 1, parts[0] == list
    else { return nil }
    self.init(in: list, behind: Array(parts.dropFirst()))
  }

  /// The place as text that needs no escapes in a URL.
  package var text: String {
    let data = (try? JSONEncoder().encode([list] + keys)) ?? Data()
    return data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
  }
}
