import Formats
import Foundation

/// What a JSON value must look like: the part of JSON Schema that the API uses. The API's description is written from it, and what clients send is
/// checked against it, so that the two cannot differ.
indirect enum Schema: Sendable {
  /// A text of so many characters. `pattern` is a regular expression that all of it matches, in the part of the syntax that JavaScript shares.
  case text(ClosedRange<Int> = 0...Schema.longText, pattern: String? = nil, about: String? = nil)
  /// One of these words.
  case choice([String], about: String? = nil)
  /// A moment, such as "2026-11-25T08:01:02+01:00".
  case time(about: String? = nil)
  /// A day, such as "2026-11-25".
  case day(about: String? = nil)
  /// Bytes in base64, at most so many characters.
  case base64(Int, about: String? = nil)
  case whole(ClosedRange<Int>, default: Int? = nil, about: String? = nil)
  case number(ClosedRange<Double>? = nil, about: String? = nil)
  case flag(default: Bool? = nil, about: String? = nil)
  /// So many values.
  case list(Schema, atLeast: Int = 0, atMost: Int = 100_000)
  /// Named values. What a client sends may have no others.
  case object([Property])
  /// Any names, each with a value like this.
  case map(Schema)
  case nullable(Schema)
  /// A schema of the description's `components`.
  case named(String)

  struct Property: Sendable {
    let name: String
    let schema: Schema
    let isNeeded: Bool

    init(_ name: String, _ schema: Schema, needed: Bool = true) {
      (self.name, self.schema, isNeeded) = (name, schema, needed)
    }
  }

  /// What is wrong with a value.
  struct Flaw: Sendable, Equatable {
    /// Where, as RFC 6901 writes it; "" for the whole value.
    let pointer: String
    /// What is wrong and what is wanted, as a sentence.
    let detail: String
  }

  /// Characters of a text that has no other limit.
  static let longText = 10_000
}

// MARK: The description

extension Schema {
  /// The schema as JSON Schema 2020-12.
  ///
  /// - Parameter isSent: Clients send it, so that it is closed: no other members than these.
  func json(isSent: Bool) -> JSONValue {
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

// MARK: What clients send

extension Schema {
  /// Everything that is wrong with a value, up to twenty.
  func flaws(of value: JSONValue) -> [Flaw] {
    var flaws: [Flaw] = []
    check(value, at: "", &flaws)
    return Array(flaws.prefix(20))
  }

  /// A value of the query or the path, which are texts: numbers and flags are read out of them.
  ///
  /// - Returns: nil when it is none.
  func read(_ text: String) -> JSONValue? {
    let value: JSONValue
    switch self {
    case .whole:
      // Only as JSON writes it: no plus sign, no zeros in front.
      guard let number = Int(text), String(number) == text else { return nil }
      value = .int(number)
    case .number:
      guard let number = Double(text), number.isFinite else { return nil }
      value = .double(number)
    case .flag:
      guard let flag = Bool(text) else { return nil }
      value = .bool(flag)
    default: value = .string(text)
    }
    // Not by `? :`, where nil would be JSON's null.
    guard flaws(of: value).isEmpty else { return nil }
    return value
  }

  private func check(_ value: JSONValue, at pointer: String, _ flaws: inout [Flaw]) {
    func flaw(_ detail: String) { flaws.append(Flaw(pointer: pointer, detail: detail)) }
    switch (self, value) {
    case (.nullable, .null): return
    case (.nullable(let schema), _): schema.check(value, at: pointer, &flaws)
    case (.text(let length, let pattern, _), .string(let text)):
      // As JSON Schema counts them, which is not as people do.
      let count = text.unicodeScalars.count
      if count < length.lowerBound {
        flaw(
          length.lowerBound == 1 ? "This must not be empty." : "At least \(length.lowerBound) characters are needed.")
      } else if count > length.upperBound {
        flaw("At most \(length.upperBound) characters are allowed.")
      } else if text.unicodeScalars.contains(where: { $0.value == 0 }) {
        flaw("The character NUL is not allowed.")
      } else if let pattern, (try? Regex(pattern).wholeMatch(in: text)) == nil {
        flaw("This is not written as it must be: \(pattern)")
      }
    case (.choice(let words, _), .string(let text)):
      if !words.contains(text) { flaw("This must be one of: \(words.joined(separator: ", ")).") }
    case (.time, .string(let text)):
      if !Schema.isMoment(text) {
        flaw("This must be a moment with its offset, as in 2026-11-25T08:00:00+01:00.")
      }
    case (.day, .string(let text)):
      if !Schema.isDay(text) { flaw("This must be a day, as in 2026-11-25.") }
    case (.base64(let length, _), .string(let text)):
      if text.utf8.count > length { flaw("At most \(length) characters are allowed.") }
      if Data(base64Encoded: text) == nil { flaw("This must be base64.") }
    case (.whole(let range, _, _), _):
      // 3.0 is a whole number, too.
      guard let number = value.int else { return flaw("This must be \(kind).") }
      if !range.contains(number) { flaw("This must be from \(range.lowerBound) to \(range.upperBound).") }
    case (.number(let range, _), _):
      guard let number = value.double else { return flaw("This must be \(kind).") }
      if let range, !range.contains(number) { flaw("This must be from \(range.lowerBound) to \(range.upperBound).") }
    case (.flag, .bool): return
    case (.list(let element, let least, let most), .array(let values)):
      if values.count < least { return flaw("At least \(least) of them is needed.") }
      if values.count > most { return flaw("At most \(most) are allowed.") }
      for (index, value) in values.enumerated() { element.check(value, at: "\(pointer)/\(index)", &flaws) }
    case (.object(let properties), .object(let members)):
      for property in properties where property.isNeeded && !members.contains(where: { $0.key == property.name }) {
        flaws.append(Flaw(pointer: "\(pointer)/\(property.name)", detail: "This is needed."))
      }
      for member in members {
        let place = "\(pointer)/\(member.key.replacing("~", with: "~0").replacing("/", with: "~1"))"
        guard let property = properties.first(where: { $0.name == member.key }) else {
          flaws.append(Flaw(pointer: place, detail: "There is no such member here."))
          continue
        }
        property.schema.check(member.value, at: place, &flaws)
      }
    default: flaw("This must be \(kind).")
    }
  }

  private var kind: String {
    switch self {
    case .text, .choice, .time, .day, .base64: "a text"
    case .whole: "a whole number"
    case .number: "a number"
    case .flag: "true or false"
    case .list: "a list"
    case .object, .map, .named: "an object"
    case .nullable(let schema): schema.kind + " or null"
    }
  }

  /// A moment as clients write it: RFC 3339, with an offset, so that nobody has to know the server's zone.
  ///
  /// - Returns: nil for one before the calendar that the log is kept in.
  static func moment(_ text: String) -> Date? { try? Timestamp.parse(text.uppercased(), assuming: .gmt) }

  private static func isMoment(_ text: String) -> Bool {
    let shape = #/[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})/#
    return text.wholeMatch(of: shape) != nil && moment(inOurTime(text)) != nil
  }

  private static func isDay(_ text: String) -> Bool {
    (try? Timestamp.parseDay(inOurTime(text), in: .gmt)) != nil
      && text.wholeMatch(of: #/[0-9]{4}-[0-9]{2}-[0-9]{2}/#) != nil
  }

  /// The same in a year of our time: every 400 years the calendar is the same. The log has no days before 1583, which does not make them none.
  private static func inOurTime(_ text: String) -> String {
    guard let year = Int(text.prefix(4)) else { return text }
    return "\(2000 + year % 400)\(text.dropFirst(4))"
  }
}
