import Access
import Enroll
import Faces
import Formats
import Foundation
import HTTP
import Store
import Wire

extension Services {
  /// The endpoints that report the state of the server.
  var service: [Endpoint] {
    [
      Endpoint(
        method: "GET", path: "/recognition", name: "recognition", summary: "How faces are recognised here",
        door: .holder(of: .view),
        answers: [
          200: .json(
            .object([
              .init(
                "strangersNamedPerThousand",
                .number(0...1000, about: "Of 1,000 visits by strangers, how many may be given somebody's name.")),
              .init("secondEncoder", .flag(about: "Whether a second encoder helps, most of all behind masks.")),
              .init("learns", .flag(about: "Whether cameras learn how people look behind their masks.")),
            ]))
        ]
      ) { _ in
        .json([
          "strangersNamedPerThousand": .double(recognition.fpir * 1000), "secondEncoder": .bool(engine.second != nil),
          "learns": .bool(recognition.learns),
        ])
      },
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
          // Anyone may call this endpoint. The reason contains addresses, so it goes to the log only.
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
          ("people", "People who are enrolled.", [("", Double(roster.roster.current.names.count))]),
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

/// Figures of this process from the operating system.
private enum Process {
  /// The resident memory in bytes.
  static var residentMemory: Int {
    let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ")
    return (pages?.dropFirst().first.flatMap { Int($0) } ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }
}
