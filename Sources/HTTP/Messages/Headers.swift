/// The header fields of a request or a response, in order. Names are case-insensitive.
public struct Headers: Sendable {
  /// The name and value of each field, as received or as they will be sent.
  public private(set) var fields: [(name: String, value: String)] = []

  /// An empty list of fields.
  public init() {}

  /// Fields in the given order.
  public init(_ fields: KeyValuePairs<String, String>) {
    self.fields = fields.map { (name: $0.key, value: $0.value) }
  }

  /// The value of the first field with this name. Setting it replaces all fields with the name; nil removes them.
  public subscript(name: String) -> String? {
    get { fields.first { Self.same($0.name, name) }?.value }
    set {
      fields.removeAll { Self.same($0.name, name) }
      if let newValue { fields.append((name: name, value: newValue)) }
    }
  }

  /// The values of all fields with this name.
  public func all(_ name: String) -> [String] {
    fields.filter { Self.same($0.name, name) }.map(\.value)
  }

  /// Adds a field. Fields with the same name stay, so that a response can set several cookies.
  public mutating func add(_ name: String, _ value: String) {
    fields.append((name: name, value: value))
  }

  static func same(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count
      && zip(left.utf8, right.utf8).allSatisfy { $0 == $1 || ($0 ^ $1 == 0x20 && 0x61...0x7a ~= $0 | 0x20) }
  }

  /// The name of the first invalid field; nil if all fields may be sent. A client could read an invalid field as
  /// several fields, or as the end of the head.
  var unsendable: String? {
    fields.first { field in !field.name.isToken || !field.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f } }?.name
  }
}

extension String {
  /// Whether the text is a token of HTTP's grammar. Names of methods, header fields and cookies are tokens.
  var isToken: Bool {
    !isEmpty
      && utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
      }
  }
}
