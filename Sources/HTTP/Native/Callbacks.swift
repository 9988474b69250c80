internal import CMicrohttpd
import Foundation

/// The callbacks of libmicrohttpd, which run in its own threads. They must not block.
enum Callbacks {
  /// Called when a connection begins or ends.
  static let connection: MHD_NotifyConnectionCallback = { context, connection, socket, code in
    guard let daemon = daemon(context), let connection, let socket else { return }
    if code == .CONNECTION_NOTIFY_STARTED {
      let begun = Connection(
        descriptor: rollcall_mhd_descriptor(connection), address: Listener.text(of: rollcall_mhd_address(connection)),
        isSecure: daemon.configuration.certificate != nil, deadline: daemon.deadline(for: 0))
      daemon.began(begun)
      socket.pointee = Unmanaged.passRetained(begun).toOpaque()
    } else if let ended = socket.pointee {
      daemon.ended(Unmanaged<Connection>.fromOpaque(ended).takeRetainedValue())
      socket.pointee = nil
    }
  }

  /// Called when the first line of a request has arrived. The returned pointer becomes the context of the request.
  static let target:
    @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?, OpaquePointer?) -> UnsafeMutableRawPointer? = {
      context, text, native in
      guard let daemon = daemon(context), let native, let text, let socket = rollcall_mhd_context(native) else {
        return nil
      }
      let exchange = Exchange(
        daemon, native, Unmanaged<Connection>.fromOpaque(socket).takeUnretainedValue(), target: String(cString: text))
      daemon.began(exchange)
      return Unmanaged.passRetained(exchange).toOpaque()
    }

  /// Called when the head has arrived, for each part of the body, at the end of the body, and after a suspended
  /// connection is resumed.
  static let handle: MHD_AccessHandlerCallback = { _, _, _, method, version, data, size, request in
    guard let method, let size, let request = request?.pointee else { return .NO }
    let exchange = Unmanaged<Exchange>.fromOpaque(request).takeUnretainedValue()
    let part = UnsafeRawBufferPointer(start: data, count: data == nil ? 0 : size.pointee)
    let goesOn = exchange.proceed(method: method, part: part)
    size.pointee = 0
    return goesOn ? .YES : .NO
  }

  /// Called when a request is over, whether it succeeded or failed.
  static let completed: MHD_RequestCompletedCallback = { _, _, request, _ in
    guard let request, let pointer = request.pointee else { return }
    request.pointee = nil
    Unmanaged<Exchange>.fromOpaque(pointer).takeRetainedValue().finish()
  }

  /// Called when the client is ready to read more of a stream.
  static let read: MHD_ContentReaderCallback = { context, _, target, size in
    guard let context, let target else { return rollcall_mhd_end_with_error }
    let source = Unmanaged<StreamSource>.fromOpaque(context).takeUnretainedValue()
    return source.read(into: UnsafeMutableRawBufferPointer(start: target, count: size))
  }

  /// Called when libmicrohttpd no longer needs a stream.
  static let free: MHD_ContentReaderFreeCallback = { context in
    guard let context else { return }
    Unmanaged<StreamSource>.fromOpaque(context).release()
  }

  /// Called for each field of a request's head.
  static let field: MHD_KeyValueIteratorN = { context, _, name, nameSize, value, valueSize in
    guard let context, let name else { return .NO }
    func text(_ start: UnsafePointer<CChar>?, _ size: Int) -> String {
      String(decoding: UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : size), as: UTF8.self)
    }
    context.assumingMemoryBound(to: Headers.self).pointee.add(text(name, nameSize), text(value, valueSize))
    return .YES
  }

  private static func daemon(_ context: UnsafeMutableRawPointer?) -> Daemon? {
    // The `Daemon` owns the native daemon and outlives it.
    context.map { Unmanaged<Daemon>.fromOpaque($0).takeUnretainedValue() }
  }
}
