package import Foundation
package import FoundationXML

/// All elements of an XML file, each with the numbers of those around it.
package final class XMLElements: NSObject, XMLParserDelegate {
  package struct Element {
    package let number: Int
    package let name: String
    package let attributes: [String: String]
    /// Numbers of the elements around it.
    package let path: [Int]
    package fileprivate(set) var text = ""
  }

  package private(set) var all: [Element] = []
  private var open: [Int] = []

  package init(_ data: Data) throws {
    super.init()
    let parser = XMLParser(data: data)
    parser.delegate = self
    guard parser.parse() else { throw parser.parserError ?? CocoaError(.fileReadCorruptFile) }
  }

  package func all(_ name: String, within parent: String? = nil) -> [Element] {
    all.filter { element in element.name == name && (parent == nil || element.path.contains { all[$0].name == parent })
    }
  }

  package func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    all.append(Element(number: all.count, name: name, attributes: attributes, path: open))
    open.append(all.count - 1)
  }

  package func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    open.removeLast()
  }

  package func parser(_ parser: XMLParser, foundCharacters text: String) {
    if let last = open.last { all[last].text += text }
  }
}
