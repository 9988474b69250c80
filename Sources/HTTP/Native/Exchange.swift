internal import CMicrohttpd
import Foundation

/// One request and its response.
///
/// The thread of libmicrohttpd calls `proceed` when a part of the request has arrived. When the request is complete,
/// the connection is suspended and a worker runs the handler. The handler's response resumes the connection, and the
/// thread of libmicrohttpd sends it.
///
/// `@unchecked Sendable`: variables are read and written with `lock` locked, or only by the one thread of libmicrohttpd
/// that serves this connection.
final class Exchange: @unchecked Sendable {
  enum Phase {
    case head
    case body(Router.Route, Request)
    case working
    case answered(NativeResponse)
    case sent
  }

  let daemon: Daemon
  let connection: Connection
  private let target: String

  let lock = NSLock()
  /// The native connection; nil when the request is over.
  var native: OpaquePointer?
  var phase = Phase.head
  /// Whether the connection is suspended.
  private var isResting = false
  var isAbandoned = false
  var stream: BodyStream?
  /// Whether the stream continues until it is ended.
  var isEndless = false
  /// The part of the body that has arrived. It is not in `phase`, because appending there would copy all earlier parts.
  private var body = Data()
  private var reserved = 0
  /// Why the body is discarded.
  private var refusal: Problem?
  private var dropped = 0
  private var hasBody = false

  init(_ daemon: Daemon, _ native: OpaquePointer, _ connection: Connection, target: String) {
    (self.daemon, self.native, self.connection, self.target) = (daemon, native, connection, target)
    connection.expect(.request, until: daemon.deadline(for: 0))
  }

  // MARK: In the library's thread

  /// Continues with the part of the request that has arrived.
  ///
  /// - Parameters:
  ///   - part: A part of the body. It is empty for the head, at the end of the body, and after the connection is
  ///     resumed.
  /// - Returns: Whether to keep the connection open.
  func proceed(method: UnsafePointer<CChar>, part: UnsafeRawBufferPointer) -> Bool {
    let (phase, isAbandoned) = lock.withLock { (self.phase, self.isAbandoned) }
    guard !isAbandoned else { return false }
    switch phase {
    case .head: return head(method: String(cString: method))
    case .body(let route, let request):
      guard part.isEmpty else { return keep(part, route, request) }
      if let refusal { return send(refusal.response(to: request.path)) }
      return hand(request, to: route)
    case .working:
      // Only a response or `abandon` resumes the connection, and then the request is no longer in this phase.
      return false
    case .answered(let response): return queue(response)
    case .sent: return true
    }
  }

  private func head(method: String) -> Bool {
    var headers = Headers()
    withUnsafeMutablePointer(to: &headers) { headers in
      guard let native else { return }
      _ = MHD_get_connection_values_n(native, .HEADER_KIND, Callbacks.field, headers)
    }
    let lengths = headers.all("Content-Length")
    let encodings = headers.all("Transfer-Encoding")
    let configuration = daemon.configuration
    hasBody = !encodings.isEmpty || lengths.contains { $0 != "0" }
    if hasBody { connection.leaveUnread() }

    guard target.utf8.count <= configuration.targetLimit else {
      return refuse(Problem(414, "The address is longer than \(configuration.targetLimit) bytes."), nil, isLast: true)
    }
    guard let target = Target(self.target), method.isToken else { return refuse(.malformed, nil, isLast: true) }
    guard headers.fields.reduce(0, { $0 + $1.name.utf8.count + $1.value.utf8.count }) <= configuration.headLimit else {
      return refuse(
        Problem(431, "The header fields are longer than \(configuration.headLimit) bytes."), target, isLast: true)
    }
    // A proxy and this server could disagree where such a request ends, and so read different requests.
    guard lengths.count + encodings.count <= 1 else {
      return refuse(Problem(400, "The request says in two ways how long it is."), target, isLast: true)
    }
    guard encodings.allSatisfy({ Headers.same($0, "chunked") }) else {
      return refuse(Problem(501, "This transfer encoding is not known here."), target, isLast: true)
    }
    guard !daemon.isStopping else {
      return refuse(.busy("The server is being stopped."), target, isLast: true)
    }
    var request = Request(
      method: method, target: target, headers: headers, clientAddress: connection.address, isSecure: connection.isSecure
    )
    if method == "OPTIONS", target.path == "*" {
      return send(Response(status: 204, headers: ["Allow": "GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE"]))
    }
    do throws(Problem) {
      try daemon.router.admit(request)
    } catch {
      return refuse(error, target)
    }
    switch daemon.router.match(method: method, segments: target.segments) {
    case .nothing: return refuse(Problem(404, "There is nothing here."), target)
    case .others(let allowed):
      let allow: Headers = ["Allow": allowed.joined(separator: ", ")]
      if method == "OPTIONS" { return send(Response(status: 204, headers: allow)) }
      return refuse(Problem(405, "This cannot be done here.", headers: allow), target)
    case .route(let route, let parameters):
      request.parameters = parameters
      // libmicrohttpd has checked that it is a number.
      let length = lengths.first.map { Int($0) ?? .max }
      guard length ?? 0 <= route.bodyLimit else { return refuse(.tooLarge(limit: route.bodyLimit), target) }
      do throws(Problem) {
        try route.admit?(request)
      } catch {
        return refuse(error, target)
      }
      connection.expect(.request, until: daemon.deadline(for: length ?? route.bodyLimit))
      lock.withLock { phase = .body(route, request) }
      return true
    }
  }

