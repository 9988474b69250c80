import Faces
import Foundation
import Mask
import Recognize
import TestResources
import Testing
import Values
import Vision

@Suite("Recognising covered faces")
struct PeriocularTests {
  private static let recognizer = Result { try Recognizer(models: Models.find()) }
  private static let encoder = Result { try PeriocularEncoder(models: Models.find()) }
  private static let impostors = Result { try ImpostorModels(models: Models.find()) }

  private func face(_ file: URL, wearing style: MaskRenderer.Style? = nil) throws -> Face {
    let recognizer = try Self.recognizer.get()
    var image = try Photo(decoding: Photo.read(file.path)).image
    var main = try #require(Recognizer.main(of: recognizer.faces(in: image), in: image))
    if let style {
      image = try MaskRenderer(style: style, seed: 4).render(on: image, main.landmarks)
      main = try #require(Recognizer.main(of: recognizer.faces(in: image), in: image))
    }
    return main
  }

  @Test("a face has the same embedding alone and in a batch of any size")
  func batches() throws {
    let chips = try [Pictures.obama, Pictures.biden, Pictures.collins].map { try face($0, wearing: .surgical).chip }
    let encoder = try Self.encoder.get()
    let together = try encoder.encode((0..<37).map { chips[$0 % 3] })
    #expect(together.count == 37)
    for (index, chip) in chips.enumerated() {
      let alone = try #require(encoder.encode([chip]).first)
      for place in stride(from: index, to: 37, by: 3) { #expect(alone.distance(to: together[place]) < 1e-4) }
    }
    #expect(try encoder.encode([]).isEmpty)
  }

  @Test("covered faces are encoded by what is free, bare ones whole, unsure ones both ways, in the faces' order")
  func gate() throws {
    let recognizer = try Self.recognizer.get()
    let periocular = try Self.encoder.get()
    let probes = ProbeEncoder(face: recognizer.encoder, periocular: periocular, second: nil)
    let chips = try [Pictures.obama, Pictures.biden, Pictures.collins, Pictures.obamaSpeaking].map { try face($0).chip }
    let found = try probes.probes(of: chips, [.mask, .unsure, .none, .incorrect])
    #expect(found.map { $0.map(\.method) } == [[.periocular], [.face, .periocular], [.face], [.periocular]])
    for (chip, probes) in zip(chips, found) {
      for probe in probes {
        let alone =
          switch probe.method {
          case .face: try recognizer.encoder.encode([chip])
          case .periocular: try periocular.encode([chip])
          }
        #expect(try #require(alone.first).distance(to: probe.embedding) < 1e-4)
      }
    }
    let forced = try probes.probes(of: chips, [.mask, .unsure, .none, .incorrect], only: .face)
    #expect(forced.allSatisfy { $0.map(\.method) == [.face] })
  }

  @Test(
    "three people, enrolled bare, are known behind masks that are drawn on, and nobody is taken for another",
    arguments: [MaskRenderer.Style.surgical, .respirator, .cloth])
  func knownBehindMasks(style: MaskRenderer.Style) throws {
    let recognizer = try Self.recognizer.get()
    let impostors = try Self.impostors.get()
    let people = ["obama": Pictures.obama, "biden": Pictures.biden, "collins": Pictures.collins]
    var gallery = Gallery()
    for (name, file) in people {
      let template = try #require(recognizer.encoder.encode([face(file).chip]).first)
      gallery.add(impostors.place(TemplateEmbeddings(bare: template)), personID: name)
    }
    let matcher = Matcher(gallery: gallery, impostors: impostors, fpir: 0.01)
    for (name, file) in [("obama", Pictures.obamaStanding), ("biden", Pictures.biden), ("collins", Pictures.collins)] {
      let embedding = try #require(Self.encoder.get().encode([face(file, wearing: style).chip]).first)
      let answer = try #require(
        matcher.identify([Probe(embedding: embedding, method: .periocular)]),
        "\(name) is unknown behind a \(style.rawValue)")
      #expect(answer.personID == name && answer.method == .periocular && answer.confidence > 0.5)
    }
  }
}
