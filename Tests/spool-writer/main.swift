import Attendance
import Foundation
import Store
import Values

// A process for tests to kill. `spool-writer MODE DATA PREFIX COUNT` keeps COUNT events whose IDs begin with PREFIX in
// the spool of the folder DATA, and prints each ID on a line of its own once `append` has returned. Then each line on
// standard input adds COUNT events more, and its end closes the spool.
//
//   deliver   delivers to the private database of the folder; prints "delivered N" whenever that grows
//   away      as if the database were away: nothing is ever delivered
//   full      no file may be longer than COUNT bytes: prints "refused: …", and goes on when the limit is gone

struct Away: Error {}

func say(_ text: String) {
  let line = Data((text + "\n").utf8)
  // One call, so that lines of several threads do not mix, and none is left in a buffer when this process is killed.
  _ = line.withUnsafeBytes { write(1, $0.baseAddress, line.count) }
}

func event(_ id: String, _ number: Int) -> Event {
  let person: String? = number % 3 == 0 ? "7" : number % 3 == 1 ? "8" : nil
  return Event(
    id: id, time: Date(timeIntervalSince1970: 1_750_000_000 + Double(number)), source: .camera("door"),
    personID: person, status: person == nil ? .unknown : .known, method: person == nil ? nil : .face,
    confidence: person == nil ? nil : 0.93, box: Rect(x: 10, y: 20.5, width: 80, height: 90), mask: .mask,
    recorded: Date(timeIntervalSince1970: 1_750_000_000 + Double(number)))
}

/// Four cameras at once, a few events each time.
func fill(_ spool: Spool, _ prefix: String, _ numbers: Range<Int>) {
  let group = DispatchGroup()
  for camera in 0..<4 {
    group.enter()
    Thread.detachNewThread {
      let own = numbers.filter { $0 % 4 == camera }
      for start in stride(from: 0, to: own.count, by: 5) {
        let few = own[start..<min(start + 5, own.count)].map { event("\(prefix)\($0)", $0) }
        do {
          try spool.append(few)
          say(few.map(\.id).joined(separator: "\n"))
        } catch {
          say("refused: \(error)")
        }
      }
      group.leave()
    }
  }
  group.wait()
}

func limitFiles(to size: Int) {
  // Else the system ends the process that writes past the limit.
  signal(SIGXFSZ, SIG_IGN)
  var limit = rlimit(rlim_cur: rlim_t(size), rlim_max: rlim_t(Int32.max))
  setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
}

let arguments = CommandLine.arguments
guard arguments.count == 5, let count = Int(arguments[4]) else {
  say("usage: spool-writer deliver|away|full DATA PREFIX COUNT")
  exit(2)
}
let data = URL(fileURLWithPath: arguments[2], isDirectory: true)
let prefix = arguments[3]

var options = Spool.Options()
options.batch = 100
options.longestPause = 0.5
let spool: Spool
switch arguments[1] {
case "deliver":
  let store = try Store.open(.embedded(dataFolder: data))
  spool = try Spool(
    dataFolder: data, destination: store.address, options: options,
    report: { say($0.failure.map { "failed: \($0)" } ?? "delivered \($0.delivered)") },
    insert: { _ = try store.insertEvents($0) })
default:
  spool = try Spool(
    dataFolder: data, destination: "private database", options: options, insert: { _ in throw Away() })
}
spool.start()
if arguments[1] == "full" {
  limitFiles(to: count)
  var number = 0
  do {
    while true {
      try spool.append([event("\(prefix)\(number)", number)])
      say("\(prefix)\(number)")
      number += 1
    }
  } catch {
    say("refused: \(error)")
  }
  limitFiles(to: Int(Int32.max))
  try spool.append([event("\(prefix)last", 0)])
  say("\(prefix)last")
} else {
  var next = 0
  repeat {
    fill(spool, prefix, next..<(next + count))
    next += count
    say("filled")
  } while readLine() != nil
}
say("closed \(spool.close(timeout: arguments[1] == "deliver" ? 120 : 0).waiting)")
