import Foundation
import HTTP
import Values

/// The pages of the console, with their scripts and styles.
///
/// The page `/people` is the file `people.html`. The pages contain no data, so they are the same for all users and need
/// no login. They load their data from the API, which authenticates the caller.
struct Pages: Sendable {
  /// Chart.js, from the Debian package.
  private static let charts = URL(fileURLWithPath: "/usr/share/javascript/chart.js/chart.min.js")

  /// Header fields in addition to those of the server. They allow pictures from events and canvases, this device's
  /// camera, and the full screen.
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
  /// - Throws: `ConsoleError` if the folder of the pages is not found.
  init(environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    let folder = try Self.find(environment)
    do {
      resources = try Resources(
        folder: folder,
        adding: ["assets/chart.js": Resource(try Data(contentsOf: Self.charts), type: "text/javascript")])
    } catch {
      throw ConsoleError(
        .pages, "Starting the console", cause: "its pages cannot be read: \(error.localizedDescription)",
        advice: "Check that \(folder.path) and \(Self.charts.path) (package libjs-chart.js) are there.")
    }
  }

  /// The folder of the pages: `ROLLCALL_WEB`, or `../share/rollcall/web` beside an installed program, or the folder
  /// beside the program in which a build puts them.
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
        .pages, "Starting the console", cause: "its pages are not beside the program",
        advice: "Set ROLLCALL_WEB to the folder that has them.")
    }
    return found
  }

  /// Registers the pages in a router, for all paths without another route.
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
