package import CVision

/// Calls a C++ function and throws the error that it reports.
package func native(_ operation: @autoclosure () -> String, _ call: (UnsafeMutablePointer<rc_error>) -> rc_status)
  throws(VisionError)
{
  var error = rc_error()
  let status = call(&error)
  guard status != RC_OK else { return }
  let reason = withUnsafeBytes(of: &error.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  let code: VisionError.Code =
    switch status {
    case RC_UNREADABLE: .unreadable
    case RC_INVALID: .invalid
    case RC_MEMORY: .memory
    default: .failed
    }
  throw VisionError(code, while: operation(), reason)
}

/// Calls a C++ function that makes a handle, and takes ownership of the handle.
package func make(
  _ operation: @autoclosure () -> String,
  _ call: (UnsafeMutablePointer<OpaquePointer?>, UnsafeMutablePointer<rc_error>) -> rc_status
) throws(VisionError) -> OpaquePointer {
  var handle: OpaquePointer?
  try native(operation()) { call(&handle, $0) }
  guard let handle else { throw VisionError(.failed, while: operation(), "no result") }
  return handle
}
