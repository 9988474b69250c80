import Attendance
import Console
import Enroll
import Faces
import Foundation
import HTTP
import Live
import Recognize
import Store
import Terminal
import Vision

/// `rollcall serve`
enum ServeVerb: Verb {
  static let path = "serve"

  /// The address and port of a server.
  struct Address: Sendable, CustomStringConvertible {
    let host: String
    let port: Int

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
  }

  private static let sources = Positional(
    many: .text("SOURCE"), atLeast: 0,
    help: "a camera to watch (0, /dev/video0, rtsp://…, http://…) or a video file; NAME=SOURCE gives it a name")
  private static let listen = Option(
    "listen",
    ValueKind("ADDR:PORT") { text in
      guard let parts = text.wholeMatch(of: #/(\[[0-9a-fA-F:.%a-z]+\]|[^:\[\]]*):([0-9]{1,5})/#)?.output,
        let port = Int(parts.2), port <= 65_535
      else { throw Complaint("“\(text)” is no address with a port; write one as in 127.0.0.1:8443 or [::]:8443") }
      let host = parts.1.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
      return Address(host: host.isEmpty ? "::" : host, port: port)
    }, default: Address(host: "127.0.0.1", port: 8443),
    help: "where to answer; [::]:8443 for all addresses of this machine", environment: "ROLLCALL_LISTEN")
  private static let certificate = Option(
    "certificate", .text("FILE"), help: "a TLS certificate as PEM, with those between it and the root",
    environment: "ROLLCALL_CERTIFICATE")
  private static let key = Option(
    "key", .text("FILE"), help: "its private key as PEM, without a password", environment: "ROLLCALL_KEY")
  private static let plain = Option(
    flag: "plain", help: "without TLS: behind a proxy on this machine, or for this machine's own browser")
  private static let name = Option(
    many: "name", .text("HOST"), help: "a name or address that browsers will write for this machine")
  private static let snapshots = Option(
    "snapshots", .integer("DAYS", in: Snapshot.retention),
    help: "keep a picture of the head with each arrival and change of the mask, for so many days (default: none)")
  private static let loop = Option(flag: "loop", help: "begin video files again when they end, to try things out")

  static let command = Command(
    "serve", summary: "the console for browsers, and the API for programs",
    description: """
      Watches cameras and answers browsers: who is here, with or without a mask; enrolling people with a webcam; the \
      log with corrections and exports. Programs use the same by the API, which describes itself at \
      /api/v1/openapi.json.

      At the first start, a link is printed that makes the first administrator, once. Browsers lend a page their \
      camera only over TLS or on this very machine; without --certificate, a certificate is made for this machine's \
      names, which browsers ask about once: compare the fingerprint that is printed.

      SOURCE, or cameras that were added in the console, are watched here; cameras that rollcall live watches, here or \
      on other machines with the same --mongodb, show up with what happens before them. Ctrl-c stops gracefully.
      """,
    synonyms: ["server", "web", "console", "api"], positionals: [sources],
    options: [
      listen, certificate, key, plain, name, snapshots, LiveVerb.learn, loop, LiveVerb.cooldown, LiveVerb.minimumFace,
      Common.fpir, Common.megapixels, Common.threads, Common.precision, Common.timeZone,
    ],
    examples: [
      .init("try it on this machine", "rollcall serve --plain"),
      .init(
        "at the door, for all browsers of the building", "rollcall serve door=0 --listen [::]:8443 --name door.local"),
      .init(
        "with a certificate of your own",
        "rollcall serve --listen [::]:443 --certificate door.pem --key door.key --name door.example.org"),
    ])

  static func run(_ invocation: Invocation) throws -> Int32 {
    let named = try LiveVerb.namedSources(invocation, invocation[sources], named: nil)
    let address = invocation[listen]
    guard (invocation[certificate] == nil) == (invocation[key] == nil) else {
      throw invocation.refuse("--certificate and --key go together")
    }
    if invocation[plain] {
      guard invocation[certificate] == nil else { throw invocation.refuse("--plain is without a --certificate") }
      guard ["127.0.0.1", "::1", "localhost"].contains(address.host) else {
        throw invocation.refuse(
          "--plain would send passwords readable through the network; leave it out, or listen on 127.0.0.1 only")
      }
    }

    let store = try Common.openLog(invocation)
    defer { store.close() }
    let roster = try RosterFollower(store, ImpostorModels(models: Models.find()), fpir: invocation[Common.fpir])
    defer { roster.stop() }
    let engine = try FaceEngine(models: Models.find(), options: Common.networks(invocation))
    try engine.prepareForCameras()
    let folder = Common.dataFolder(invocation)
    let log = try LiveLog(folder, store)
    let pictures = LiveSnapshots(store, days: invocation[snapshots])
    let learner = Learner(store) { Diagnostics.warn($0) }

    var configuration = ConsoleServer.Configuration()
    configuration.server.address = address.host
    configuration.server.port = address.port
    configuration.server.certificate = try certificate(invocation, folder)
    configuration.names = invocation[name] + [address.host]
    configuration.fpir = invocation[Common.fpir]
    configuration.watching.learns = invocation[LiveVerb.learn]
    configuration.watching.cooldown = invocation[LiveVerb.cooldown]
    configuration.watching.minimumFace = invocation[LiveVerb.minimumFace].map(Double.init)
    configuration.loopsFilms = invocation[loop]
    configuration.limits.maximumPixels = invocation[Common.megapixels] * 1_000_000
    configuration.version = Rollcall.version
    configuration.report = { Diagnostics.error($0) }
    let console = try ConsoleServer(
      configuration,
      .init(
        store: store, engine: engine, roster: roster,
        log: AttendanceLog(store: store, timeZone: Common.zone(invocation)), snapshots: pictures.keeper,
        learner: learner, events: log.keeper, forget: { try store.forget(id: $0, dataFolder: folder) }),
      sources: named.map { ($0.name, $0.source) })
    let stopped = DispatchSemaphore(value: 0)
    let stop = LiveStop { stopped.signal() }
    try announce(console, invocation, address, configuration.server.certificate)
    stopped.wait()
    Diagnostics.note("stopping")
    console.stop()
    stop.cancel()
    pictures.close()
    LiveVerb.noteLearnt(learner.close())
    log.close()
    return 0
  }

  /// The certificate of the server; nil without TLS.
  private static func certificate(_ invocation: Invocation, _ folder: URL) throws -> Certificate? {
    if invocation[plain] { return nil }
    if let chain = invocation[certificate], let key = invocation[key] {
      return try Certificate(chain: URL(fileURLWithPath: chain), key: URL(fileURLWithPath: key))
    }
    let own = folder.appendingPathComponent("tls", isDirectory: true)
    try FileManager.default.createDirectory(
      at: own, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    return try Certificate.local(in: own, names: invocation[name])
  }

  /// Prints the address of the console on standard output, for people and for scripts that start the server.
  private static func announce(
    _ console: ConsoleServer, _ invocation: Invocation, _ address: Address, _ certificate: Certificate?
  ) throws {
    let host = ["127.0.0.1", "::1", "::", "0.0.0.0"].contains(address.host) ? "localhost" : address.host
    let name = invocation[name].first ?? (host.contains(":") ? "[\(host)]" : host)
    let root = "\(certificate == nil ? "http" : "https")://\(name):\(console.port)"
    try Output.standard.line("Rollcall is at \(root)/")
    if let secret = console.setupSecret {
      try Output.standard.line("Make the first administrator, once, at \(root)/setup#\(secret)")
    }
    if let certificate, invocation[Self.certificate] == nil {
      Diagnostics.note("certificate's SHA-256: \(certificate.fingerprint)")
    }
  }
}
