internal import CMicrohttpd
import Foundation
import Posix
import Values

/// The running parts of a server: the daemon of libmicrohttpd, the workers, and a thread that accepts connections and
/// enforces their deadlines.
///
/// Connections are accepted here and then passed to libmicrohttpd. If the library itself listened, stopping it while it
/// is busy would cause a race that ends in abort: `MHD_quiesce_daemon` and its threads both remove the socket from the
/// same epoll set.
///
/// `@unchecked Sendable`: variables are read and written with `lock` locked. `daemon` is set once, before any other
/// thread has this object.
final class Daemon: @unchecked Sendable {
  let configuration: Server.Configuration
  let router: Router
  let workers: WorkerPool
  let port: Int

  private struct State {
    /// Nil once no more connections are accepted.
    var listener: Listener?
    var connections: [ObjectIdentifier: Connection] = [:]
    var exchanges: [ObjectIdentifier: Exchange] = [:]
    /// Sockets whose clients may still be sending. Their bytes are discarded, up to a deadline and a number of bytes.
    var lingering: [Lingering] = []
    var bodyBytes = 0
    var isStopping = false
    var hasStopped = false
  }

  private struct Lingering {
    let descriptor: Int32
    let deadline: ContinuousClock.Instant
    var bytes: Int
  }

  /// Locked while connections are passed to libmicrohttpd, which must not be stopped at that time.
  private let accepting = NSLock()
  private let lock = NSCondition()
  private var state = State()
  private let bell: (ring: Descriptor, hear: Descriptor)
  private let log: MessageLog
  private var daemon: OpaquePointer?

  init(_ configuration: Server.Configuration, router: Router) throws {
    self.configuration = configuration
    self.router = router
    let listener = try Listener(address: configuration.address, port: configuration.port)
    port = listener.port
    state.listener = listener
    do {
      bell = try Descriptor.connection()
    } catch {
      throw ServerError(
        .failed, "Starting the server", cause: error.text, advice: "Raise the limit on open files (ulimit -n).")
    }
    for end in [bell.ring, bell.hear] { _ = fcntl(end.number, F_SETFL, O_NONBLOCK) }
    log = MessageLog()
    workers = WorkerPool(threads: max(1, configuration.workers), queue: max(1, configuration.queue))
    do {
      daemon = try startDaemon()
    } catch {
      workers.stop()
      throw error
    }
    let thread = Thread { [self] in serve() }
    thread.name = "http-accept"
    thread.start()
  }

  private func startDaemon() throws -> OpaquePointer {
    var settings = rollcall_mhd_settings()
    // With one thread, libmicrohttpd uses no pool.
    settings.threads = 2
    // The limit on connections is enforced here. The library's own limit is higher, so that it has no effect.
    settings.connections = UInt32(clamping: max(1, configuration.connections) + 64)
    settings.connections_per_address = UInt32(clamping: configuration.connectionsPerAddress)
    // A little longer than our own timeout, so that a late client can still be answered.
    settings.timeout = UInt32(clamping: Int(configuration.timeout.rounded(.up)) + 2)
    // libmicrohttpd keeps the head twice while it parses it, and the head of the response must also fit.
    settings.memory = 2 * (configuration.headLimit + configuration.targetLimit) + (32 << 10)
    let context = Unmanaged.passUnretained(self).toOpaque()
    let daemon = withOptionalCString(configuration.certificate?.chain) { chain in
      withOptionalCString(configuration.certificate?.key) { key in
        settings.certificate = chain
        settings.key = key
        return rollcall_mhd_start(
          &settings, log.pointer, context, Callbacks.handle, Callbacks.completed, Callbacks.connection, Callbacks.target
        )
      }
    }
    let message = log.finish()
    guard let daemon else {
      guard configuration.certificate != nil else {
        throw ServerError(
          .failed, "Starting the server", cause: message ?? "the library gave no reason",
          advice: "Raise the limits on threads and open files, and start again.")
      }
      throw ServerError(
        .certificate, "Starting the server with TLS", cause: message ?? "the certificate and the key cannot be used",
        advice: "Check that both are PEM files, that the key is the certificate's, and that it has no password.")
    }
    return daemon
  }

  // MARK: Requests and connections

  var isStopping: Bool { lock.withLock { state.isStopping } }

  /// The deadline for transferring `bytes`.
  func deadline(for bytes: Int) -> ContinuousClock.Instant {
    .now + .seconds(configuration.timeout + Double(bytes) / Double(max(1, configuration.minimumRate)))
  }

  func began(_ connection: Connection) {
    let isFirst = lock.withLock {
      state.connections[ObjectIdentifier(connection)] = connection
      return state.connections.count == 1
    }
    // Without connections, the thread that checks deadlines sleeps and must be woken.
    if isFirst { ring() }
  }

  func ended(_ connection: Connection) {
    let leftover = connection.close()
    lock.withLock {
      state.connections[ObjectIdentifier(connection)] = nil
      guard let leftover else { return }
      if state.lingering.count < 64, !state.isStopping {
        state.lingering.append(Lingering(descriptor: leftover, deadline: .now + .seconds(5), bytes: 16 << 20))
      } else {
        close(leftover)
      }
    }
    ring()
  }

