import Attendance
import Foundation
import Recognize
import Store
import Terminal
import Vision

/// Options and services that several verbs share.
enum Common {
  static let data = Option(
    "data", .text("DIR"), help: "where everything is kept (default $XDG_DATA_HOME/rollcall or ~/.local/share/rollcall)",
    environment: "ROLLCALL_DATA")
  static let mongodb = Option(
    "mongodb", .text("URI"), help: "a MongoDB to use instead of the private one in the data folder",
    environment: "ROLLCALL_MONGODB")

  static let fpir = Option(
    "fpir", .number("RATE", in: 0.000_001...0.5), default: Matcher.defaultFPIR,
    help: """
      wanted share of strangers who are given a name, of a photo or of a whole visit to a camera: 0.001 is one in a \
      thousand; with the gallery's size it sets the threshold
      """,
    environment: "ROLLCALL_FPIR")
  static let megapixels = Option(
    "max-megapixels", .integer("N", in: 1...1000), default: 50,
    help: "refuse larger pictures before they are decoded", environment: "ROLLCALL_MAX_MEGAPIXELS")
  static let minimumFace = Option(
    "min-face", .integer("PIXELS", in: 16...2000),
    help:
      "find faces from this width on, however large the picture (default: 40, more in pictures of over three "
      + "megapixels)"
  )
  static let threads = Option(
    "threads", .integer("N", in: 1...256), default: ProcessInfo.processInfo.activeProcessorCount,
    help: "processor threads for the networks", environment: "ROLLCALL_THREADS")
  static let precision = Option(
    "precision", .choice(of: Precision.self), default: .auto,
    help: "arithmetic of the networks: auto measures once which of f32 and bf16 is faster on this machine",
    environment: "ROLLCALL_PRECISION")
  static let timeZone = Option(
    "timezone",
    ValueKind("ZONE") { text in
      guard let zone = TimeZone(identifier: text) else {
        throw Complaint("“\(text)” is no time zone; write one as in Europe/Lisbon or UTC")
      }
      return zone
    }, help: "the zone that days and times are in (default: this machine's)", environment: "ROLLCALL_TIMEZONE")

  /// The choices of `--precision`.
  enum Precision: String, CaseIterable, Sendable {
    case auto
    case f32
    case bf16

    var network: Network.Precision {
      switch self {
      case .auto: .fastest
      case .f32: .float32
      case .bf16: .bfloat16
      }
    }
  }

  static func dataFolder(_ invocation: Invocation) -> URL {
    if let named = invocation[data] { return URL(fileURLWithPath: named, isDirectory: true) }
    let environment = ProcessInfo.processInfo.environment
    let home = FileManager.default.homeDirectoryForCurrentUser
    let base =
      environment["XDG_DATA_HOME"].flatMap { $0.isEmpty ? nil : URL(fileURLWithPath: $0, isDirectory: true) }
      ?? home.appendingPathComponent(".local/share", isDirectory: true)
    return base.appendingPathComponent("rollcall", isDirectory: true)
  }

  static func openStore(_ invocation: Invocation) throws -> Store {
    if let uri = invocation[mongodb] { return try Store.open(.server(uri: uri)) }
    return try Store.open(.embedded(dataFolder: dataFolder(invocation)))
  }

  /// Opens the store, with a complete log: events that wait on disk are delivered first, and expired snapshots are
  /// removed.
  static func openLog(_ invocation: Invocation) throws -> Store {
    let store = try openStore(invocation)
    do {
      let state = try Spool.recover(dataFolder: dataFolder(invocation), store: store)
      if state.delivered > 0 {
        Diagnostics.note(
          "\(state.delivered) event\(state.delivered == 1 ? "" : "s") brought into the log that waited on disk")
      }
    } catch {
      Diagnostics.warn("some events still wait on disk: \(error)")
    }
    // Snapshots must expire even if no camera is watched any more.
    do {
      try store.removeExpiredSnapshots()
    } catch {
      Diagnostics.warn("snapshots whose time is over could not be removed: \(error)")
    }
    return store
  }

  /// The options of the networks. Compiled networks are cached in the data folder.
  ///
  /// - Parameters:
  ///   - precision: Nil uses `--precision`.
  ///   - threads: Nil uses `--threads`.
  static func networks(_ invocation: Invocation, precision: Precision? = nil, threads: Int? = nil) -> Network.Options {
    Network.Options(
      threads: threads ?? invocation[self.threads], precision: (precision ?? invocation[self.precision]).network,
      cache: cache(dataFolder(invocation)))
  }

  static func limits(_ invocation: Invocation) -> PhotoLimits {
    PhotoLimits(maximumPixels: invocation[megapixels] * 1_000_000)
  }

  /// The options of the detector. With `--min-face`, faces are found from that width on, whatever it costs. Otherwise
  /// the search stays within a budget.
  static func detection(_ invocation: Invocation) -> Detector.Options {
    guard let smallest = invocation[minimumFace] else { return Detector.Options() }
    return Detector.Options(minimumFace: Double(smallest), maximumPixels: 16_000_000)
  }

  static func zone(_ invocation: Invocation) -> TimeZone { invocation[timeZone] ?? .current }

  private static func cache(_ data: URL) -> URL? {
    let folder = data.appendingPathComponent("cache", isDirectory: true)
    let privately: [FileAttributeKey: Any] = [.posixPermissions: 0o700]
    guard
      (try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: privately))
        != nil
    else { return nil }
    return folder
  }
}

extension Invocation {
  /// Reports an error of `make` as a wrong command line.
  func checked<Value>(_ make: () throws -> Value) throws -> Value {
    do {
      return try make()
    } catch {
      throw refuse(described(error))
    }
  }
}

/// A value is wrong. The description gives the reason and what to write instead.
struct Complaint: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) {
    self.description = description
  }
}

/// The format of results.
enum ResultFormat: String, CaseIterable, Sendable {
  case text
  case json
  case jsonl
}
