import Foundation

/// Checks whether a mongod on a Unix socket is alive.
///
/// A socket that accepts a connection does not prove it: the socket of a killed process stays for a moment.
enum ServerPing {
  /// Whether the server answers within a second.
  ///
  /// - Parameter path: The path of the socket, at most 107 bytes.
  static func answers(at path: String) -> Bool {
    let connection = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard connection >= 0 else { return false }
    defer { close(connection) }
    var patience = timeval(tv_sec: 1, tv_usec: 0)
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))

    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8).prefix($0.count - 1)) }
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(connection, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
    guard isConnected else { return false }
    let question = message
    guard send(connection, question, question.count, Int32(MSG_NOSIGNAL)) == question.count else { return false }
    var answer = [UInt8](repeating: 0, count: headerLength)
    return recv(connection, &answer, answer.count, 0) > 0
  }

  /// The size of a message header in bytes: length, number, number of the message it answers, kind.
  private static let headerLength = 16

  /// The command `ping` as a message of MongoDB's wire protocol (OP_MSG).
  private static var message: [UInt8] {
    let command: BSONDocument = ["ping": 1, "$db": "admin"]
    let flagsAndKind = [UInt8](repeating: 0, count: 5)
    let body = flagsAndKind + command.encoded()
    let header = [Int32(headerLength + body.count), 1, 0, 2013]
    return header.flatMap { number in withUnsafeBytes(of: number.littleEndian) { Array($0) } } + body
  }
}
