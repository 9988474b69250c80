import Access
public import Attendance
public import Enroll
public import Faces
import Formats
import Foundation
public import HTTP
public import Live
import Recognize
public import Store
public import Video
public import Vision
import Wire

/// The web console with its API: an HTTP server, the cameras that it watches, and the pages.
///
/// ```swift
/// var configuration = ConsoleServer.Configuration()
/// configuration.names = ["rollcall.example.org"]
/// let console = try ConsoleServer(configuration, parts, sources: [("entrance", VideoSource("0"))])
/// print("http://localhost:\(console.port)")
/// ```
///
/// It runs until `stop()`.
public final class ConsoleServer: Sendable {
  /// The settings of a console.
  public struct Configuration: Sendable {
    /// The address, port, certificate and limits of the server.
    public var server = Server.Configuration()
    /// The names under which clients may reach the server, in addition to `localhost` and the machine's own names.
    public var names: [String] = []
    /// The wanted false-positive identification rate, 0 to 1.
    public var fpir = Matcher.defaultFPIR
    /// How faces are tracked in the pictures of cameras.
    public var watching = Tracker.Options()
    /// Whether films begin again when they end.
    public var loopsFilms = false
    /// The limits of an uploaded photo.
    public var limits = PhotoLimits(maximumBytes: API.pictureLimit)
    /// The version, for `/health` and the description of the API.
    public var version = ""
    /// The time that decides whether sessions and tokens have expired. Tests replace it.
    var now: @Sendable () -> Date = { Date() }
    /// Receives sentences for the program's log.
    public var report: @Sendable (String) -> Void = { _ in }

    /// A configuration with the defaults.
    public init() {}
  }

  /// The services that a console uses. The caller closes them after the console has stopped.
  public struct Parts: Sendable {
    /// The database.
    public let store: Store
    /// The networks.
    public let engine: FaceEngine
    /// Follows changes of the enrolled people.
    public let roster: RosterFollower
    /// The attendance log.
    public let log: AttendanceLog
    /// Keeps snapshots of events, if snapshots are kept.
    public let snapshots: SnapshotKeeper
    /// Learns how people look behind their masks, if the options ask for it.
    public let learner: Learner
    /// Stores events. When it returns, they are on disk.
    public let events: any CameraListener
    /// Removes a person from the database, and from the events that wait on disk.
    public let forget: @Sendable (_ id: String) throws -> Store.Forgotten

    /// Creates the parts of a console.
    public init(
      store: Store, engine: FaceEngine, roster: RosterFollower, log: AttendanceLog, snapshots: SnapshotKeeper,
      learner: Learner, events: any CameraListener, forget: @escaping @Sendable (_ id: String) throws -> Store.Forgotten
    ) {
      (self.store, self.engine, self.roster, self.log) = (store, engine, roster, log)
      (self.snapshots, self.learner, self.events, self.forget) = (snapshots, learner, events, forget)
    }
  }

  /// The port of the server.
  public var port: Int { server.port }
  /// The secret with which the first administrator is created, once; nil if there are accounts already.
  public let setupSecret: String?

  private let server: Server
  private let cameras: Cameras
  private let feed = LiveFeed()
  private let events = EventChannel()
  private let follower: EventFollower

  /// Starts the server and the cameras.
  ///
  /// - Parameters:
  ///   - sources: The cameras to watch in addition to those in the store.
  /// - Throws: `ConsoleError`, `ServerError`, `StoreError`.
  public init(
    _ configuration: Configuration, _ parts: Parts, sources: [(name: String, source: VideoSource)] = []
  ) throws {
    let pages = try Pages()
    let metrics = Metrics()
    let gatekeeper = try Gatekeeper(parts.store, now: configuration.now)
    setupSecret = try gatekeeper.beginSetup()?.text

    let (events, feed) = (events, feed)
    let (wire, roster, snapshots) = (WireFormat(timeZone: parts.log.timeZone), parts.roster.roster, parts.snapshots)
    let describe: @Sendable (Event) -> JSONValue = { event in
      wire.json(
        event, name: event.personID.flatMap { roster.current.names[$0] }, hasPicture: snapshots.keeps(event))
    }
    let publish: @Sendable ([Event]) -> Void = { happened in
      for event in happened {
        metrics.count(event: event.kind.rawValue)
        let text = describe(event).text()
        events.publish(name: "event", data: text)
        feed.send(ServerEvent(name: "event", data: text))
      }
    }
    let follower = EventFollower(parts.store, announce: publish)
    self.follower = follower
    let display = CameraDisplay(feed: feed, wire: wire) { happened in
      follower.ignore(happened)
      publish(happened)
    }
    cameras = Cameras(
      Cameras.Parts(
        engine: parts.engine, roster: roster, options: configuration.watching, loops: configuration.loopsFilms,
        listeners: [parts.events, snapshots, parts.learner, display], feed: feed, report: configuration.report))

    let (engine, impostors) = (parts.engine, roster.current.matcher.impostors)
    let services = Services(
      store: parts.store, gatekeeper: gatekeeper, engine: engine,
      enroller: Enroller(engine, impostors, store: parts.store, options: .init(limits: configuration.limits)),
      verifier: Verifier(engine, impostors, limits: configuration.limits, fpir: configuration.fpir),
      roster: parts.roster, forgetPerson: parts.forget, log: parts.log, cameras: cameras, feed: feed, events: events,
      metrics: metrics, version: configuration.version, isSecure: configuration.server.certificate != nil,
      limits: configuration.limits, recognition: (configuration.fpir, configuration.watching.learns), wire: wire,
      describe: describe)
    var server = configuration.server
    let report = configuration.report
    for (name, value) in Pages.headers { server.headers[name] = value }
    server.report = { route, error in report("\(route): \(error)") }
    let api = API(
      endpoints: services.endpoints, gatekeeper: gatekeeper, store: parts.store, metrics: metrics)
    var router = Router()
    let hosts = HostRule(configuration.names)
    router.admit = { request throws(Problem) in try hosts.check(request) }
    api.register(in: &router, version: configuration.version)
    pages.register(in: &router)
    self.server = try Server(server, router: router)

    func watch(_ name: String, _ source: () throws -> VideoSource) {
      do {
        try cameras.add(name, source())
      } catch {
        report("\(name) is not watched: \(error)")
      }
    }
    for setting in try parts.store.cameras() { watch(setting.name) { try VideoSource(setting.source) } }
    for (name, source) in sources { watch(name) { source } }
  }

  /// Stops the console. Requests in progress are answered, streams end, and the cameras log the ends of their visits.
  public func stop() {
    events.end()
    feed.end()
    server.stop()
    cameras.close()
    follower.stop()
  }
}
