import Access
public import Attendance
import Enroll
import Formats
import Foundation
public import HTTP
public import Live
public import Recognize
public import Store
public import Video
public import Vision

/// The web console with its API: a server, the cameras that it watches, and the pages.
public final class ConsoleServer: Sendable {
  /// What a console is made of.
  public struct Configuration: Sendable {
    /// Address, port, certificate and limits.
    public var server = Server.Configuration()
    /// Names that clients may write for the server, beside `localhost` and the machine's own.
    public var names: [String] = []
    /// The wanted false-positive identification rate, 0…1.
    public var fpir = Matcher.defaultFPIR
    /// How cameras are watched.
    public var watching = Watcher.Options()
    /// Films begin again when they end.
    public var loopsFilms = false
    /// How much of an uploaded photo is accepted.
    public var limits = PhotoLimits(maximumBytes: API.pictureLimit)
    /// Shown by `/health` and in the API's description.
    public var version = ""
    /// The time, by which sessions and tokens end; other than the present one in tests.
    var now: @Sendable () -> Date = { Date() }
    /// Gets sentences for the log of the program.
    public var report: @Sendable (String) -> Void = { _ in }

    /// The defaults.
    public init() {}
  }

  /// What a console works with; whoever hands it in closes it, after the console is stopped.
  public struct Parts: Sendable {
    /// The database.
    public let store: Store
    /// The networks.
    public let engine: Engine
    /// The models of strangers' distances.
    public let impostors: ImpostorModels
    /// Keeps up with the store's people.
    public let people: PeopleFollower
    /// The log's days and times.
    public let log: AttendanceLog
    /// Keeps pictures of events, or none.
    public let snapshots: SnapshotKeeper
    /// Takes what happens: when it returns, it is on disk.
    public let record: @Sendable ([Sighting]) throws -> Void
    /// Removes a person from everywhere, also from what waits on disk.
    public let forget: @Sendable (_ id: String) throws -> Store.Forgotten

    /// All of them.
    public init(
      store: Store, engine: Engine, impostors: ImpostorModels, people: PeopleFollower, log: AttendanceLog,
      snapshots: SnapshotKeeper, record: @escaping @Sendable ([Sighting]) throws -> Void,
      forget: @escaping @Sendable (_ id: String) throws -> Store.Forgotten
    ) {
      (self.store, self.engine, self.impostors, self.people, self.log) = (store, engine, impostors, people, log)
      (self.snapshots, self.record, self.forget) = (snapshots, record, forget)
    }
  }

  /// The port that clients connect to.
  public var port: Int { server.port }
  /// What a first administrator is made with, once; nil when there are accounts already.
  public let setupSecret: String?

  private let server: Server
  private let cameras: Cameras
  private let feed = LiveFeed()
  private let events = EventChannel()
  private let follower: EventFollower

  /// Starts.
  ///
  /// - Parameters:
  ///   - sources: cameras to watch beside those that the store has.
  /// - Throws: `ConsoleError`, `ServerError`, `StoreError`.
  public init(
    _ configuration: Configuration, _ parts: Parts, sources: [(name: String, source: VideoSource)] = []
  ) throws {
    let pages = try Pages()
    let metrics = Metrics()
    let gatekeeper = try Gatekeeper(parts.store, now: configuration.now)
    setupSecret = try gatekeeper.beginSetup()?.text

    let (events, feed) = (events, feed)
    let zone = parts.log.timeZone
    let tell: @Sendable (Sighting) -> JSONValue = { sighting in
      let name = sighting.personID.flatMap { parts.people.people.current.names[$0] }
      return Happening(sighting, name: name, hasPicture: parts.snapshots.keeps(sighting), zone: zone).json
    }
    let publish: @Sendable ([Sighting]) -> Void = { sightings in
      for sighting in sightings {
        metrics.note(event: sighting.kind.rawValue)
        let text = tell(sighting).text()
        events.publish(name: "event", data: text)
        feed.tell(ServerEvent(name: "event", data: text))
      }
    }
    let follower = EventFollower(parts.store, announce: publish)
    self.follower = follower
    cameras = Cameras(
      Cameras.Parts(
        engine: parts.engine, people: parts.people.people, options: configuration.watching,
        loops: configuration.loopsFilms, record: parts.record, snapshots: parts.snapshots, feed: feed,
        announce: { sightings in
          follower.note(sightings)
          publish(sightings)
        }, report: configuration.report, timeZone: zone))

    let engine = parts.engine
    let services = Services(
      store: parts.store, gatekeeper: gatekeeper, engine: engine,
      enroller: Enroller(
        recognizer: engine.recognizer, masks: engine.masks, periocular: engine.periocular,
        impostors: parts.impostors[.face], store: parts.store, options: .init(limits: configuration.limits)),
      verifier: Verifier(
        recognizer: engine.recognizer, masks: engine.masks, periocular: engine.periocular, impostors: parts.impostors,
        limits: configuration.limits, fpir: configuration.fpir),
      people: parts.people.people, refreshPeople: { try? parts.people.refresh() }, forgetPerson: parts.forget,
      log: parts.log, cameras: cameras, feed: feed, events: events, metrics: metrics, version: configuration.version,
      isSecure: configuration.server.certificate != nil, limits: configuration.limits, tell: tell)
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

  /// Stops: requests are answered, streams end, cameras are let go, and what they saw last is logged.
  public func stop() {
    events.end()
    feed.end()
    server.stop()
    cameras.close()
    follower.stop()
  }
}
