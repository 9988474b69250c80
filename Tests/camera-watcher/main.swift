import Foundation
import Posix
import Video
import Vision

// A process for tests to look at from outside. `camera-watcher ADDRESS` reads a camera for ever, and says a line on
// standard output each time that ten pictures of one size have come ("running WIDTH RECONNECTS") and each time that the
// camera is lost ("lost").
//
//   camera-watcher ADDRESS leak keeps a descriptor, a thread, a process and 4 MB each time, which such a test has to
//   notice

func say(_ text: String) {
  let line = Data((text + "\n").utf8)
  _ = line.withUnsafeBytes { write(1, $0.baseAddress, line.count) }
}

nonisolated(unsafe) var kept: [Any] = []

func leak() throws {
  let nowhere = try Descriptor("/dev/null", flags: O_RDWR)
  let process = try ChildProcess(
    "/bin/sleep", arguments: ["600"], environment: [], files: (nowhere, nowhere, nowhere))
  kept += [nowhere, process, [UInt8](repeating: 1, count: 4 << 20)]
}

let arguments = CommandLine.arguments
guard arguments.count >= 2 else { exit(2) }
let leaks = arguments.last == "leak"
var patience = Camera.Patience()
(patience.open, patience.read, patience.firstPause, patience.longestPause) = (10, 1, 0.05, 0.5)
let camera = Camera(try VideoSource(arguments[1]), patience: patience) { state in
  guard case .waiting = state.phase, state.failure != nil else { return }
  say("lost")
}
var last = (width: 0, reconnects: -1)
var count = 0
while let frame = try camera.next() {
  let now = (width: frame.image.width, reconnects: camera.state.reconnects)
  count = now == last ? count + 1 : 1
  if now.reconnects > last.reconnects, last.reconnects >= 0, leaks { try leak() }
  last = now
  if count == 10 { say("running \(now.width) \(now.reconnects)") }
}
