internal import CMicrohttpd
import Foundation

/// The last message of libmicrohttpd while it starts. Later messages are about clients and are ignored.
///
/// `@unchecked Sendable`: every variable is read and written with `lock` locked.
final class MessageLog: @unchecked Sendable {
  /// Valid for the lifetime of this object.
  let pointer: UnsafeMutablePointer<rollcall_mhd_logger>
  private let lock = NSLock()
  private var message: String?
  private var isFinished = false

  init() {
    pointer = .allocate(capacity: 1)
    pointer.initialize(to: rollcall_mhd_logger())
    pointer.pointee.write = { context, message in
      guard let context, let message else { return }
      Unmanaged<MessageLog>.fromOpaque(context).takeUnretainedValue().keep(String(cString: message))
    }
    pointer.pointee.context = Unmanaged.passUnretained(self).toOpaque()
  }

  deinit { pointer.deallocate() }

  private func keep(_ text: String) {
    lock.withLock {
      if !isFinished { message = text.trimmingCharacters(in: CharacterSet(charactersIn: " .\n")) }
    }
  }

  func finish() -> String? {
    lock.withLock {
      isFinished = true
      return message
    }
  }
}

/// Runs `body` with a C string, or with nil. The string is valid inside the closure.
func withOptionalCString<Result>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
  guard let text else { return body(nil) }
  return text.withCString { body($0) }
}
