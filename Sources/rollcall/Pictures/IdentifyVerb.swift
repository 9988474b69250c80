import Attendance
import Enroll
import Foundation
import Faces
import Recognize
import Store
import Terminal
import Wire

/// `rollcall identify`
enum IdentifyVerb: Verb {
  static let path = "identify"

  private static let attendance = Option(flag: "attendance", help: "record the sightings in the attendance log")

  static let command = Command(
    "identify", summary: "say who is in pictures",
    description: """
      Prints every face with the enrolled person it shows, or “unknown”: nobody enrolled is near enough for the \
      gallery's size and --fpir. “poor” is a face too small or blurred to tell. Each face also has its mask label, as \
      rollcall mask prints it. A covered face is recognised by what its mask leaves free, from the same enrolment.

      With --attendance each sighting is recorded once, however often the picture is read. Its time is when the photo \
      was taken (by EXIF, else by the file's date).
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
    let engine = try FaceEngine(models: Models.find(), options: Common.networks(invocation))
    let run = try PictureRun(invocation, .identity, engine.finder, title: "Identifying")
    let store = try invocation[attendance] ? Common.openLog(invocation) : Common.openStore(invocation)
    defer { store.close() }
    let roster = try Roster(store, ImpostorModels(models: Models.find()), fpir: invocation[Common.fpir])
    if roster.isEmpty { Diagnostics.warn("nobody is enrolled yet; begin with: rollcall enroll --help") }

    var events: [Event] = []
    var recorded = 0
    try run.forEach { picture in
      try engine.identify(picture.faces, among: roster)
    } judge: { picture, faces in
      if invocation[attendance] {
        let file = (picture.file as NSString).lastPathComponent
        events += faces.map { .photo($0, digest: picture.digest, file: file, time: picture.time) }
        if events.count >= 100 {
          recorded += try store.insertEvents(events)
          events = []
        }
      }
      return faces
    }
    if !events.isEmpty { recorded += try store.insertEvents(events) }
    let status = try run.finish()
    if invocation[attendance] { Diagnostics.note("\(recorded) new sighting\(recorded == 1 ? "" : "s") in the log") }
    return status
  }
}
