import Foundation
import Posix
import TestResources
import Testing
import Vision

@testable import Video

@Suite("Cameras that speak RTSP", .serialized)
struct RTSPTests {
  /// What two processes have and use: the one that wants pictures, and the one that reads them.
  private struct Sample {
    let width: Int
    let own: Footprint
    let reader: Footprint
  }

  @Test(
    "A camera that dies, hangs, changes its size and comes back ten times is there again, and leaves nothing behind"
  )
  func comesBack() throws {
    let samples = try watch(rounds: 11)
    let first = try #require(samples.dropFirst().first)
    for sample in samples.dropFirst(2) {
      #expect(sample.own.descriptors <= first.own.descriptors && sample.own.threads <= first.own.threads)
      #expect(sample.own.children.count == 1)
      #expect(sample.reader.descriptors <= first.reader.descriptors && sample.reader.threads <= first.reader.threads)
      #expect(sample.reader.children.isEmpty)
    }
    if Footprint.countsMemory {
      // Larger pictures need more, so those of one size are compared.
      for last in samples.suffix(3) {
        let before = try #require(samples.dropFirst().first { $0.width == last.width })
        #expect(last.own.memory < before.own.memory + 2_000_000)
        #expect(last.reader.memory < before.reader.memory + 2_000_000)
      }
    }
  }

  @Test("What a process keeps each time is noticed")
  func probeWorks() throws {
    let samples = try watch(rounds: 5, "leak")
    for (before, after) in zip(samples, samples.dropFirst()) {
      #expect(after.own.descriptors > before.own.descriptors && after.own.threads > before.own.threads)
      #expect(after.own.children.count == before.own.children.count + 1)
    }
    try #require(samples.count == 5)
    if Footprint.countsMemory { #expect(samples[4].own.memory > samples[1].own.memory + 10_000_000) }
  }

  /// Lets a process read a camera that is lost once a round, in three ways by turns, and looks at it whenever it has
  /// pictures again.
  private func watch(rounds: Int, _ option: String...) throws -> [Sample] {
    let server = try RTSPServer(widths: [320, 480, 640])
    let watcher = try Watcher([server.address] + option)
    try server.start(0)
    var (samples, film): ([Sample], Int) = ([], 0)
    for round in 0..<rounds {
      let width = server.widths[film]
      try watcher.wait(for: "running \(width) \(round)")
      let own = try Footprint(of: watcher.id)
      // Those that leak are older.
      let reader = try #require(own.children.max())
      samples.append(Sample(width: width, own: own, reader: try Footprint(of: reader)))
      if round == rounds - 1 { break }
      switch round % 3 {
      case 0:
        server.die()
        film = (film + 1) % 3
        try watcher.wait(for: "lost")
        try server.start(film)
      case 1:
        server.hang()
        try watcher.wait(for: "lost")
        server.goOn()
      default:
        server.hang()
        try watcher.wait(for: "lost")
        server.die()
        film = (film + 1) % 3
        try server.start(film)
      }
    }
    return samples
  }
}

/// What a process has open and uses, as the system sees it.
private struct Footprint {
  let descriptors: Int
  let threads: Int
  let children: [Int32]
  /// Resident, in bytes.
  let memory: Int

  /// Sanitizers keep what was freed.
  static let countsMemory = ProcessInfo.processInfo.environment["TBB_ENABLE_SANITIZERS"] == nil

  init(of process: Int32) throws {
    let folder = "/proc/\(process)"
    let manager = FileManager.default
    descriptors = try manager.contentsOfDirectory(atPath: folder + "/fd").count
    let tasks = try manager.contentsOfDirectory(atPath: folder + "/task")
    threads = tasks.count
    children = tasks.flatMap { task in
      // A thread may have ended since.
      let text = (try? String(contentsOfFile: "\(folder)/task/\(task)/children", encoding: .utf8)) ?? ""
      return text.split(separator: " ").compactMap { Int32($0) }
    }
    let pages = try String(contentsOfFile: folder + "/statm", encoding: .utf8).split(separator: " ")
    // Empty where the process ends just now.
    memory = try (#require(pages.dropFirst().first.flatMap { Int($0) })) * Int(getpagesize())
  }
}

/// The process `camera-watcher`.
private final class Watcher {
  struct Late: Error, CustomStringConvertible {
    let description: String
  }

  private let process: ChildProcess
  private let output: Descriptor

  init(_ arguments: [String]) throws {
    let (own, other) = try Descriptor.connection()
    output = own
    let nowhere = try Descriptor("/dev/null", flags: O_RDWR)
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
      .appendingPathComponent("camera-watcher")
    process = try ChildProcess(
      program.path, arguments: arguments, environment: ["LC_ALL=C.UTF-8"], files: (nowhere, other, nowhere))
  }

  deinit {
    let children = (try? Footprint(of: process.id).children) ?? []
    process.kill()
    for child in children { _ = kill(child, SIGKILL) }
  }

  var id: Int32 { process.id }

  /// Reads until a line comes.
  func wait(for wanted: String) throws {
    let deadline = ContinuousClock.now + .seconds(60)
    var (line, heard): ([UInt8], [String]) = ([], [])
    while line != Array(wanted.utf8) {
      line = []
      var byte: UInt8 = 0
      while true {
        let received = withUnsafeMutableBytes(of: &byte) { output.receive($0, until: deadline) }
        guard received == .complete else { throw Late(description: "no line “\(wanted)” after \(heard)") }
        if byte == UInt8(ascii: "\n") { break }
        line.append(byte)
      }
      heard.append(String(decoding: line, as: UTF8.self))
    }
  }
}

/// A server that can die, hang and come back, with a film of each width.
private final class RTSPServer {
  let widths: [Int]
  private let folder: TemporaryFolder
  private let port: Int
  private var process: ChildProcess?

  init(widths: [Int]) throws {
    self.widths = widths
    folder = try TemporaryFolder()
    // Below those that the system gives to whoever asks for any.
    port = Int.random(in: 20_000..<32_000)
    for (index, width) in widths.enumerated() {
      let height = width * 3 / 4
      let file = folder.url.appendingPathComponent("\(index)/film.h264")
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      let (writing, connection) = try VideoProgram.start(
        ["write", file.path, String(width), String(height), "25"], for: file.path)
      let picture = try Numbered.picture(3, width: width, height: height)
      for _ in 0..<50 { picture.withPixels { _ = connection.send(UnsafeRawBufferPointer($0)) } }
      connection.shutDownWriting()
      guard writing.wait(timeout: 60) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
  }

  deinit { die() }

  var address: String { "rtsp://user:secret@127.0.0.1:\(port)/film.h264/play_count_0" }

  /// Lets it send the film of a width.
  func start(_ film: Int) throws {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let modules = tests.appendingPathComponent("../../.deps/rtsp-server").standardized
    let nowhere = try Descriptor("/dev/null", flags: O_RDWR)
    process = try ChildProcess(
      "/usr/bin/python3",
      arguments: [
        tests.appendingPathComponent("rtsp-server.py").path, String(port),
        folder.url.appendingPathComponent("\(film)/film.h264").path,
      ], environment: ["LC_ALL=C.UTF-8", "PYTHONDONTWRITEBYTECODE=1", "PYTHONPATH=\(modules.path)"],
      files: (nowhere, nowhere, nowhere))
  }

  func die() {
    process?.kill()
    process = nil
  }

  func hang() { process.map { _ = kill($0.id, SIGSTOP) } }

  func goOn() { process.map { _ = kill($0.id, SIGCONT) } }
}
