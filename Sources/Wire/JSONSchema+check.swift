public import Formats
public import Foundation

extension JSONSchema {
  /// All errors in a value, up to twenty.
  public func flaws(of value: JSONValue) -> [Flaw] {
    var flaws: [Flaw] = []
    check(value, at: "", &flaws)
    return Array(flaws.prefix(20))
  }

  /// Reads a value from a query or a path, whose values are texts. Numbers and flags are parsed.
  ///
  /// - Returns: The value; nil if the text is not a value of this schema.
  public func read(_ text: String) -> JSONValue? {
    let value: JSONValue
    switch self {
    case .whole:
      // Only as JSON writes it: without a plus sign and without leading zeros.
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
    // A `guard` instead of `? :`, in which nil would be JSON's null.
    guard flaws(of: value).isEmpty else { return nil }
    return value
  }

  private func check(_ value: JSONValue, at pointer: String, _ flaws: inout [Flaw]) {
    func flaw(_ detail: String) { flaws.append(Flaw(pointer: pointer, detail: detail)) }
    switch (self, value) {
    case (.nullable, .null): return
    case (.nullable(let schema), _): schema.check(value, at: pointer, &flaws)
    case (.text(let length, let pattern, _), .string(let text)):
      // JSON Schema counts Unicode scalars, which people may count differently.
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
      if !JSONSchema.isMoment(text) {
        flaw("This must be a moment with its offset, as in 2026-11-25T08:00:00+01:00.")
      }
    case (.day, .string(let text)):
      if !JSONSchema.isDay(text) { flaw("This must be a day, as in 2026-11-25.") }
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

  /// A time as clients write it: RFC 3339 with an offset, so that clients need not know the server's time zone.
  ///
  /// - Returns: The time; nil before the beginning of the log's calendar.
  public static func moment(_ text: String) -> Date? { try? Timestamp.parse(text.uppercased(), assuming: .gmt) }

  private static func isMoment(_ text: String) -> Bool {
    let shape = #/[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})/#
    return text.wholeMatch(of: shape) != nil && moment(inOurTime(text)) != nil
  }

  private static func isDay(_ text: String) -> Bool {
    (try? Timestamp.parseDay(inOurTime(text), in: .gmt)) != nil
      && text.wholeMatch(of: #/[0-9]{4}-[0-9]{2}-[0-9]{2}/#) != nil
  }

  /// The same text with a year from 2000 to 2399. The calendar repeats every 400 years, so the day is valid in both
  /// years or in neither. Days before 1583 are valid too, although the log has none.
  private static func inOurTime(_ text: String) -> String {
    guard let year = Int(text.prefix(4)) else { return text }
    return "\(2000 + year % 400)\(text.dropFirst(4))"
  }
}
