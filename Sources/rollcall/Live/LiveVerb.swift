import Enroll
import Faces
import Foundation
import Formats
import Live
import Recognize
import Store
import Terminal
import Video

/// `rollcall live`
enum LiveVerb: Verb {
  static let path = "live"

  enum Format: String, CaseIterable, Sendable {
    case text
    case jsonl
  }

  private static let sources = Positional(
    many: .text("SOURCE"),
    help: "a camera (0, /dev/video0, rtsp://…, http://…) or a video file; NAME=SOURCE gives it a name")
  private static let camera = Option(
    "camera", .text("NAME"), help: "what the log calls the camera, with one SOURCE (default: its address or file)")
  static let format = Option(
    "format", .choice(of: Format.self), default: .text,
    help: "text: a line for each event; jsonl: an object for each face of each picture")
  private static let duration = Option(
    "duration", .number("SECONDS", in: 0.1...100_000_000),
    help: "stop after so long (default: with ctrl-c, or the film's end)")
  private static let noAttendance = Option(flag: "no-attendance", help: "write nothing into the attendance log")
  private static let fast = Option(
    flag: "fast", help: "look at every picture of a video file, as fast as that goes (default: at its own speed)")
  private static let began = Option(
    "began", .text("TIME"),
    help: "when a video file was recorded, as in 2026-09-01T08:00 (default: now; with --fast, so that it ends now)")
  private static let record = Option(
    "record", .text("FILE"),
    help: "write a video of what was seen, with frames and names on it: .mp4, .mkv or .avi (MJPEG)")
  static let minimumFace = Option(
    "min-face", .integer("PIXELS", in: 16...2000),
    help: "find faces from this width on (default: a twelfth of the picture's height)")
  private static let snapshots = Option(
    "snapshots", .integer("DAYS", in: Snapshot.retention),
    help:
      "keep a picture of the head with each arrival and change of the mask, for so many days (default: none is kept)"
  )
  static let learn = Option(
    flag: "learn",
    help: "learn how people look behind their masks, from those who put one on before the camera",
    environment: "ROLLCALL_LEARN")
  static let cooldown = Option(
    "cooldown", .number("SECONDS", in: 0...86_400), default: Tracker.Options().cooldown,
    help: "somebody who comes back within this time, and within 2 seconds, was never away",
    environment: "ROLLCALL_COOLDOWN")

  static let command = Command(
    "live", summary: "watch cameras: who comes, with or without a mask",
    description: """
      Follows every face, and says whose it is once enough of it was seen. What happens goes into the attendance log: \
      arrivals, changes of the mask, and when somebody was last seen. Events are on this machine's disk before \
      anything else, and in the database as soon as that can be reached.

      A camera that cannot be reached is asked again until it can. Where pictures come faster than they can be looked \
      at, the newest one is looked at and the others are left out. Several sources are watched side by side.

      With --snapshots, rollcall attendance snapshot shows the picture of an event. Pictures are second to events: \
      when the database is away or too slow, they are lost. Those whose days are over are removed at the start, every \
      hour, and by every command that reads the log; those of somebody who is forgotten, at once. Strangers' pictures \
      have no name and stay until their days are over. Somebody who is out of sight before it is known who it was has \
      no picture.

      With --learn, somebody whose bare face was named beyond doubt, and who puts a mask on before the same camera, is \
      from then on also known by that look behind the mask. At most three looks of a person are kept, the newest; \
      rollcall people show lists them, people unlearn removes them, and people forget removes them with everything \
      else. It is off unless asked for: say so in the consent.
      """,
    synonyms: ["watch", "camera", "stream", "video"],
    positionals: [sources],
    options: [
      camera, format, duration, noAttendance, snapshots, learn, cooldown, record, fast, began, Common.fpir, minimumFace,
      Common.threads, Common.precision, Common.timeZone,
    ],
    examples: [
      .init("the camera of this machine", "rollcall live 0 --camera door"),
      .init("two network cameras", "rollcall live front=rtsp://10.0.0.7/stream back=rtsp://10.0.0.8/stream"),
      .init(
        "what a recorded morning would have logged",
        "rollcall live morning.mp4 --fast --began 2026-09-01T08:00 --no-attendance --record seen.mp4"),
    ])

