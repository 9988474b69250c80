import Faces
import Foundation
import Mask
import Recognize
import TestResources
import Testing
import Values
import Vision

@Suite("The second encoder")
struct SecondEncoderTests {
  private static let engine = Result { try FaceEngine(models: Models.find()) }

  private func chip(_ file: URL, wearing style: MaskRenderer.Style? = nil) throws -> Chip {
    let engine = try Self.engine.get()
    var image = try Photo(decoding: Photo.read(file.path)).image
    var main = try #require(engine.finder.faces(in: image, onlyMain: true).first)
    if let style {
      image = try MaskRenderer(style: style, seed: 4).render(on: image, main.face.landmarks)
      main = try #require(engine.finder.faces(in: image, onlyMain: true).first)
    }
    return main.face.chip
  }

  /// The models without the second encoder's files.
  private func withoutSecond(_ folder: TemporaryFolder) throws -> Models {
    let models = try Models.find()
    for file in Models.files {
      try FileManager.default.createSymbolicLink(
        at: folder.url.appendingPathComponent(file.rawValue), withDestinationURL: models.url(file))
    }
    return Models(folder: folder.url)
  }

  @Test("photos of one person, bare and masked, lie nearer to each other than those of two")
  func embeddings() throws {
    let second = try #require(try Self.engine.get().second)
    let own = try second.encode([
      chip(Pictures.obama), chip(Pictures.obamaSpeaking), chip(Pictures.obama, wearing: .surgical),
    ])
    let others = try second.encode([chip(Pictures.biden), chip(Pictures.biden, wearing: .cloth)])
    for embedding in own + others {
      #expect(embedding.values.count == SecondEncoder.dimensions)
      #expect(abs(embedding.cosine(to: embedding) - 1) < 1e-6)
    }
    for other in others {
      for look in own.dropFirst() { #expect(own[0].distance(to: look) < own[0].distance(to: other)) }
    }
    #expect(try second.encode([]).isEmpty)
  }

  @Test("a face has the same embedding alone and in a batch")
  func batches() throws {
    let second = try #require(try Self.engine.get().second)
    let chips = try [Pictures.obama, Pictures.biden, Pictures.collins].map { try chip($0) }
    let together = try second.encode((0..<19).map { chips[$0 % 3] })
    for (index, chip) in chips.enumerated() {
      let alone = try #require(second.encode([chip]).first)
      for place in stride(from: index, to: 19, by: 3) { #expect(alone.distance(to: together[place]) < 1e-3) }
    }
  }

  @Test("without its files everything goes on in dlib's space, also with templates that it has made")
  func without() throws {
    let folder = try TemporaryFolder()
    let models = try withoutSecond(folder)
    let alone = try FaceEngine(models: models)
    #expect(alone.second == nil && !models.hasSecondEncoder)
    #expect(alone.templateEncoders(behindMasks: true) == [FaceEncoder.identifier, PeriocularEncoder.identifier])
    let impostors = try ImpostorModels(models: models)
    #expect(!impostors.hasSecond)

    let full = try Self.engine.get()
    var roster = Roster(impostors)
    for (name, file) in [("obama", Pictures.obama), ("biden", Pictures.biden)] {
      let template = try #require(full.templates(of: [(chip(file), [chip(file, wearing: .surgical)])]).first)
      #expect(template.byEncoder.count == 4)
      roster.add(PersonName(id: name, name: name))
      roster.add(template.byEncoder, digest: name, of: name)
    }
    let probe = try chip(Pictures.obamaSpeaking)
    for engine in [alone, full] {
      let probes = try #require(engine.encoder.probes(of: [probe], [.none]).first)
      #expect(roster.matcher.identify(probes)?.personID == "obama")
    }
  }

  @Test("people whom it has not seen are still found, beside people whom it has")
  func earlier() throws {
    let engine = try Self.engine.get()
    var roster = Roster(try ImpostorModels(models: Models.find()))
    for (name, file) in [("obama", Pictures.obama), ("biden", Pictures.biden), ("collins", Pictures.collins)] {
      var embeddings = try #require(engine.templates(of: [(chip(file), [chip(file, wearing: .cloth)])]).first).byEncoder
      if name != "collins" {
        embeddings[SecondEncoder.identifier] = nil
        embeddings[SecondEncoder.maskedIdentifier] = nil
      }
      roster.add(PersonName(id: name, name: name))
      roster.add(embeddings, digest: name, of: name)
    }
    func answer(_ file: URL, wearing style: MaskRenderer.Style? = nil) throws -> String? {
      let probes = try engine.encoder.probes(of: [chip(file, wearing: style)], [style == nil ? .none : .mask])
      return roster.matcher.identify(try #require(probes.first))?.personID
    }
    #expect(try answer(Pictures.obamaSpeaking) == "obama")
    #expect(try answer(Pictures.biden, wearing: .surgical) == "biden")
    #expect(try answer(Pictures.collins, wearing: .surgical) == "collins")
  }
}