  func began(_ exchange: Exchange) {
    lock.withLock { state.exchanges[ObjectIdentifier(exchange)] = exchange }
  }

  func ended(_ exchange: Exchange) {
    lock.withLock {
      state.exchanges[ObjectIdentifier(exchange)] = nil
      lock.broadcast()
    }
  }

  /// Reserves memory for a part of a body. Returns false if the limit would be exceeded.
  func reserve(_ bytes: Int) -> Bool {
    lock.withLock {
      guard state.bodyBytes + bytes <= configuration.bodyMemory else { return false }
      state.bodyBytes += bytes
      return true
    }
  }

  func release(_ bytes: Int) {
    lock.withLock { state.bodyBytes -= bytes }
  }

  // MARK: Stopping

  func stop(within limit: Double) {
    let isFirst = lock.withLock {
      defer { state.isStopping = true }
      state.listener = nil
      return !state.isStopping
    }
    ring()
    guard isFirst else {
      lock.withLock {
        while !state.hasStopped { lock.wait() }
      }
      return
    }
    accepting.withLock {}
    for exchange in lock.withLock({ Array(state.exchanges.values) }) { exchange.endStream() }
    lock.withLock {
      let deadline = Date(timeIntervalSinceNow: limit)
      while !state.exchanges.isEmpty, lock.wait(until: deadline) {}
    }
    // `MHD_stop_daemon` aborts if a connection is suspended, so all exchanges are abandoned first, which resumes them.
    for exchange in lock.withLock({ Array(state.exchanges.values) }) { exchange.abandon() }
    workers.stop()
    if let daemon { MHD_stop_daemon(daemon) }
    lock.withLock {
      for socket in state.lingering { close(socket.descriptor) }
      state.lingering = []
      state.hasStopped = true
      lock.broadcast()
    }
    ring()
  }

  // MARK: Watching

  /// Wakes the thread that accepts connections and checks deadlines.
  private func ring() {
    var byte: UInt8 = 0
    // If the socket's buffer is full, the thread is awake.
    _ = send(bell.ring.number, &byte, 1, Int32(MSG_NOSIGNAL))
  }

  private func serve() {
    while true {
      let (isOver, listener, isIdle, lingering) = lock.withLock {
        let hasRoom = state.connections.count < configuration.connections
        return (
          state.hasStopped, hasRoom ? state.listener : nil, state.connections.isEmpty && state.lingering.isEmpty,
          state.lingering.map(\.descriptor)
        )
      }
      guard !isOver else { return }
      var sockets = [pollfd(fd: bell.hear.number, events: Int16(POLLIN), revents: 0)]
      sockets.append(pollfd(fd: listener?.number ?? -1, events: Int16(POLLIN), revents: 0))
      sockets += lingering.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      _ = poll(&sockets, UInt(sockets.count), isIdle ? -1 : 250)
      var bytes = [UInt8](repeating: 0, count: 64)
      while recv(bell.hear.number, &bytes, bytes.count, 0) == bytes.count {}
      if let listener, sockets[1].revents != 0 { accepting.withLock { accept(from: listener) } }
      linger()
      let now = ContinuousClock.now
      let (connections, exchanges) = lock.withLock { (Array(state.connections.values), Array(state.exchanges.values)) }
      for connection in connections { connection.end(ifLate: now) }
      for exchange in exchanges { exchange.beat(after: .seconds(configuration.heartbeat)) }
    }
  }

  private func accept(from listener: Listener) {
    // Accepts a few at a time, so that the limit is checked while they are counted.
    for _ in 0..<16 {
      guard lock.withLock({ state.listener != nil && state.connections.count < configuration.connections }) else {
        return
      }
      var address = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let isOver = withUnsafeMutablePointer(to: &address) { storage in
        storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
          let flags = Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
          let number = accept4(listener.number, address, &length, flags)
          guard number >= 0 else {
            // No descriptors are left. Retrying at once would only keep the processor busy.
            if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) { usleep(100_000) }
            return true
          }
          // The function closes the socket itself if it refuses the connection.
          _ = MHD_add_connection(daemon, number, address, length)
          return false
        }
      }
      if isOver { return }
    }
  }

  /// Reads and discards what rejected clients are still sending. Closing at once would reset the connection, and the
  /// client would lose the answer that gives the reason.
  private func linger() {
    var waste = [UInt8](repeating: 0, count: 64 << 10)
    lock.withLock {
      let now = ContinuousClock.now
      state.lingering = state.lingering.compactMap { socket in
        var socket = socket
        while socket.bytes > 0, socket.deadline > now {
          let count = recv(socket.descriptor, &waste, waste.count, Int32(MSG_DONTWAIT))
          if count < 0, errno == EAGAIN { return socket }
          guard count > 0 else { break }
          socket.bytes -= count
        }
        close(socket.descriptor)
        return nil
      }
    }
  }
}