  static func run(_ invocation: Invocation) throws -> Int32 {
    let zone = Common.zone(invocation)
    let sources = try namedSources(invocation, invocation[self.sources], named: invocation[camera])
    let begin = try invocation[began].map { text in
      try invocation.checked { try Timestamp.parse(text, assuming: zone) }
    }
    if invocation[record] != nil, sources.count > 1 {
      throw invocation.refuse("--record writes what one source shows; watch the others with commands of their own")
    }
    if invocation[snapshots] != nil, invocation[noAttendance] {
      throw invocation.refuse("--snapshots keeps pictures of events in the log; leave out --no-attendance")
    }

    let store = try Common.openStore(invocation)
    defer { store.close() }
    let follower = try RosterFollower(
      store, ImpostorModels(models: Models.find()), fpir: invocation[Common.fpir])
    let roster = follower.roster
    if roster.current.isEmpty { Diagnostics.warn("nobody is enrolled yet; begin with: rollcall enroll --help") }
    let engine = try FaceEngine(models: Models.find(), options: Common.networks(invocation))
    try engine.prepareForCameras()
    let log = invocation[noAttendance] ? nil : try LiveLog(Common.dataFolder(invocation), store)
    let pictures = LiveSnapshots(store, days: invocation[snapshots])

    let board = LiveBoard()
    var options = Tracker.Options()
    options.minimumFace = invocation[minimumFace].map(Double.init)
    options.cooldown = invocation[cooldown]
    options.learns = invocation[learn]
    var playback = SourceSession.Playback()
    (playback.isFast, playback.began) = (invocation[fast], begin)
    let learner = Learner(store) { Diagnostics.warn($0) }
    var keepers: [any CameraListener] = [pictures.keeper, learner]
    if let log { keepers.insert(log.keeper, at: 0) }
    let views = sources.map { source in
      LiveView(
        source, engine, roster, options, playback, keepers: keepers,
        display: LiveDisplay(
          source, LivePrinter(invocation[format], zone, roster, isNamed: sources.count > 1), board,
          record: invocation[record], isLogged: log != nil, isTimed: !playback.isFast))
    }
    let stop = LiveStop { for view in views { view.stop() } }
    if let seconds = invocation[duration] { stop.after(seconds) }
    let failed = LiveView.runAll(views)
    stop.cancel()
    follower.stop()
    board.finish()
    for view in views { Diagnostics.note(view.summary) }
    pictures.close()
    noteLearnt(learner.close())
    log?.close()
    return failed ? 1 : 0
  }

  /// Says how many looks behind masks were learnt.
  static func noteLearnt(_ looks: Int) {
    if looks > 0 { Diagnostics.note("\(looks) look\(looks == 1 ? "" : "s") behind masks learnt") }
  }

  /// The sources with their names in the log.
  ///
  /// - Parameter named: The name of the source if there is only one.
  static func namedSources(_ invocation: Invocation, _ texts: [String], named: String?) throws -> [NamedSource] {
    if named != nil, texts.count > 1 {
      throw invocation.refuse("--camera names one source; name several ones as in door=rtsp://10.0.0.7/stream")
    }
    let sources = try texts.map { text in
      let parts = text.wholeMatch(of: #/([^=/:?]+)=(.+)/#)?.output
      let isFile = FileManager.default.fileExists(atPath: text)
      let source = try invocation.checked { try VideoSource(isFile ? text : parts.map { String($0.2) } ?? text) }
      let name = named ?? (isFile ? nil : parts.map { String($0.1) })
      return NamedSource(source, name: name)
    }
    let names = sources.map(\.name)
    if let twice = names.first(where: { name in names.filter { $0 == name }.count > 1 }) {
      throw invocation.refuse("two sources are called “\(twice)”; name them as in door=\(twice)")
    }
    return sources
  }
}
