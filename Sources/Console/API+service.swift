import Formats
import Foundation
import HTTP

extension Services {
  /// How the server does.
  var service: [Endpoint] {
    [
      Endpoint(
        method: "GET", path: "/health", name: "health", summary: "Whether the server runs", door: .anyone,
        answers: [
          200: .json(
            .object([
              .init("status", .choice(["ok"])), .init("version", .text()),
              .init("timeZone", .text(about: "The zone that the log's days are in.")),
            ]))
        ]
      ) { _ in
        .json(["status": "ok", "version": .string(version), "timeZone": .string(timeZone.identifier)])
      },
      Endpoint(
        method: "GET", path: "/ready", name: "ready", summary: "Whether the server can work", door: .anyone,
        answers: [
          200: .json(.object([.init("status", .choice(["ready"])), .init("database", .text())]))
        ], problems: [503: "The database is away."]
      ) { _ in
        do {
          let health = try store.health()
          return .json(["status": "ready", "database": .string("MongoDB \(health.version)")])
        } catch {
          // Anyone may ask: the reason, with its addresses, is for the log.
          throw Problem(
            503, "The database cannot be reached. Events wait on the server's disk.", headers: ["Retry-After": "5"])
        }
      },
      Endpoint(
        method: "GET", path: "/metrics", name: "metrics", summary: "Counts, as Prometheus reads them",
        door: .holder(of: .metrics), answers: [200: .bytes(["text/plain"])]
      ) { _ in
        let states = cameras.states
        let phases = Dictionary(grouping: states, by: \.phase)
        let text = metrics.text([
          (
            "cameras", "Cameras, by what they do.",
            phases.sorted { $0.key < $1.key }.map { ("phase=\"\($0.key)\"", Double($0.value.count)) }
          ),
          ("people", "People who are enrolled.", [("", Double(people.current.names.count))]),
          ("event_listeners", "Clients that follow events.", [("", Double(events.count))]),
          ("live_watchers", "Clients that watch cameras.", [("", Double(feed.count))]),
          ("resident_memory_bytes", "Memory of the process.", [("", Double(Process.residentMemory))]),
        ])
        var response = Response(Data(text.utf8), type: "text/plain; version=0.0.4; charset=utf-8")
        response.headers["Cache-Control"] = "no-store"
        return response
      },
    ]
  }
}

/// What the system says of this process.
private enum Process {
  /// In bytes.
  static var residentMemory: Int {
    let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
    return (pages?.dropFirst().first.flatMap { Int($0) } ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}
