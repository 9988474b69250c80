import Foundation
import Values

/// The rules that values must keep before they are written to the database. The database's schema has the same rules.
enum Rules {
  static let idLength = 128
  static let nameLength = 200
  static let groupLength = 200
  static let consentLength = 4000
  static let eventIDLength = 256
  static let sourceLength = 4096
  static let encoderLength = 200
  static let clusterLength = 128
  static let reasonLength = 1000

  static func check(personID: String) throws {
    try check(personID, "the person's id", longest: idLength)
  }

  static func check(name: String) throws {
    try check(name, "the name", longest: nameLength)
  }

  static func check(search: String) throws {
    try check(search, "the text to search for", longest: nameLength)
  }

  static func check(groups: [String]) throws {
    for group in groups { try check(group, "a group", longest: groupLength) }
    guard Set(groups).count == groups.count else { throw invalid("a group is named twice") }
  }

  static func check(_ consent: Consent) throws {
    guard !consent.text.allSatisfy(\.isWhitespace) else {
      throw invalid("the consent has no text", advice: "No template is stored without consent: say what was agreed to.")
    }
    guard consent.text.unicodeScalars.count <= consentLength else {
      throw invalid("the consent's text is longer than \(consentLength) characters")
    }
  }

  static func check(_ template: Template) throws {
    try check(digest: template.digest)
    guard Template.dimensions.contains(template.embedding.count), template.embedding.allSatisfy(\.isFinite) else {
      throw invalid(
        "an embedding is not \(Template.dimensions.map(String.init).joined(separator: " or ")) finite numbers")
    }
    guard template.quality.isFinite else { throw invalid("a photo's quality is not a finite number") }
    try check(template.encoder, "an encoder's name", longest: encoderLength)
    try check(file: template.source)
  }

  static func check(_ photo: TrainingPhoto) throws {
    try check(digest: photo.id)
    try check(file: photo.file)
    try check(photo.cluster, "a cluster's name", longest: clusterLength)
    try check(photo.source, "the source", longest: nameLength)
    try check(photo.consent)
    if let name = photo.name { try check(name: name) }
    for correction in photo.corrections { try check(correction) }
  }

  static func check(_ correction: TrainingPhoto.Correction) throws {
    try check(by: correction.by, reason: correction.reason)
  }

  static func check(_ event: Event) throws {
    try check(event.id, "a sighting's id", longest: eventIDLength)
    try check(event.source)
    if let id = event.personID { try check(personID: id) }
    guard (event.personID != nil) == (event.status == .known) else {
      throw invalid("a sighting names a person exactly when its status is known")
    }
    if let confidence = event.confidence, !(0...1).contains(confidence) {
      throw invalid("a sighting's confidence is not between 0 and 1")
    }
    guard FaceStatus.logged.contains(event.status) else {
      throw invalid("a sighting's status is none that the log has")
    }
    guard event.box.isProper else {
      throw invalid("a sighting's box has no size")
    }
  }

  static func check(_ snapshot: Snapshot) throws {
    try check(snapshot.eventID, "an event's id", longest: eventIDLength)
    try check(snapshot.source)
    if let id = snapshot.personID { try check(personID: id) }
  }

  static func check(_ mark: Mark) throws {
    try check(uuid: mark.id, "a mark's id")
    try check(personID: mark.personID)
    try check(by: mark.by, reason: mark.reason)
  }

  static func check(_ voiding: Voiding) throws {
    try check(voiding.eventID, "an event's id", longest: eventIDLength)
    try check(by: voiding.by, reason: voiding.reason)
  }

  private static func check(_ source: Event.Source) throws {
    guard (1...sourceLength).contains(source.name.unicodeScalars.count) else {
      throw invalid("a sighting's camera or file is not 1–\(sourceLength) characters long")
    }
  }

  private static func check(by name: String, reason: String) throws {
    try check(name, "the name of who says so", longest: nameLength)
    try check(reason, "the reason", longest: reasonLength)
  }

  static func check(digest: String, _ what: String = "a photo's digest") throws {
    guard digest.utf8.count == 64, digest.utf8.allSatisfy(isLowercaseHexadecimal) else {
      throw invalid("\(what) is not 64 lowercase hexadecimal digits")
    }
  }

  private static func check(file: String) throws {
    guard !file.isEmpty, !file.contains("/"), file.unicodeScalars.count <= sourceLength else {
      throw invalid("a photo's source is not a file name without folders")
    }
  }

  static func check(_ text: String, _ what: String, longest: Int) throws {
    let scalars = text.unicodeScalars
    guard (1...longest).contains(scalars.count), !text.allSatisfy(\.isWhitespace) else {
      throw invalid("\(what) is not 1–\(longest) characters long")
    }
    guard !scalars.contains(where: isControl) else { throw invalid("\(what) holds a control character or a line end") }
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    [.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
  }

  private static func isLowercaseHexadecimal(_ digit: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(digit)
  }

  static func invalid(_ cause: String, advice: String = "Correct it and try again.") -> StoreError {
    StoreError(.invalidValue, "Storing", cause: cause, advice: advice)
  }
}
