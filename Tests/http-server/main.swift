import Foundation
import HTTP

// A server in a process of its own, so that tests can see what it needs. It prints its port; each line on standard
// input stops it, and starts another, whose port is printed too; the end of the input ends the program.

let channel = EventChannel()
@MainActor func makeRouter() -> Router {
  var router = Router()
  router.on("GET", "/") { _ in .text("home") }
  router.on("POST", "/size", bodyLimit: 100_000) { .text("\($0.body.count)") }
  router.on("POST", "/echo", bodyLimit: 1 << 20) { Response($0.body, type: "application/octet-stream") }
  router.on("GET", "/events") { .events(channel.listen(after: $0.lastEventID)) }
  router.on("GET", "/large") { _ in
    Response(
      body: .produced { stream in
        let part = Data(repeating: UInt8(ascii: "x"), count: 10_000)
        for _ in 0..<20_000 { try stream.write(part) }
      })
  }

  return router
}

@MainActor func start() throws -> Server {
  let server = try Server(router: makeRouter())
  print(server.port)
  fflush(nil)
  return server
}

var server = try start()
while readLine() != nil {
  server.stop(within: 5)
  server = try start()
}
server.stop(within: 5)
