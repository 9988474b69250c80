import Foundation
import Posix
import Testing
import Vision

@testable import Video

@Suite("Cameras on the network", .serialized)
struct CameraTests {
  private static var hasty: Camera.Patience {
    var patience = Camera.Patience()
    (patience.open, patience.read, patience.firstPause, patience.longestPause) = (2, 1, 0.05, 0.2)
    return patience
  }

  @Test(
    "A camera that dies, hangs, changes its size and comes back ten times is there again, and leaves nothing behind"
  )
  func comesBack() throws {
    let server = try NetworkCamera()
    let camera = Camera(try VideoSource(server.address), patience: Self.hasty)
    var attempts: [Attempt] = []
    for round in 0..<10 {
      let width = 64 + 16 * (round % 3)
      if !server.isRunning { try server.start(width: width, height: 48) }
      // Pictures of the last round may be on their way still.
      while let frame = try camera.next(), frame.image.width != width {}
      for _ in 0..<3 { #expect(try camera.next()?.image.width == width) }
      let state = camera.state
      #expect(state.phase == .running && state.failure == nil)
      #expect(state.reconnects == round)
      attempts.append(Attempt(try #require(camera.reader)))
      #expect(!attempts[round].isGone && attempts.dropLast().allSatisfy(\.isGone))
      if round == 9 { break }
      // Every other time it hangs first: the connection stays, and nothing comes.
      if round % 2 == 1 {
        server.hang()
        // A picture or two are on their way still.
        let next = 64 + 16 * ((round + 1) % 3)
        let asking = Asking(camera) { $0.image.width == next }
        Self.wait { camera.state.phase != .running }
        server.die()
        try server.start(width: next, height: 48)
        asking.finish()
      } else {
        server.die()
      }
    }
    camera.close()
    #expect(try camera.next() == nil)
    #expect(attempts.count == 10 && attempts.allSatisfy(\.isGone))
  }

  @Test("Closing lets go of a camera that never answers")
  func closing() throws {
    let server = try NetworkCamera()
    let camera = Camera(try VideoSource(server.address), patience: Self.hasty)
    let asking = Asking(camera) { _ in true }
    Self.wait { if case .waiting = camera.state.phase { true } else { false } }
    #expect(camera.state.failure?.code == .unreadable)
    #expect(camera.state.failure?.description.contains("secret") == false)
    camera.close()
    asking.finish()
    #expect(camera.state.phase == .ended && camera.state.frames == 0)
  }

  @Test("The process that waits for a camera ends when Rollcall is no more there to be told")
  func abandoned() throws {
    let server = try NetworkCamera()
    try server.start(width: 64, height: 48)
    let source = try VideoSource(server.address)
    let camera = Camera(source, patience: Self.hasty)
    #expect(try camera.next() != nil)
    camera.close()
    // Connections are accepted still, and nothing comes.
    server.hang()
    let (process, connection) = try VideoProgram.start(
      ["read", "stream", "600000", "600000", "live"], for: source.name)
    #expect(connection.send(Data((source.address + "\n").utf8) + Data([1])))
    #expect(process.wait(timeout: 0.5) == nil)
    connection.shutDown()
    #expect(process.wait(timeout: 30) == 0)
  }

  private static func wait(_ condition: () -> Bool) {
    while !condition() { Thread.sleep(forTimeInterval: 0.01) }
  }
}

/// A thread that asks a camera for pictures until one is wanted.
private final class Asking: Sendable {
  private let done = DispatchSemaphore(value: 0)

  init(_ camera: Camera, until isWanted: @escaping @Sendable (VideoFrame) -> Bool) {
    let done = done
    Thread.detachNewThread {
      while let frame = try? camera.next(), !isWanted(frame) {}
      done.signal()
    }
  }

  func finish() { done.wait() }
}
