import Foundation
import TestResources
import Testing
import Vision

/// Libraries say what is wrong; the command line says which flag helps.
@Suite("Errors name the flag that helps")
struct FlagHintTests {
  private let folder: TemporaryFolder
  private let rollcall: Program

  init() throws {
    folder = try TemporaryFolder()
    rollcall = Program(data: folder.url.appendingPathComponent("data"))
  }

  @Test("known faces and names, another's photo, photos without a name, days in the wrong order, a large photo")
  func hints() throws {
    #expect(try rollcall("enroll", Pictures.obama.path, "--name", "Barack Obama").status == 0)
    let twice = try rollcall("enroll", Pictures.obamaSpeaking.path, "--name", "Impostor")
    #expect(twice.status == 1 && twice.errors.contains("--allow-duplicate"))
    let stray = try rollcall("enroll", Pictures.biden.path, "--name", "Barack Obama")
    #expect(stray.status == 1 && stray.errors.contains("--allow-different"))
    let namesake = try rollcall("enroll", Pictures.biden.path, "--name", "Barack Obama", "--id", "7")
    #expect(namesake.status == 1 && namesake.errors.contains("--allow-different"))
    let nameless = try rollcall("enroll", Pictures.obama.path)
    #expect(nameless.status == 2 && nameless.errors.contains("--name"))
    let reversed = try rollcall("attendance", "list", "--from", "2026-09-02", "--to", "2026-09-01")
    #expect(reversed.status != 0 && reversed.errors.contains("--from") && reversed.errors.contains("--to"))
    let large = try folder.write(
      Photo(decoding: Photo.read(Pictures.obama.path)).image.resized(width: 1500, height: 1500).encoded(as: .jpeg),
      to: "large.jpg")
    let refused = try rollcall("identify", large.path, "--max-megapixels", "1")
    #expect(refused.status == 1 && refused.errors.contains("--max-megapixels"))
  }

  @Test("a data folder that cannot be made")
  func dataFolder() throws {
    let file = try folder.write(Data(), to: "file")
    let result = try Program(data: file.appendingPathComponent("data"))("people", "list")
    #expect(result.status == 1 && result.errors.contains("--data"))
  }
}
