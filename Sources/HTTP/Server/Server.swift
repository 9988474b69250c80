import Foundation

/// An HTTP/1.1 server.
///
/// ```swift
/// var router = Router()
/// router.on("GET", "/hello/{name}") { .text("Hello \($0.parameters["name"] ?? "")") }
/// let server = try Server(router: router)
/// print("http://127.0.0.1:\(server.port)/hello/Ada")
/// ```
///
/// Two kinds of threads share the work. A few threads of libmicrohttpd carry the bytes of all connections and never
/// block. An open connection, a slow client or an event stream therefore needs no thread of its own. Handlers run in
/// worker threads, where they may block. If all workers are busy and the queue is full, clients get 503 and try again
/// later.
///
/// libmicrohttpd itself answers a request that is not valid HTTP, with a short page instead of a `Problem`.
public final class Server: Sendable {
  /// The settings of a server.
  public struct Configuration: Sendable {
    /// The address to listen on, as numbers or a name. "::" means all addresses of this machine, IPv4 included.
    public var address = "127.0.0.1"
    /// The port to listen on. 0 means any free port; `Server.port` reports which.
    public var port = 0
    /// The certificate for TLS. With a certificate the server accepts only TLS 1.2 and 1.3.
    public var certificate: Certificate?
    /// The most connections at the same time. Further connections wait until one ends.
    public var connections = 1_024
    /// The most connections from one client address. Further connections are closed.
    public var connectionsPerAddress = 256
    /// How long a client may take to send the head of a request, or be silent between two requests, in seconds. Bodies
    /// and responses get this time plus the time that they need at `minimumRate`. The client of a stream must read
    /// something within this time.
    public var timeout = 30.0
    /// The lowest rate that a client must keep, in bytes per second.
    public var minimumRate = 8 << 10
    /// The most bytes of all header fields together, names and values, up to 64 KiB. A larger head gets 431.
    public var headLimit = 16 << 10
    /// The most bytes of the path with the query, up to 64 KiB. A longer one gets 414.
    public var targetLimit = 8 << 10
    /// The most bytes of request bodies in memory at the same time, over all requests. A request beyond this gets 503.
    public var bodyMemory = 256 << 20
    /// The number of threads that run handlers. This is also the number of requests handled at the same time.
    public var workers = 8
    /// The most requests that wait for a worker. A request beyond this gets 503.
    public var queue = 64
    /// How long an event stream may be silent before the server sends a comment, in seconds.
    public var heartbeat = 15.0
    /// Header fields that are added to every response that does not set them. A response leaves out a field by setting
    /// it to "".
    public var headers = Configuration.secureHeaders
    /// Called with every error of a handler that is not a `Problem`. `route` is the request's method and the route's
    /// pattern, so it contains no text from a client.
    public var report: @Sendable (_ route: String, _ error: any Error) -> Void = { _, _ in }

    /// The default security headers. Pages load only resources of this server, other sites cannot show them in a frame,
    /// and other sites do not learn where a visitor comes from.
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

  /// Starts to listen and to respond.
  ///
  /// - Throws: `ServerError`.
  public init(_ configuration: Configuration = Configuration(), router: Router) throws {
    daemon = try Daemon(configuration, router: router)
  }

  /// Stops the server. It accepts no new connections, answers the requests in progress, ends streams, and then closes
  /// all connections.
  ///
  /// Nothing is sent after this method returns, but a handler that takes longer than `limit` may still be running. A
  /// handler must not call this method: it would wait for itself.
  ///
  /// - Parameter limit: How long to wait for requests and streams, in seconds.
  public func stop(within limit: Double = 10) { daemon.stop(within: limit) }

  deinit { daemon.stop(within: 0) }
}
