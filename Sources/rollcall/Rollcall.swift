import Foundation
import Terminal

/// A verb of the program.
protocol Verb: Sendable {
  /// The words on the command line, such as "people list".
  static var path: String { get }
  static var command: Command { get }
  /// Runs the verb.
  ///
  /// - Returns: The exit status: 0 for success, 1 if a part failed.
  static func run(_ invocation: Invocation) throws -> Int32
}

/// The program: its commands, and the verb that runs each of them.
enum Rollcall {
  static let version = "0.1.0"

  private static let verbs: [any Verb.Type] = [
    EnrollVerb.self, IdentifyVerb.self, MaskVerb.self, MaskRenderVerb.self, PeopleList.self, PeopleShow.self,
    PeopleRename.self,
    PeopleUnlearn.self,
    PeopleForget.self,
    AttendanceList.self, AttendanceExport.self, AttendanceMark.self, AttendanceVoid.self, AttendanceMasks.self,
    AttendanceSnapshot.self,
    EvaluateVerification.self, EvaluateIdentification.self,
    EvaluateDetection.self, EvaluateMask.self, DatasetImport.self, DatasetList.self, DatasetReviewVerb.self,
    DatasetExportVerb.self, DatasetForget.self, LiveVerb.self, BenchVerb.self, DoctorVerb.self, ServeVerb.self,
  ]

  static let program = Program(
    "rollcall", version: version, summary: "know who is in the picture, and keep the attendance log",
    description: """
      Enroll people from photos, find them in other pictures, and export who was there.

      Everything lives in one data folder, with a private database inside it. Nothing leaves this machine unless you \
      give --mongodb. Flags beat environment variables, which beat the settings file \
      ($XDG_CONFIG_HOME/rollcall/settings).
      """,
    everywhere: [Common.data, Common.mongodb],
    verbs: [
      EnrollVerb.command, IdentifyVerb.command, LiveVerb.command, ServeVerb.command, MaskVerb.command,
      PeopleGroup.command,
      AttendanceGroup.command,
      Evaluate.command, DatasetGroup.command,
      BenchVerb.command, DoctorVerb.command,
    ],
    examples: [
      .init("enroll everybody, one folder of photos per person", "rollcall enroll people/"),
      .init(
        "who is in these pictures? write the log, and copies with names on",
        "rollcall identify door/ --attendance --annotate seen/"),
      .init(
        "the log as a spreadsheet",
        "rollcall attendance export --output september.csv --from 2026-09-01 --to 2026-09-30"),
      .init("is everything in place?", "rollcall doctor"),
    ])

  /// Runs the command line.
  ///
  /// - Returns: The exit status.
  static func main() -> Int32 {
    let output = Output.standard
    do {
      let environment = ProcessInfo.processInfo.environment
      let request = try program.parse(
        Array(CommandLine.arguments.dropFirst()), environment: environment, settings: settings(environment),
        width: min(100, output.helpWidth), style: output.style)
      switch request {
      case .show(let text):
        try output.write(text)
        return 0
      case .run(let invocation):
        return try verb(invocation).run(invocation)
      }
    } catch let error as UsageError {
      Diagnostics.error(error)
      return UsageError.exitStatus
    } catch let error as OutputError {
      if error.exitStatus != 0 { Diagnostics.error(error.description) }
      return error.exitStatus
    } catch {
      Diagnostics.error(described(error))
      return 1
    }
  }

  private static func verb(_ invocation: Invocation) -> any Verb.Type {
    let typed = invocation.verb
    guard let verb = verbs.first(where: { $0.path == typed }) else { preconditionFailure("nobody does \(typed)") }
    return verb
  }

  private static func settings(_ environment: [String: String]) throws -> [String: String] {
    let folder =
      environment["XDG_CONFIG_HOME"].map { URL(fileURLWithPath: $0) }
      ?? FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".config")
    let file = folder.appendingPathComponent("rollcall/settings")
    guard let text = try? String(contentsOf: file, encoding: .utf8) else { return [:] }
    do {
      return try SettingsFile.parse(text)
    } catch {
      throw SettingsError(file: file.path, reason: "\(error)")
    }
  }
}

/// The settings file cannot be used.
struct SettingsError: Error, CustomStringConvertible {
  let file: String
  let reason: String

  var description: String { "\(file): \(reason)" }
}
