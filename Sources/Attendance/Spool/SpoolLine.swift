import Formats
import Foundation
import Store
import Values

/// An event as one line of a spool file: a checksum, a blank, and a JSON object.
///
///     8c1f0e5d2b7a9634 {"v":1,"id":"door:…","time":"2026-11-21T08:15:30.250+00:00","camera":"door","personID":"7",…}
///
/// The checksum is the first 16 digits of the object's SHA-256. Readers ignore unknown fields and accept that optional
/// fields are missing, so a new field needs no new version. `v` increases when an existing field changes its meaning.
enum SpoolLine {
  /// The content of a line.
  enum Content {
    /// An event, as it was written.
    case event(Event)
    /// An undamaged line that this version does not understand.
    case foreign
    /// A damaged line: it differs from what was written.
    case damaged
  }

  private static let version = 1
  private static let checksumLength = 16

  // MARK: Writing

  /// The line of an event, with its line end.
  ///
  /// - Throws: `SpoolError` with code `invalidValue` if a time is not between the years 1583 and 9999.
  static func encode(_ event: Event) throws(SpoolError) -> Data {
    let place: JSONValue.Member =
      switch event.source {
      case .camera(let name): .init("camera", .string(name))
      case .file(let path): .init("file", .string(path))
      }
    let box = event.box
    let object = JSONValue.object([
      .init("v", .int(version)),
      .init("id", .string(event.id)),
      .init("kind", .string(event.kind.rawValue)),
      .init("time", .string(try text(event.time))),
      place,
      .init("personID", .optional(event.personID)),
      .init("status", .string(event.status.rawValue)),
      .init("method", .optional(event.method?.rawValue)),
      .init("confidence", event.confidence.map(number) ?? .null),
      .init("box", .array([box.x, box.y, box.width, box.height].map(number))),
      .init("mask", .optional(event.mask?.rawValue)),
      .init("recorded", .string(try text(event.recorded))),
    ])
    return seal(Data(object.text().utf8))
  }

  private static func seal(_ object: Data) -> Data {
    Data("\(checksum(object)) ".utf8) + object + Data("\n".utf8)
  }

  private static func checksum(_ object: Data) -> String {
    String(Digest.sha256(object).prefix(checksumLength))
  }

  /// The text of a time, to the millisecond, which is the precision of the database.
  private static func text(_ date: Date) throws(SpoolError) -> String {
    // The range that `Timestamp` reads: years of four digits, from the introduction of the Gregorian calendar on.
    guard (-12_212_000_000..<253_402_300_000).contains(date.timeIntervalSince1970) else {
      throw SpoolError(
        .invalidValue, "Keeping an event on disk", cause: "its time is not between the years 1583 and 9999",
        advice: "Set this machine's clock, and the camera's.")
    }
    return Timestamp.string(from: date, in: .gmt)
  }

  /// A number. JSON has no NaN and no infinity, so they are written as texts. The database checks them, not the spool.
  private static func number(_ value: Double) -> JSONValue {
    value.isFinite ? .double(value) : .string(value.description)
  }

  // MARK: Reading

  /// Reads the times that `Timestamp` writes. `Timestamp` also reads what people write, and takes ten times as long.
  private static let clock = Date.ISO8601FormatStyle(
    dateTimeSeparator: .standard, timeZoneSeparator: .colon, includingFractionalSeconds: true)

  /// Reads a line.
  ///
  /// - Parameter line: The line without its line end.
  static func decode(_ line: Data) -> Content {
    guard let object = object(in: line) else { return .damaged }
    guard let fields = try? JSONDecoder().decode(Fields.self, from: object), let event = fields.event else {
      return .foreign
    }
    return .event(event)
  }

  /// The JSON object of a line; nil if the checksum is wrong.
  private static func object(in line: Data) -> Data? {
    let checksum = line.prefix(checksumLength)
    let object = line.dropFirst(checksumLength + 1)
    guard line.count > checksumLength + 1, line[line.startIndex + checksumLength] == UInt8(ascii: " "),
      checksum.elementsEqual(Self.checksum(Data(object)).utf8)
    else { return nil }
    return Data(object)
  }

  private struct Fields: Decodable {
    let v: Int?
    let id: String
    let kind: String?
    let time: String
    let camera: String?
    let file: String?
    let personID: String?
    let status: String
    let method: String?
    let confidence: Number?
    let box: [Number]
    let mask: String?
    let recorded: String?

