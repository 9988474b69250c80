import Access
import Attendance
import Enroll
import Faces
import Formats
import HTTP
import Store
import Values
import Vision

extension API {
  /// The problem that a client receives for an error.
  ///
  /// Nil for an internal error of the server, whose details are not for clients.
  static func problem(for error: any Error) -> Problem? {
    switch error {
    case let problem as Problem: problem
    case let error as AccessError: problem(error)
    case let error as StoreError: problem(error)
    case let error as PhotoError:
      Problem(422, type: "\(problems)photo", title: "Not a usable picture", "This cannot be used: \(error).")
    case let refusal as PhotoRefusal: problem(refusal)
    case is Verifier.NoFace: problem(PhotoRefusal.noFace)
    case is Cameras.NameTaken:
      Problem(409, "The server watches a camera of this name itself. Choose another name.")
    case let error as Timestamp.Failure: Problem(422, error.reason)
    case AttendanceError.unknownPlace: badPosition
    case AttendanceError.daysReversed(let from, let to):
      Problem(422, "\(to) is before \(from). Give the earlier day to “from”, the later to “to”.")
    default: nil
    }
  }

  private static func problem(_ refusal: PhotoRefusal) -> Problem {
    Problem(
      422, type: "\(problems)photo", title: "Not good enough", refusal.advice,
      members: [.init("verdict", .string(refusal.rawValue))])
  }

  private static func problem(_ error: AccessError) -> Problem? {
    switch error {
    case .unauthenticated:
      Problem(401, "\(error)", headers: ["WWW-Authenticate": "Bearer"])
    case .badCSRF:
      Problem(
        403, type: "\(problems)csrf",
        "The header field X-CSRF-Token is missing or not this session's. Load the page again.")
    case .forbidden: Problem(403, error.description)
    case .wrongPassword: invalid("/current", error.description)
    case .tooManyAttempts(let seconds): Problem(429, error.description, headers: ["Retry-After": String(seconds)])
    case .setupDone, .lastAdmin, .exists: Problem(409, error.description)
    case .notFound: Problem(404, error.description)
    case .weakPassword: invalid("/password", error.description)
    case .badName: invalid("/name", error.description)
    case .badValue: Problem(422, error.description)
    case .noMemory: Problem(503, error.description, headers: ["Retry-After": "5"])
    }
  }

  private static func invalid(_ pointer: String, _ detail: String) -> Problem {
    Problem(
      422, type: "\(problems)invalid", title: "Not as it must be", detail,
      members: [.init("errors", [["pointer": .string(pointer), "detail": .string(detail)]])])
  }

  /// Clients receive the errors that they can act on. Other messages of the database are for the operator.
  private static func problem(_ error: StoreError) -> Problem? {
    switch error.code {
    case .notFound: Problem(404, "There is nobody and nothing of this id.")
    case .invalidValue: Problem(422, error.cause)
    case .unreachable:
      Problem(503, "The database cannot be reached. Try again in a moment.", headers: ["Retry-After": "5"])
    default: nil
    }
  }
}
