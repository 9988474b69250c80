internal import CMicrohttpd
import Foundation
import Posix

/// A response of libmicrohttpd.
///
/// `@unchecked Sendable`: libmicrohttpd counts references and locks, and the pointer never changes.
final class NativeResponse: @unchecked Sendable {
  let pointer: OpaquePointer
  let status: Int
  /// The size of the body in bytes; nil if it is not known yet.
  let size: Int?

  /// - Throws: `ResponseFailure` if the file does not exist, or if a field must not be sent.
  init(_ response: Response, defaults: Headers, stream: StreamSource?, isLast: Bool) throws {
    var headers = response.headers
    for field in defaults.fields where headers[field.name] == nil { headers.add(field.name, field.value) }
    if let name = headers.unsendable { throw ResponseFailure.field(name) }
    guard 200...599 ~= response.status else { throw ResponseFailure.status(response.status) }
    let pointer: OpaquePointer?
    switch response.body {
    case .data(let data):
      size = data.count
      pointer = data.withUnsafeBytes { bytes in
        // libmicrohttpd copies the bytes and does not write to this buffer.
        MHD_create_response_from_buffer(
          bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), .RESPMEM_MUST_COPY)
      }
    case .file(let path):
      let number = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
      guard number >= 0 else { throw ResponseFailure.file(SystemFailure(code: errno)) }
      var information = stat()
      guard fstat(number, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
        close(number)
        throw ResponseFailure.file(SystemFailure(code: EINVAL))
      }
      size = Int(information.st_size)
      pointer = MHD_create_response_from_fd64(UInt64(information.st_size), number)
      if pointer == nil { close(number) }
    case .stream, .produced:
      size = nil
      guard let stream else { throw ResponseFailure.library }
      let context = Unmanaged.passRetained(stream)
      pointer = MHD_create_response_from_callback(
        rollcall_mhd_size_unknown, 32 << 10, Callbacks.read, context.toOpaque(), Callbacks.free)
      if pointer == nil { context.release() }
    }
    guard let pointer else { throw ResponseFailure.library }
    self.pointer = pointer
    status = response.status
    if isLast { headers["Connection"] = "close" }
    for field in headers.fields where !field.value.isEmpty {
      guard MHD_add_response_header(pointer, field.name, field.value) == .YES else {
        MHD_destroy_response(pointer)
        throw ResponseFailure.field(field.name)
      }
    }
  }

  deinit { MHD_destroy_response(pointer) }
}

/// Why a response cannot be sent.
enum ResponseFailure: Error, CustomStringConvertible {
  case field(String)
  case status(Int)
  case file(SystemFailure)
  case attached
  case library

  var description: String {
    switch self {
    case .field(let name): "A response has a header field \(name.isToken ? name : "") that must not be sent."
    case .status(let status): "A response has the status \(status), which is none."
    case .file(let failure): "A file to send cannot be read: \(failure.text)."
    case .attached: "A stream was given to two responses."
    case .library: "The library cannot make the response."
    }
  }
}

/// The source from which libmicrohttpd reads the bytes of a stream.
///
/// `@unchecked Sendable`: used only by the thread of libmicrohttpd that serves the connection.
final class StreamSource: @unchecked Sendable {
  private let stream: BodyStream
  private let connection: OpaquePointer

  init(_ stream: BodyStream, connection: OpaquePointer) {
    (self.stream, self.connection) = (stream, connection)
  }

  func read(into target: UnsafeMutableRawBufferPointer) -> Int {
    let reading = stream.read(into: target) {
      MHD_suspend_connection(connection)
      // A suspended connection exists until it is resumed, and only this closure resumes it.
      return { [connection] in MHD_resume_connection(connection) }
    }
    switch reading {
    case .bytes(let count): return count
    case .nothing: return 0
    case .end: return rollcall_mhd_end_of_stream
    case .cut: return rollcall_mhd_end_with_error
    }
  }
}
