import DlibReference
import Faces
import Foundation
import Formats
import Mask
import Recognize
import Store
import Terminal
import Values
import Vision

/// `rollcall doctor`
enum DoctorVerb: Verb {
  static let path = "doctor"
  static let command = Command(
    "doctor", summary: "check that everything is in place, and say what to do about what is not",
    synonyms: ["check", "status", "health"],
    examples: [.init("is everything in place?", "rollcall doctor")])

  private enum Verdict {
    case good
    /// Missing, but Rollcall works without it.
    case missing
    case bad
  }

  private struct Finding {
    let verdict: Verdict
    let subject: String
    let result: String
    /// The advice for the user.
    var advice = ""
  }

  static func run(_ invocation: Invocation) throws -> Int32 {
    var isWell = true
    for check in [processor, networks, modelFiles, dlibModels, cameras] { try report(check(), &isWell) }
    try report(database(invocation), &isWell)
    return isWell ? 0 : 1
  }

  private static func report(_ findings: [Finding], _ isWell: inout Bool) throws {
    let style = Output.standard.style
    for finding in findings {
      let mark =
        switch finding.verdict {
        case .good: style.apply(.green, to: "ok  ")
        case .missing: style.apply(.yellow, to: "–   ")
        case .bad: style.apply(.red, to: "FAIL")
        }
      if finding.verdict == .bad { isWell = false }
      let subject = finding.subject.padding(toLength: 18, withPad: " ", startingAt: 0)
      try Output.standard.line("\(mark) \(subject) \(displayable(finding.result))")
      if !finding.advice.isEmpty { try Output.standard.line("       → \(finding.advice)") }
    }
  }

  private static func processor() -> [Finding] {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let flags = Set(
      ((try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? "").split(whereSeparator: \.isWhitespace).map(
        String.init))
    let useful = ["avx2", "avx512f", "avx512_bf16", "amx_bf16", "asimd", "bf16"].filter(flags.contains)
    let result = "\(cores) cores, \(useful.isEmpty ? "no vector extensions that help" : useful.joined(separator: " "))"
    guard flags.contains("avx2") || flags.contains("asimd") else {
      return [
        Finding(
          verdict: .missing, subject: "processor", result: result,
          advice: "it works, slowly: a processor with AVX2 is several times faster")
      ]
    }
    return [Finding(verdict: .good, subject: "processor", result: result)]
  }

  private static func networks() -> [Finding] {
    do {
      let start = ContinuousClock.now
      let recognizer = try Recognizer(models: Models.find())
      _ = try ImpostorModels(models: Models.find())
      let grey = try Image(rgb: .init(repeating: 128, count: 160 * 120 * 3), width: 160, height: 120)
      _ = try recognizer.faces(in: grey)
      _ = try MaskClassifier(models: Models.find())
      _ = try PeriocularEncoder(models: Models.find())
      _ = try SecondEncoder(models: Models.find())
      let milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
      return [
        Finding(
          verdict: .good, subject: "OpenVINO",
          result: "\(Network.libraryVersion()), networks load and run (\(milliseconds) ms)")
      ]
    } catch {
      return [
        Finding(verdict: .bad, subject: "OpenVINO", result: "\(error)", advice: "run make setup, then make build")
      ]
    }
  }

  /// Compares every model file with the list of checksums in its folder.
  private static func modelFiles() -> [Finding] {
    guard let models = try? Models.find(),
      let list = try? String(contentsOf: models.folder.appendingPathComponent("SHA256SUMS"), encoding: .utf8)
    else {
      return [
        Finding(
          verdict: .bad, subject: "models", result: "not found",
          advice: "set ROLLCALL_MODELS to the folder with face-encoder.onnx")
      ]
    }
    let sums = Dictionary(
      list.split(whereSeparator: \.isNewline).map { line in
        let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
        return ((parts.last ?? "").trimmingCharacters(in: .whitespaces), parts.first ?? "")
      }, uniquingKeysWith: { first, _ in first })
    let second = secondEncoderFiles(models)
    return second.findings
      + (Models.files + second.files).map { file in
        guard let data = try? Data(contentsOf: models.url(file)) else {
          return Finding(
            verdict: .bad, subject: "model", result: "\(file.rawValue) is missing",
            advice: "get it from the repository again; dlib's networks also come from make models")
        }
        guard Digest.sha256(data) == sums[file.rawValue] else {
          return Finding(
            verdict: .bad, subject: "model", result: "\(file.rawValue) is not the file it should be",
            advice: "get it from the repository again; if you made it anew yourself, run make model-sums")
        }
        return Finding(verdict: .good, subject: "model", result: file.rawValue)
      }
  }

  /// The second encoder's files as far as they should be there, and what it means that they are not.
  private static func secondEncoderFiles(_ models: Models) -> (files: [Models.File], findings: [Finding]) {
    let all = Models.secondEncoderFiles
    guard !all.contains(where: { FileManager.default.fileExists(atPath: models.url($0).path) }) else {
      return (all, [])
    }
    return (
      [],
      [
        Finding(
          verdict: .missing, subject: "second encoder",
          result: "not here; faces are compared by dlib's encoder alone, and few people are known behind a mask",
          advice: "if that is not what you want, put \(all.map(\.rawValue).joined(separator: " and ")) back")
      ]
    )
  }

  private static func dlibModels() -> [Finding] {
    guard DlibReference.folder() == nil else {
      return [Finding(verdict: .good, subject: "dlib's own models", result: "here, so rollcall bench can compare")]
    }
    return [
      Finding(
        verdict: .missing, subject: "dlib's own models", result: "not here; only rollcall bench needs them",
        advice: "run make setup to compare with dlib")
    ]
  }

  private static func cameras() -> [Finding] {
    let devices = ((try? FileManager.default.contentsOfDirectory(atPath: "/dev")) ?? []).filter {
      $0.hasPrefix("video")
    }.sorted()
    guard !devices.isEmpty else {
      return [Finding(verdict: .missing, subject: "cameras", result: "none on this machine; pictures work without one")]
    }
    return devices.map { device in
      let isReadable = FileManager.default.isReadableFile(atPath: "/dev/\(device)")
      return Finding(
        verdict: isReadable ? .good : .missing, subject: "camera",
        result: "/dev/\(device)\(isReadable ? "" : " is there but may not be opened")",
        advice: isReadable ? "" : "add yourself to the group video: sudo usermod -aG video $USER, then log in again")
    }
  }

  private static func database(_ invocation: Invocation) -> [Finding] {
    let data = Common.dataFolder(invocation).path
    do {
      let store = try Common.openStore(invocation)
      defer { store.close() }
      let health = try store.health()
      let people = try store.people()
      var findings = [
        Finding(
          verdict: .good, subject: "database",
          result: String(
            format: "MongoDB %@, %@, answers in %.1f ms, %d people", health.version, store.address, health.roundTrip,
            people.count)),
        Finding(
          verdict: .good, subject: "data folder",
          result: invocation[Common.mongodb] == nil ? data : "\(data) (compiled networks only)"),
      ]
      if let note = PeopleList.noteOnEarlierPhotos(people) {
        findings.append(Finding(verdict: .missing, subject: "people", result: note))
      }
      return findings
    } catch let error as StoreError {
      return [
        Finding(verdict: .bad, subject: "database", result: "\(error.operation): \(error.cause)", advice: error.advice)
      ]
    } catch {
      return [Finding(verdict: .bad, subject: "database", result: described(error))]
    }
  }
}
