import Formats
import Foundation
import Store

/// A sighting as one line of a spool file: a checksum, a blank, and a JSON object.
///
///     8c1f0e5d2b7a9634 {"v":1,"id":"door:…","time":"2026-11-21T08:15:30.250+00:00","camera":"door","personID":"1042",…}
///
/// The checksum is the first 16 digits of the object's SHA-256. Readers ignore fields they do not know and do without
/// those that may be missing, so a new field needs no new version. `v` goes up when what is there changes its meaning.
enum SpoolLine {
  /// What a line turned out to be.
  enum Content {
    /// A sighting, as it was written.
    case sighting(Sighting)
    /// What was written, but nothing this version understands.
    case foreign
    /// Not what was written.
    case damaged
  }

  private static let version = 1
  private static let checksumLength = 16

  // MARK: Writing

  /// The line with its line end.
  ///
  /// - Throws: `SpoolError` with code `invalidValue` when a time has no place in a calendar.
  static func encode(_ sighting: Sighting) throws(SpoolError) -> Data {
    let place: JSONValue.Member =
      switch sighting.source {
      case .camera(let name): .init("camera", .string(name))
      case .file(let path): .init("file", .string(path))
      }
    let box = sighting.box
    let object = JSONValue.object([
      .init("v", .int(version)),
      .init("id", .string(sighting.id)),
      .init("kind", .string(sighting.kind.rawValue)),
      .init("time", .string(try text(sighting.time))),
      place,
      .init("personID", .optional(sighting.personID)),
      .init("status", .string(sighting.status.rawValue)),
      .init("method", .optional(sighting.method?.rawValue)),
      .init("confidence", sighting.confidence.map(number) ?? .null),
      .init("box", .array([box.x, box.y, box.width, box.height].map(number))),
      .init("mask", .optional(sighting.mask?.rawValue)),
      .init("recorded", .string(try text(sighting.recorded))),
    ])
    return seal(Data(object.text().utf8))
  }

  private static func seal(_ object: Data) -> Data {
    Data("\(checksum(object)) ".utf8) + object + Data("\n".utf8)
  }

  private static func checksum(_ object: Data) -> String {
    String(Digest.sha256(object).prefix(checksumLength))
  }

  /// To the millisecond, which is what the database keeps.
  private static func text(_ date: Date) throws(SpoolError) -> String {
    // What `Timestamp` reads again: years of four digits since there is the Gregorian calendar.
    guard (-12_212_000_000..<253_402_300_000).contains(date.timeIntervalSince1970) else {
      throw SpoolError(
        .invalidValue, "Keeping an event on disk", cause: "its time is not between the years 1583 and 9999",
        advice: "Set this machine's clock, and the camera's.")
    }
    return Timestamp.string(from: date, in: .gmt)
  }

  /// JSON has no NaN and no infinity. They are kept as texts, so that the database's rules judge them, not the spool.
  private static func number(_ value: Double) -> JSONValue {
    value.isFinite ? .double(value) : .string(value.description)
  }

  // MARK: Reading

  /// Reads what `Timestamp` writes. `Timestamp` itself also reads what people write, and takes ten times as long.
  private static let clock = Date.ISO8601FormatStyle(
    dateTimeSeparator: .standard, timeZoneSeparator: .colon, includingFractionalSeconds: true)

  /// - Parameter line: without its line end.
  static func decode(_ line: Data) -> Content {
    guard let object = object(in: line) else { return .damaged }
    guard let fields = try? JSONDecoder().decode(Fields.self, from: object), let sighting = fields.sighting else {
      return .foreign
    }
    return .sighting(sighting)
  }

  /// The JSON object of a line whose checksum is right.
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