    /// The event; nil if a newer version has written it.
    var event: Event? {
      guard (v ?? version) <= version, let time = date(time), let recorded = recorded.map(date) ?? time,
        let source = camera.map(Event.Source.camera) ?? file.map(Event.Source.file),
        let status = FaceStatus(rawValue: status), FaceStatus.logged.contains(status), box.count == 4
      else { return nil }
      var kind = Event.Kind.photo
      if let name = self.kind {
        guard let known = Event.Kind(rawValue: name) else { return nil }
        kind = known
      }
      var method: RecognitionMethod?
      if let name = self.method {
        guard let known = RecognitionMethod(rawValue: name) else { return nil }
        method = known
      }
      var mask: MaskLabel?
      if let name = self.mask {
        guard let known = MaskLabel(rawValue: name) else { return nil }
        mask = known
      }
      return Event(
        id: id, kind: kind, time: time, source: source, personID: personID, status: status, method: method,
        confidence: confidence?.value,
        box: Rect(x: box[0].value, y: box[1].value, width: box[2].value, height: box[3].value), mask: mask,
        recorded: recorded)
    }

    private func date(_ text: String) -> Date? {
      guard let date = try? clock.parse(text) else { return nil }
      // Rounded to the same number that the database computes from the milliseconds.
      return Date(timeIntervalSince1970: (date.timeIntervalSince1970 * 1000).rounded() / 1000)
    }
  }

  /// A number, or the text of a number that JSON does not have.
  private struct Number: Decodable {
    let value: Double

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let value = try? container.decode(Double.self) {
        self.value = value
      } else if let value = Double(try container.decode(String.self)) {
        self.value = value
      } else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "no number")
      }
    }
  }

  // MARK: Forgetting

  /// Removes a person from a line.
  ///
  /// An event gets the status `forgotten`, as in the database. In a line of a newer version, the ID is crossed out
  /// wherever it is a text of its own. In a damaged line, everything that equals the ID is crossed out, because its
  /// meaning is unknown.
  ///
  /// - Parameter line: The line without its line end.
  /// - Returns: The new line with its line end; nil if the line does not hold the ID.
  static func forgetting(_ id: String, in line: Data) throws(SpoolError) -> Data? {
    // Most lines are about other people, and decoding takes longer than this check.
    guard spellings(of: id).contains(where: { line.range(of: $0) != nil }) else { return nil }
    switch decode(line) {
    case .event(let event):
      guard event.personID == id else { return nil }
      return try encode(
        Event(
          id: event.id, kind: event.kind, time: event.time, source: event.source, personID: nil,
          status: .forgotten,
          method: event.method, confidence: event.confidence, box: event.box, mask: event.mask,
          recorded: event.recorded))
    case .foreign:
      return object(in: line).flatMap { crossingOut([quoted(id)], in: $0) }.map(seal)
    case .damaged:
      return crossingOut(spellings(of: id), in: line).map { $0 + Data("\n".utf8) }
    }
  }

  /// Whether a line holds the ID: as a text of its own if the line is undamaged, otherwise anywhere.
  static func holds(_ id: String, _ line: Data) -> Bool {
    guard spellings(of: id).contains(where: { line.range(of: $0) != nil }) else { return false }
    return object(in: line) == nil || line.range(of: quoted(id)) != nil
  }

  private static func crossingOut(_ patterns: [Data], in bytes: Data) -> Data? {
    var bytes = Data(bytes)
    var found = false
    for pattern in patterns {
      // The pattern could be found again and again if it contained the replacing sign.
      let sign = pattern.contains(UInt8(ascii: "x")) ? UInt8(ascii: "-") : UInt8(ascii: "x")
      let isQuoted = pattern.first == UInt8(ascii: "\"") && pattern.count > 2
      while let range = bytes.range(of: pattern) {
        // Quotation marks stay, so that the JSON stays valid.
        let inner = isQuoted ? range.dropFirst().dropLast() : range
        bytes.replaceSubrange(inner, with: Data(repeating: sign, count: inner.count))
        found = true
      }
    }
    return found ? bytes : nil
  }

  /// The ID as a JSON text.
  private static func quoted(_ id: String) -> Data {
    Data(JSONValue.string(id).text().utf8)
  }

  /// The ID as it is, and as it is written in JSON. The two differ if the ID contains quotation marks.
  private static func spellings(of id: String) -> [Data] {
    [Data(id.utf8), quoted(id).dropFirst().dropLast()]
  }
}
