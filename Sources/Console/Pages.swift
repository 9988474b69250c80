import Foundation
import HTTP

/// The console's pages, with their scripts and styles.
///
/// A page `/people` is the file `people.html`. None of them holds data, so that they are the same for everybody, and may be read by anybody: data comes by
/// the API, which asks who it is.
struct Pages: Sendable {
  /// Chart.js as Debian packages it.
  private static let charts = URL(fileURLWithPath: "/usr/share/javascript/chart.js/chart.min.js")

  /// What the pages need beyond the server's own rules: pictures out of events and of what was drawn, this device's camera, and the whole screen.
  static let headers: KeyValuePairs = [
    "Content-Security-Policy":
      """
    default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'; object-src 'none'
    """,
    "Permissions-Policy": "camera=(self), fullscreen=(self), screen-wake-lock=(self), microphone=(), geolocation=()",
  ]

  private let resources: Resources

  /// Reads the pages.
  ///
  /// - Throws: `ConsoleError`, when they are not where the program looks for them.
  init(environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    let folder = try Self.find(environment)
    do {
      resources = try Resources(
        folder: folder,
        adding: ["assets/chart.js": Resource(try Data(contentsOf: Self.charts), type: "text/javascript")])
    } catch {
      throw ConsoleError(
        "the console's pages cannot be read: \(error.localizedDescription)",
        advice: "Check that \(folder.path) and \(Self.charts.path) (package libjs-chart.js) are there.")
    }
  }

  /// `ROLLCALL_WEB`, then beside an installed program (`../share/rollcall/web`), then where a build puts them, beside the program.
  private static func find(_ environment: [String: String]) throws -> URL {
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    let candidates = [
      environment["ROLLCALL_WEB"].map { URL(fileURLWithPath: $0) },
      program.appendingPathComponent("../share/rollcall/web").standardized,
      program.appendingPathComponent("rollcall_Console.resources/web"),
    ].compactMap { $0 }
    let found = candidates.first {
      FileManager.default.isReadableFile(atPath: $0.appendingPathComponent("live.html").path)
    }
    guard let found else {
      throw ConsoleError(
        "the console's pages are not beside the program", advice: "Set ROLLCALL_WEB to the folder that has them.")
    }
    return found
  }

  /// Puts the pages into a router, for whatever no other route answers.
  func register(in router: inout Router) {
    router.on("GET", "/") { _ in .redirect(to: "/live") }
    for path in resources.paths {
      let isPage = path.hasSuffix(".html")
      let address = "/" + (isPage ? String(path.dropLast(5)) : path)
      router.on("GET", address) { [resources] request in try resources.response(to: request, path: path) }
    }
    guard resources["assets/logo.svg"] != nil else { return }
    router.on("GET", "/favicon.ico") { [resources] request in
      try resources.response(to: request, path: "assets/logo.svg", age: 86_400)
    }
  }
}
