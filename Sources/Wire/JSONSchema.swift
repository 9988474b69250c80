public import Formats

/// The schema of a JSON value: the part of JSON Schema that the API uses.
///
/// The API's description is generated from it, and what clients send is checked against it, so that the two always
/// agree.
public indirect enum JSONSchema: Sendable {
  /// A text with a range of lengths, in characters. The whole text must match `pattern`, a regular expression in the
  /// part of the syntax that JavaScript shares.
  case text(ClosedRange<Int> = 0...JSONSchema.longText, pattern: String? = nil, about: String? = nil)
  /// One of these words.
  case choice([String], about: String? = nil)
  /// A moment, such as "2026-11-25T08:01:02+01:00".
  case time(about: String? = nil)
  /// A day, such as "2026-11-25".
  case day(about: String? = nil)
  /// Bytes in base64, with at most this many characters.
  case base64(Int, about: String? = nil)
  case whole(ClosedRange<Int>, default: Int? = nil, about: String? = nil)
  case number(ClosedRange<Double>? = nil, about: String? = nil)
  case flag(default: Bool? = nil, about: String? = nil)
  /// A list with a range of lengths.
  case list(JSONSchema, atLeast: Int = 0, atMost: Int = 100_000)
  /// An object with these members. Clients must send no other members.
  case object([Property])
  /// An object with any keys, whose values have this schema.
  case map(JSONSchema)
  case nullable(JSONSchema)
  /// A schema in the description's `components`.
  case named(String)

  /// A member of an object.
  public struct Property: Sendable {
    /// The key.
    public let name: String
    /// The schema of its value.
    public let schema: JSONSchema
    /// Whether an object without this member is refused.
    public let isNeeded: Bool

    /// Creates a member, which is required by default.
    public init(_ name: String, _ schema: JSONSchema, needed: Bool = true) {
      (self.name, self.schema, isNeeded) = (name, schema, needed)
    }
  }

  /// An error in a value.
  public struct Flaw: Sendable, Equatable {
    /// The place of the error, as a JSON Pointer (RFC 6901); "" for the whole value.
    public let pointer: String
    /// What is wrong and what is expected, as a sentence.
    public let detail: String
  }

  /// The maximum number of characters of a text without another limit.
  public static let longText = 10_000
}

// MARK: The description

extension JSONSchema {
  /// The schema as JSON Schema 2020-12.
  ///
  /// - Parameter isSent: Whether clients send the value. If so, the schema states the limits of its size and allows no
  ///   other members.
  public func json(isSent: Bool) -> JSONValue {
    func described(_ members: [JSONValue.Member], _ about: String?) -> JSONValue {
      .object(members + (about.map { [.init("description", .string($0))] } ?? []))
    }
    switch self {
    case .text(let length, let pattern, let about):
      var members: [JSONValue.Member] = [.init("type", "string")]
      if isSent {
        if length.lowerBound > 0 { members.append(.init("minLength", .int(length.lowerBound))) }
        members.append(.init("maxLength", .int(length.upperBound)))
      }
      if let pattern {
        members.append(.init("pattern", .string("^(?:\(pattern))$")))
      } else if isSent {
        members.append(.init("pattern", "^[^\\u0000]*$"))
      }
      return described(members, about)
    case .choice(let words, let about):
      return described([.init("type", "string"), .init("enum", .array(words.map(JSONValue.string)))], about)
    case .time(let about): return described([.init("type", "string"), .init("format", "date-time")], about)
    case .day(let about): return described([.init("type", "string"), .init("format", "date")], about)
    case .base64(let length, let about):
      return described(
        [
          .init("type", "string"), .init("contentEncoding", "base64"), .init("maxLength", .int(length)),
          .init("pattern", "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"),
        ], about)
    case .whole(let range, let usual, let about):
      var members: [JSONValue.Member] = [.init("type", "integer")]
      if range.lowerBound > .min { members.append(.init("minimum", .int(range.lowerBound))) }
      if range.upperBound < .max { members.append(.init("maximum", .int(range.upperBound))) }
      if let usual { members.append(.init("default", .int(usual))) }
      return described(members, about)
    case .number(let range, let about):
      var members: [JSONValue.Member] = [.init("type", "number")]
      if let range {
        members += [.init("minimum", .double(range.lowerBound)), .init("maximum", .double(range.upperBound))]
      }
      return described(members, about)
    case .flag(let usual, let about):
      return described([.init("type", "boolean")] + (usual.map { [.init("default", .bool($0))] } ?? []), about)
    case .list(let element, let least, let most):
      var members: [JSONValue.Member] = [.init("type", "array"), .init("items", element.json(isSent: isSent))]
      if isSent {
        if least > 0 { members.append(.init("minItems", .int(least))) }
        members.append(.init("maxItems", .int(most)))
      }
      return .object(members)
    case .object(let properties):
      let needed = properties.filter(\.isNeeded).map { JSONValue.string($0.name) }
      return .object(
        [
          .init("type", "object"),
          .init("properties", .object(properties.map { .init($0.name, $0.schema.json(isSent: isSent)) })),
        ] + (needed.isEmpty ? [] : [.init("required", .array(needed))])
          + (isSent ? [.init("additionalProperties", false)] : []))
    case .map(let value):
      return ["type": "object", "additionalProperties": value.json(isSent: isSent)]
    case .nullable(let schema):
      if case .named = schema { return ["anyOf": [schema.json(isSent: isSent), ["type": "null"]]] }
      guard case .object(var members) = schema.json(isSent: isSent) else { return [:] }
      for index in members.indices {
        switch (members[index].key, members[index].value) {
        case ("type", let type): members[index] = .init("type", .array([type, "null"]))
        case ("enum", .array(let words)): members[index] = .init("enum", .array(words + [.null]))
        default: break
        }
      }
      return .object(members)
    case .named(let name): return ["$ref": .string("#/components/schemas/\(name)")]
    }
  }
}
