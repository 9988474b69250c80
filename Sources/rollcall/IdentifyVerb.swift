import Attendance
import Enroll
import Foundation
import Live
import Mask
import Recognize
import Store
import Terminal

/// `rollcall identify`
enum IdentifyVerb: Verb {
  static let path = "identify"

  private static let attendance = Option(flag: "attendance", help: "record the sightings in the attendance log")

  static let command = Command(
    "identify", summary: "say who is in pictures",
    description: """
      Prints every face with the enrolled person it shows, or “unknown”: nobody enrolled is near enough for the gallery's size and \
      --fpir. “poor” is a face too small or blurred to tell. Each face also has its mask label, as rollcall mask prints it. A covered \
      face is recognised by what its mask leaves free, from the same enrolment.

      With --attendance each sighting is recorded once, however often the picture is read. Its time is when the photo was taken (by \
      EXIF, else by the file's date).
      """,
    synonyms: ["recognise", "recognize", "who", "find"],
    positionals: [PictureRun.paths],
    options: [attendance, Common.fpir] + PictureRun.options,
    examples: [
      .init("who is in this picture?", "rollcall identify party.jpg"),
      .init(
        "a day's pictures into the log, and copies with names on",
        "rollcall identify door/ --attendance --annotate seen/"),
      .init("for a program: one JSON object per face", "rollcall identify door/*.jpg --format jsonl"),
    ])

  static func run(_ invocation: Invocation) throws -> Int32 {
    let run = try PictureRun(invocation, .identity, title: "Identifying")
    let store = try invocation[attendance] ? Common.openLog(invocation) : Common.openStore(invocation)
    defer { store.close() }
    let people = try KnownPeople(store, ImpostorModels(models: Models.find()), fpir: invocation[Common.fpir])
    if people.isEmpty { Console.warn("nobody is enrolled yet; begin with: rollcall enroll --help") }

    let networks = Common.networks(
      invocation, precision: invocation[Common.precision].network, threads: invocation[Common.threads])
    let engine = Engine(
      recognizer: run.recognizer, masks: run.masks,
      periocular: try PeriocularEncoder(models: Models.find(), options: networks))
    var sightings: [Sighting] = []
    var recorded = 0
    try run.forEach { picture in
      try engine.identify(picture.faces, among: people)
    } judge: { picture, found in
      if invocation[attendance] {
        sightings += found.map { $0.sighting(in: picture) }
        if sightings.count >= 100 {
          recorded += try store.insertSightings(sightings)
          sightings = []
        }
      }
      return found
    }
    if !sightings.isEmpty { recorded += try store.insertSightings(sightings) }
    let status = try run.finish()
    if invocation[attendance] { Console.note("\(recorded) new sighting\(recorded == 1 ? "" : "s") in the log") }
    return status
  }
}

extension FaceReport.Found {
  /// The log's entry for a face; the same picture gives the same one again.
  fileprivate func sighting(in picture: PictureRun.Picture) -> Sighting {
    let box = Sighting.Box(x: box.x, y: box.y, width: box.width, height: box.height)
    return Sighting(
      id: SightingID.photo(digest: picture.digest, box: box), time: picture.time,
      source: .file((picture.file as NSString).lastPathComponent), personID: person?.id, status: status.logged,
      method: person.flatMap { Sighting.Method(rawValue: $0.method.rawValue) }, confidence: person?.confidence,
      box: box,
      mask: Sighting.Mask(rawValue: mask.word))
  }
}