  private func keep(_ part: UnsafeRawBufferPointer, _ route: Router.Route, _ request: Request) -> Bool {
    guard refusal == nil else {
      // The rest of a rejected body is read for a while, so that the client reads the answer.
      dropped += part.count
      return dropped <= 16 << 20
    }
    if body.count + part.count > route.bodyLimit {
      refusal = .tooLarge(limit: route.bodyLimit)
    } else if !daemon.reserve(part.count) {
      refusal = .busy("The server has more to read than it has memory for.")
    } else {
      reserved += part.count
      body.append(contentsOf: part)
    }
    if let refusal {
      body = Data()
      // libmicrohttpd cannot answer in the middle of a request.
      if connection.answer(refusal.response(to: request.path)) { return false }
    }
    return true
  }

  /// Passes the request to a worker and suspends the connection.
  private func hand(_ request: Request, to route: Router.Route) -> Bool {
    var request = request
    request.body = body
    body = Data()
    connection.readAll()
    connection.expect(.response, until: nil)
    let isTaken = lock.withLock {
      guard let native, daemon.workers.submit({ [self, request] in work(request, route) }) else { return false }
      phase = .working
      isResting = true
      // With the lock held, so that the worker cannot resume the connection before it is suspended.
      MHD_suspend_connection(native)
      return true
    }
    return isTaken || send(Problem.busy("The server is busy.").response(to: request.path))
  }

  private func refuse(_ problem: Problem, _ target: Target?, isLast: Bool = false) -> Bool {
    send(problem.response(to: target?.path), isLast: isLast)
  }

  /// Responds without a handler.
  private func send(_ response: Response, isLast: Bool = false) -> Bool {
    do {
      let answer = try NativeResponse(
        response, defaults: daemon.configuration.headers, stream: nil, isLast: isLast || daemon.isStopping)
      // If a response is queued after the head alone, libmicrohttpd accepts no other request on the connection. That is
      // right if a body is on its way. Without a body, the response waits until libmicrohttpd reports the end of the
      // request.
      let isEarly = lock.withLock {
        guard case .head = phase, !hasBody else { return false }
        phase = .answered(answer)
        return true
      }
      return isEarly || queue(answer)
    } catch {
      daemon.configuration.report("-", error)
      return false
    }
  }

  private func queue(_ response: NativeResponse) -> Bool {
    guard let native = lock.withLock({ self.native }) else { return false }
    // A stream has no deadline as a whole. libmicrohttpd closes connections of clients that read nothing.
    connection.expect(.response, until: response.size.map { daemon.deadline(for: $0) })
    lock.withLock { phase = .sent }
    return MHD_queue_response(native, UInt32(response.status), response.pointer) == .YES
  }

  /// Releases everything at the end of the request.
  func finish() {
    let stream = lock.withLock {
      native = nil
      phase = .sent
      return self.stream
    }
    stream?.detach()
    daemon.release(reserved)
    connection.expect(.idle, until: daemon.deadline(for: 0))
    daemon.ended(self)
  }

  /// Resumes the connection. The caller holds `lock`. A suspended connection exists until it is resumed.
  func wake() {
    guard isResting, let native else { return }
    isResting = false
    MHD_resume_connection(native)
  }

  // MARK: In other threads

  func beat(after silence: Duration) {
    lock.withLock { stream }?.beat(after: silence)
  }

  /// Ends the stream if it has no end of its own.
  func endStream() {
    lock.withLock { isEndless ? stream : nil }?.end()
  }

  /// Gives up the exchange. The connection is closed without a response, or in the middle of it.
  func abandon() {
    let stream = lock.withLock {
      isAbandoned = true
      wake()
      return self.stream
    }
    stream?.cut()
  }
}
