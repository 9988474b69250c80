internal import CMicrohttpd
import Foundation

/// The part of an exchange that runs in a worker thread.
extension Exchange {
  func work(_ request: Request, _ route: Router.Route) {
    let name = "\(route.method) \(route.pattern.text)"
    do {
      let response = try daemon.router.around(request, route.handler)
      try answer(response, isHead: request.method == "HEAD", name)
    } catch let problem as Problem {
      fail(with: problem, request, name)
    } catch {
      daemon.configuration.report(name, error)
      fail(with: .inner, request, name)
    }
  }

  private func fail(with problem: Problem, _ request: Request, _ name: String) {
    do {
      try answer(problem.response(to: request.path), isHead: request.method == "HEAD", name)
    } catch {
      daemon.configuration.report(name, error)
      do {
        try answer(Problem.inner.response(to: request.path), isHead: request.method == "HEAD", name)
      } catch {
        daemon.configuration.report(name, error)
        abandon()
      }
    }
  }

  private func answer(_ response: Response, isHead: Bool, _ name: String) throws {
    var response = response
    var stream: BodyStream?
    var producer: ((BodyStream) throws -> Void)?
    switch response.body {
    case .data, .file: break
    case .stream(let body): stream = body
    case .produced(let body):
      stream = BodyStream()
      producer = body
    }
    if isHead, let body = stream {
      body.cut()
      response.body = .data(Data())
      (stream, producer) = (nil, nil)
    }
    guard let native = lock.withLock({ self.native }) else {
      stream?.cut()
      return
    }
    var source: StreamSource?
    if let stream {
      guard stream.attach(cut: { [connection] in connection.cut() }) else { throw ResponseFailure.attached }
      source = StreamSource(stream, connection: native)
    }
    let answer: NativeResponse
    do {
      answer = try NativeResponse(
        response, defaults: daemon.configuration.headers, stream: source, isLast: daemon.isStopping)
    } catch {
      // The connection stays open, because it must still carry the error.
      stream?.detach()
      throw error
    }
    let isSending = lock.withLock {
      guard self.native != nil, !isAbandoned else { return false }
      (self.stream, isEndless) = (stream, producer == nil)
      phase = .answered(answer)
      wake()
      return true
    }
    guard let stream else { return }
    guard isSending else { return stream.detach() }
    guard let producer else {
      if daemon.isStopping { stream.end() }
      return
    }
    do {
      try producer(stream)
      stream.end()
    } catch {
      if !(error is BodyStream.Closed) { daemon.configuration.report(name, error) }
      stream.cut()
    }
  }
}