    /// nil when a newer version has written it.
    var sighting: Sighting? {
      guard (v ?? version) <= version, let time = date(time), let recorded = recorded.map(date) ?? time,
        let source = camera.map(Sighting.Source.camera) ?? file.map(Sighting.Source.file),
        let status = Sighting.Status(rawValue: status), box.count == 4
      else { return nil }
      var kind = Sighting.Kind.photo
      if let name = self.kind {
        guard let known = Sighting.Kind(rawValue: name) else { return nil }
        kind = known
      }
      var method: Sighting.Method?
      if let name = self.method {
        guard let known = Sighting.Method(rawValue: name) else { return nil }
        method = known
      }
      var mask: Sighting.Mask?
      if let name = self.mask {
        guard let known = Sighting.Mask(rawValue: name) else { return nil }
        mask = known
      }
      return Sighting(
        id: id, kind: kind, time: time, source: source, personID: personID, status: status, method: method,
        confidence: confidence?.value,
        box: Sighting.Box(x: box[0].value, y: box[1].value, width: box[2].value, height: box[3].value), mask: mask,
        recorded: recorded)
    }

    private func date(_ text: String) -> Date? {
      guard let date = try? clock.parse(text) else { return nil }
      // The same number as the one that the database makes of the milliseconds.
      return Date(timeIntervalSince1970: (date.timeIntervalSince1970 * 1000).rounded() / 1000)
    }
  }

  /// A number, or the text of one that JSON does not have.
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

  /// The line, with its line end, without the person.
  ///
  /// A sighting becomes a `forgotten` one, as the database makes of it. In a line of a newer version the ID is crossed
  /// out wherever it stands as a text. In a damaged line everything that reads like the ID is, as nobody can tell what
  /// it stands for.
  ///
  /// - Parameter line: without its line end.
  /// - Returns: nil when the line does not hold the ID.
  static func forgetting(_ id: String, in line: Data) throws(SpoolError) -> Data? {
    // Most lines are about somebody else, and reading them takes longer.
    guard spellings(of: id).contains(where: { line.range(of: $0) != nil }) else { return nil }
    switch decode(line) {
    case .sighting(let sighting):
      guard sighting.personID == id else { return nil }
      return try encode(
        Sighting(
          id: sighting.id, kind: sighting.kind, time: sighting.time, source: sighting.source, personID: nil,
          status: .forgotten,
          method: sighting.method, confidence: sighting.confidence, box: sighting.box, mask: sighting.mask,
          recorded: sighting.recorded))
    case .foreign:
      return object(in: line).flatMap { crossingOut([quoted(id)], in: $0) }.map(seal)
    case .damaged:
      return crossingOut(spellings(of: id), in: line).map { $0 + Data("\n".utf8) }
    }
  }

  /// Whether a line holds the ID: as a text of its own when the line can be read, else anywhere.
  static func holds(_ id: String, _ line: Data) -> Bool {
    guard spellings(of: id).contains(where: { line.range(of: $0) != nil }) else { return false }
    return object(in: line) == nil || line.range(of: quoted(id)) != nil
  }

  private static func crossingOut(_ patterns: [Data], in bytes: Data) -> Data? {
    var bytes = Data(bytes)
    var found = false
    for pattern in patterns {
      // With a sign that the pattern consists of, it would be found again and again.
      let sign = pattern.contains(UInt8(ascii: "x")) ? UInt8(ascii: "-") : UInt8(ascii: "x")
      let isQuoted = pattern.first == UInt8(ascii: "\"") && pattern.count > 2
      while let range = bytes.range(of: pattern) {
        // Quotation marks stay, so that JSON stays JSON.
        let inner = isQuoted ? range.dropFirst().dropLast() : range
        bytes.replaceSubrange(inner, with: Data(repeating: sign, count: inner.count))
        found = true
      }
    }
    return found ? bytes : nil
  }

  /// The ID as it stands in JSON.
  private static func quoted(_ id: String) -> Data {
    Data(JSONValue.string(id).text().utf8)
  }

  /// The ID as such, and as it stands in JSON, which differ where it has quotation marks.
  private static func spellings(of id: String) -> [Data] {
    [Data(id.utf8), quoted(id).dropFirst().dropLast()]
  }
}
