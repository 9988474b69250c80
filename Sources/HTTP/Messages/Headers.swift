/// Header fields of a request or a response, in order. Names are compared without regard to case.
public struct Headers: Sendable {
  /// Name and value of each field, as they were received or will be sent.
  public private(set) var fields: [(name: String, value: String)] = []

  /// No fields.
  public init() {}

  /// Fields in the given order.
  public init(_ fields: KeyValuePairs<String, String>) {
    self.fields = fields.map { (name: $0.key, value: $0.value) }
  }

  /// The first field of this name. Setting replaces all fields of the name; nil removes them.
  public subscript(name: String) -> String? {
    get { fields.first { Self.same($0.name, name) }?.value }
    set {
      fields.removeAll { Self.same($0.name, name) }
      if let newValue { fields.append((name: name, value: newValue)) }
    }
  }

  /// The values of all fields of this name.
  public func all(_ name: String) -> [String] {
    fields.filter { Self.same($0.name, name) }.map(\.value)
  }

  /// Adds a field beside those that have the same name already, such as a second cookie.
  public mutating func add(_ name: String, _ value: String) {
    fields.append((name: name, value: value))
  }

  static func same(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count
      && zip(left.utf8, right.utf8).allSatisfy { $0 == $1 || ($0 ^ $1 == 0x20 && 0x61...0x7a ~= $0 | 0x20) }
  }

  /// The first field that must not be sent, because a client could take it for several, or for the end of the head.
  var unsendable: String? {
    fields.first { field in !field.name.isToken || !field.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f } }?.name
  }
}

extension String {
  /// Whether it is a token of HTTP's grammar: what names of methods, header fields and cookies are made of.
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
