import Foundation
import Posix

/// Counters of the server, as Prometheus reads them.
///
/// Labels contain no names of people or cameras, and no text from clients.
final class Metrics: Sendable {
  private struct Route: Hashable {
    let method: String
    let path: String
  }

  private struct Times {
    /// For each bound below, the number of requests that took at most so long.
    var counts = [Int](repeating: 0, count: Metrics.bounds.count)
    var count = 0
    var sum = 0.0
  }

  private struct Counts {
    var requests: [Route: [Int: Int]] = [:]
    var times: [Route: Times] = [:]
    var faces: [String: Int] = [:]
    var events: [String: Int] = [:]
  }

  /// Upper bounds in seconds.
  private static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]
  private let counts = Guarded(Counts())
  private let started = Date()

  /// Counts an answered request.
  func count(_ endpoint: Endpoint, status: Int, seconds: Double) {
    let route = Route(method: endpoint.method, path: endpoint.path)
    counts.withLock { counts in
      counts.requests[route, default: [:]][status, default: 0] += 1
      var times = counts.times[route] ?? Times()
      times.count += 1
      times.sum += seconds
      for (index, bound) in Self.bounds.enumerated() where seconds <= bound { times.counts[index] += 1 }
      counts.times[route] = times
    }
  }

  /// Counts a face with this status.
  func count(face status: String) { counts.withLock { $0.faces[status, default: 0] += 1 } }

  /// Counts an event of this kind.
  func count(event kind: String) { counts.withLock { $0.events[kind, default: 0] += 1 } }

  /// All metrics, in the text format 0.0.4.
  ///
  /// - Parameter gauges: Values from elsewhere. Each has a name without `rollcall_`, a description, and values with
  ///   labels.
  func text(_ gauges: [(name: String, help: String, values: [(labels: String, value: Double)])]) -> String {
    let counts = counts.withLock { $0 }
    var text = ""
    func head(_ name: String, _ kind: String, _ help: String) {
      text += "# HELP rollcall_\(name) \(help)\n# TYPE rollcall_\(name) \(kind)\n"
    }
    func line(_ name: String, _ labels: String, _ value: Double) {
      let number = value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
      text += "rollcall_\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(number)\n"
    }
    let routes = counts.times.keys.sorted { ($0.path, $0.method) < ($1.path, $1.method) }
    func labels(_ route: Route) -> String { "method=\"\(route.method)\",route=\"\(route.path)\"" }

    head("http_requests_total", "counter", "Requests to the API, by their answers.")
    for route in routes {
      for (status, count) in (counts.requests[route] ?? [:]).sorted(by: { $0.key < $1.key }) {
        line("http_requests_total", labels(route) + ",status=\"\(status)\"", Double(count))
      }
    }
    head("http_request_seconds", "histogram", "How long answering took.")
    for route in routes {
      guard let times = counts.times[route] else { continue }
      for (bound, count) in zip(Self.bounds, times.counts) {
        line("http_request_seconds_bucket", labels(route) + ",le=\"\(bound)\"", Double(count))
      }
      line("http_request_seconds_bucket", labels(route) + ",le=\"+Inf\"", Double(times.count))
      line("http_request_seconds_sum", labels(route), times.sum)
      line("http_request_seconds_count", labels(route), Double(times.count))
    }
    for (name, label, help, values) in [
      ("faces_total", "status", "Faces in pictures that were sent, by what they are.", counts.faces),
      ("events_total", "kind", "What happened before the cameras.", counts.events),
    ] {
      head(name, "counter", help)
      for (value, count) in values.sorted(by: { $0.key < $1.key }) {
        line(name, "\(label)=\"\(value)\"", Double(count))
      }
    }
    for gauge in gauges {
      head(gauge.name, "gauge", gauge.help)
      for value in gauge.values { line(gauge.name, value.labels, value.value) }
    }
    head("start_time_seconds", "gauge", "When the server was started, in seconds since 1970.")
    line("start_time_seconds", "", started.timeIntervalSince1970.rounded())
    return text
  }
}
