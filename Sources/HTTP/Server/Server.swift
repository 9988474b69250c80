import Foundation

/// An HTTP/1.1 server.
///
/// Two kinds of threads share the work. A few of the library's own carry bytes for all connections and never wait for
/// anybody, so an open connection, a slow client or a listener to events costs no thread. Handlers run in workers,
/// where they may block; when all are busy and the queue in front of them is full, clients get 503 and come back.
///
/// A request that is no HTTP at all is answered by the library itself, with a short page in place of a `Problem`.
public final class Server: Sendable {
  /// What a server is made of.
  public struct Configuration: Sendable {
    /// The address to listen on: numbers or a name; "::" is all of this machine's, IPv4 too.
    public var address = "127.0.0.1"
    /// 0 for any that is free: `Server.port` tells which.
    public var port = 0
    /// With it the server speaks TLS 1.2 and 1.3, and nothing else.
    public var certificate: Certificate?
    /// Connections at the same time; more wait until one ends.
    public var connections = 1_024
    /// Connections of one client address; more are closed.
    public var connectionsPerAddress = 256
    /// How long a client may take to send a request's head, or say nothing between two requests, in seconds. Bodies and
    /// responses get this and the time they need at `minimumRate`; a stream's client must take something within this
    /// time.
    public var timeout = 30.0
    /// Bytes in a second below which a client is too slow.
    public var minimumRate = 8 << 10
    /// Bytes that the names and values of all header fields may have together: 431 above. At most 64 KiB.
    public var headLimit = 16 << 10
    /// Bytes of the path with the query: 414 above. At most 64 KiB.
    public var targetLimit = 8 << 10
    /// Bytes of bodies in memory at the same time, over all requests: 503 above.
    public var bodyMemory = 256 << 20
    /// Threads that run handlers: as many requests are worked at.
    public var workers = 8
    /// Requests that wait for a worker: 503 above.
    public var queue = 64
    /// After how many seconds of silence a stream of events gets a comment.
    public var heartbeat = 15.0
    /// Fields that every response gets which does not have them itself. One that a response sets to "" is left out
    /// there.
    public var headers = Configuration.secureHeaders
    /// Gets what handlers throw that is no `Problem`, with the request's method and the route's pattern: nothing that a
    /// client wrote.
    public var report: @Sendable (_ route: String, _ error: any Error) -> Void = { _, _ in }

    /// Pages load only what comes from this server, are shown in no other site's frame, and tell no other site where a
    /// visitor comes from.
    public static let secureHeaders: Headers = [
      "Content-Security-Policy":
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
      "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
      "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
    ]

    /// The defaults: 127.0.0.1, any free port, no TLS.
    public init() {}
  }

  /// The port that clients connect to.
  public var port: Int { daemon.port }

  let daemon: Daemon

  /// Starts to listen, and answers from now on.
  ///
  /// - Throws: `ServerError`.
  public init(_ configuration: Configuration = Configuration(), router: Router) throws {
    daemon = try Daemon(configuration, router: router)
  }

  /// Stops: no new connections, requests that are being worked at are answered, streams end, and then all connections
  /// are closed.
  ///
  /// When it returns nothing is sent any more, but a handler that took longer than `limit` may still be running. A
  /// handler must not call this: it would wait for itself.
  ///
  /// - Parameter limit: how long to wait for requests and streams, in seconds.
  public func stop(within limit: Double = 10) { daemon.stop(within: limit) }

  deinit { daemon.stop(within: 0) }
}
