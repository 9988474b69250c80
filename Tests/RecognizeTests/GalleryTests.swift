import Faces
import TestResources
import Testing
import Values

@testable import Recognize

@Suite("Searching the gallery")
struct GalleryTests {
  private let impostors: ImpostorModels

  init() throws {
    impostors = try ImpostorModels(models: Models.find())
  }

  /// How many embeddings a face has.
  enum Seen: CaseIterable {
    case byOneEncoder
    case byBoth
    case someByBoth
  }

  private func probe(
    _ method: RecognitionMethod, inBoth: Bool, _ generator: inout SeededGenerator
  ) throws -> PlacedProbe {
    impostors.place(
      Probe(
        embedding: try random(&generator),
        second: try inBoth ? random(&generator, dimensions: SecondEncoder.dimensions) : nil,
        method: method))
  }

  @Test(
    "the nearest people are those that comparing with every template finds, each once, nearest first",
    arguments: RecognitionMethod.allCases, Seen.allCases)
  func exact(method: RecognitionMethod, seen: Seen) throws {
    var generator = SeededGenerator(seed: 3)
    var gallery = Gallery()
    var all: [(person: String, template: PlacedTemplate)] = []
    // As many as are compared in both spaces, so that nothing is left out.
    for index in 0..<48 {
      let person = "p\(index % 20)"
      var face = TemplateEmbeddings(bare: try random(&generator))
      if index % 3 > 0 { face.covered = try random(&generator) }
      if seen == .byBoth || (seen == .someByBoth && index % 2 > 0) {
        face.secondBare = try random(&generator, dimensions: SecondEncoder.dimensions)
        face.secondCovered = try random(&generator, dimensions: SecondEncoder.dimensions)
      }
      let template = impostors.place(face)
      all.append((person, template))
      gallery.add(template, personID: person)
    }
    #expect(gallery.count == 48)
    #expect(gallery.personCount == 20)
    for _ in 0..<20 {
      let probe = try probe(method, inBoth: seen != .byOneEncoder, &generator)
      var best: [String: Double] = [:]
      for (person, template) in all {
        let comparison = try #require(impostors.compare(probe, template))
        best[person] = min(best[person] ?? .infinity, comparison.deviations)
      }
      let expected = best.sorted { $0.value < $1.value }.prefix(5)
      let found = gallery.nearest(to: probe, impostors, limit: 5)
      #expect(found.map(\.personID) == expected.map(\.key))
      for (one, other) in zip(found, expected) { #expect(abs(one.comparison.deviations - other.value) < 1e-3) }
    }
  }

  @Test("of hundreds the nearest is found, whichever space it is near in", arguments: RecognitionMethod.allCases)
  func large(method: RecognitionMethod) throws {
    var generator = SeededGenerator(seed: 5)
    var gallery = Gallery()
    for index in 0..<300 {
      let first = try random(&generator)
      let second = try random(&generator, dimensions: SecondEncoder.dimensions)
      gallery.add(
        impostors.place(
          TemplateEmbeddings(bare: first, covered: first, secondBare: second, secondCovered: second)),
        personID: "p\(index)")
      guard index == 123 else { continue }
      let probe = impostors.place(Probe(embedding: first, second: second, method: method))
      #expect(gallery.nearest(to: probe, impostors).first?.personID == "p123")
    }
  }

  @Test("an empty gallery finds nobody, a small one everybody it has")
  func small() throws {
    var generator = SeededGenerator(seed: 4)
    var gallery = Gallery()
    let probe = try probe(.face, inBoth: false, &generator)
    #expect(gallery.nearest(to: probe, impostors, limit: 3).isEmpty)
    gallery.add(impostors.place(TemplateEmbeddings(bare: try random(&generator))), personID: "a")
    #expect(gallery.nearest(to: probe, impostors, limit: 3).map(\.personID) == ["a"])
    #expect(gallery.nearest(to: probe, impostors, limit: 0).isEmpty)
  }

  @Test("an embedding has as many finite numbers as its space has dimensions, or it is none")
  func embedding() {
    #expect(Embedding([Float](repeating: 0, count: 127)) == nil)
    #expect(Embedding([Float](repeating: .nan, count: 128)) == nil)
    #expect(Embedding([Float](repeating: 0.1, count: 128)) != nil)
    #expect(Embedding([Float](repeating: 0.1, count: 128), dimensions: 512) == nil)
    #expect(Embedding([Float](repeating: 0.1, count: 512), dimensions: 512) != nil)
  }
}

@Suite("Thresholds")
struct ThresholdTests {
  private let places: ImpostorModel
  private let model: DistanceModel

  init() throws {
    places = try ImpostorModel(models: Models.find())
    model = places.toBare
  }

  @Test("the more people are enrolled, the nearer a match has to be")
  func gallerySize() {
    let thresholds = [1, 10, 100, 1000, 10_000, 100_000].map { model.threshold(gallery: $0, fpir: 0.001) }
    for (smaller, larger) in zip(thresholds, thresholds.dropFirst()) { #expect(larger < smaller) }
    #expect(thresholds[0] < 0.7 && thresholds[5] > 0.1)
  }

  @Test("the fewer false positives are wanted, the nearer a match has to be")
  func rate() {
    let thresholds = [0.1, 0.01, 0.001, 0.0001].map { model.threshold(gallery: 500, fpir: $0) }
    for (looser, stricter) in zip(thresholds, thresholds.dropFirst()) { #expect(stricter < looser) }
  }

  @Test("a stranger is not named at the threshold of fused distances either, which lie below 0")
  func fused() throws {
    let impostors = try ImpostorModels(models: Models.find())
    var generator = SeededGenerator(seed: 8)
    func face() throws -> TemplateEmbeddings {
      func random(_ count: Int, _ size: Float) throws -> Embedding {
        try #require(
          Embedding((0..<count).map { _ in Float.random(in: -size...size, using: &generator) }, dimensions: count))
      }
      return TemplateEmbeddings(
        bare: try random(128, 0.1), secondBare: try random(512, 0.07), secondCovered: try random(512, 0.07))
    }
    var matcher = Matcher(gallery: Gallery(), impostors: impostors)
    for index in 0..<200 { matcher.add(try face(), personID: "\(index)") }
    let own = try face()
    matcher.add(own, personID: "own")
    let probe = Probe(embedding: own.bare, second: own.secondBare, method: .face)
    #expect(matcher.identify([probe])?.personID == "own")
    var named = 0
    for _ in 0..<200 {
      let stranger = try face()
      for method in RecognitionMethod.allCases {
        let probe = Probe(embedding: stranger.bare, second: stranger.secondBare, method: method)
        named += matcher.identify([probe]) == nil ? 0 : 1
      }
    }
    // Random points are no faces: they may be a little nearer than strangers are.
    #expect(named <= 4)
  }

  @Test("at the threshold, all comparisons of a search together reach the wanted rate", arguments: [1, 50, 2000])
  func consistency(gallery: Int) {
    let threshold = model.threshold(gallery: gallery, fpir: 0.01)
    let share = model.falseMatchRate(at: threshold)
    let search = 1 - (0..<gallery).reduce(1.0) { product, _ in product * (1 - share) }
    #expect(abs(search - 0.01) < 0.0005)
  }

  @Test("confidence falls with the distance and with the size of the gallery, between 0 and 1")
  func confidence() {
    let distances = stride(from: 0.0, through: 1.2, by: 0.05).map { model.confidence(distance: $0, gallery: 100) }
    for (nearer, farther) in zip(distances, distances.dropFirst()) { #expect(farther <= nearer + 1e-9) }
    #expect(distances.allSatisfy { (0...1).contains($0) })
    #expect(distances[5] > 0.99)
    #expect(distances.last! < 0.01)
    #expect(model.confidence(distance: 0.5, gallery: 10_000) < model.confidence(distance: 0.5, gallery: 10))
  }

  @Test("where faces crowd distances grow, where they lie apart distances shrink, and the same either way round")
  func crowding() throws {
    // A face in the middle of all has near neighbours, one far from everything has none.
    let crowded = places.place(try #require(Embedding([Float](repeating: 0, count: Embedding.count))))
    let lonely = places.place(try #require(Embedding((0..<Embedding.count).map { $0 == 0 ? 3 : 0 })))
    #expect(crowded.correction < lonely.correction)
    #expect(lonely.correction > 0)
    #expect(abs(crowded.distance(to: lonely) - lonely.distance(to: crowded)) < 1e-5)
    #expect(crowded.distance(to: lonely) < crowded.embedding.distance(to: lonely.embedding))
  }

  @Test("wild arguments give a threshold all the same", arguments: [(0, 0.5), (1, 0.0), (1, 2.0), (Int.max, 1e-9)])
  func extremes(gallery: Int, fpir: Double) {
    let threshold = model.threshold(gallery: gallery, fpir: fpir)
    #expect(threshold.isFinite && abs(threshold) < 10)
  }
}

@Suite("Matching")
struct MatcherTests {
  private func embedding(_ value: Float) throws -> Embedding {
    try #require(Embedding((0..<Embedding.count).map { $0 == 0 ? value : 0 }))
  }

  private func add(
    _ bare: Float, behindMasks covered: Float? = nil, to gallery: inout Gallery, _ impostors: ImpostorModels,
    personID: String
  ) throws {
    let face = TemplateEmbeddings(bare: try embedding(bare), covered: try covered.map(embedding))
    gallery.add(impostors.place(face), personID: personID)
  }

  @Test("of two probes of one face the surer one decides, and both together are held to the wanted rate")
  func surest() throws {
    let impostors = try ImpostorModels(models: Models.find())
    var gallery = Gallery()
    try add(0, to: &gallery, impostors, personID: "a")
    try add(1, to: &gallery, impostors, personID: "b")
    let matcher = Matcher(gallery: gallery, impostors: impostors)
    let near = Probe(embedding: try embedding(0.01), method: .face)
    let far = Probe(embedding: try embedding(-4), method: .periocular)
    // A probe that finds nobody does not hide one that does.
    let alone = try #require(matcher.identify([near, far]))
    #expect(alone.personID == "a" && alone.method == .face && alone.confidence > 0.9)
    #expect(matcher.identify([far]) == nil)
    #expect(matcher.identify([]) == nil)
    let exact = Probe(embedding: try embedding(1), method: .periocular)
    #expect(matcher.identify([near, exact]) != nil)

    // The farthest probe that is still a match alone is none where a second one might match too.
    var (known, unknown): (Float, Float) = (0, -4)
    for _ in 0..<40 {
      let middle = (known + unknown) / 2
      let found = matcher.identify([Probe(embedding: try embedding(middle), method: .face)])
      if found == nil { unknown = middle } else { known = middle }
    }
    let last = Probe(embedding: try embedding(known), method: .face)
    #expect(matcher.identify([last]) != nil)
    #expect(matcher.identify([last, far]) == nil)
  }

  @Test(
    "a covered probe is compared with the face behind masks where it is known, else with the bare one"
  )
  func templates() throws {
    let impostors = try ImpostorModels(models: Models.find())
    let place = impostors[.periocular].place
    var gallery = Gallery()
    try add(0.3, to: &gallery, impostors, personID: "bare only")
    try add(0.4, behindMasks: 0.1, to: &gallery, impostors, personID: "both")
    func nearest(_ method: RecognitionMethod) throws -> [Gallery.Match] {
      gallery.nearest(to: impostors.place(Probe(embedding: try embedding(0), method: method)), impostors, limit: 5)
    }
    #expect(try nearest(.face).map(\.personID) == ["bare only", "both"])
    let found = try nearest(.periocular)
    #expect(Set(found.map(\.personID)) == ["bare only", "both"])
    let probe = place(try embedding(0))
    let expected =
      (place(try embedding(0.4)).distance(to: probe) + place(try embedding(0.1)).distance(to: probe)) / 2
    let both = try #require(found.first { $0.personID == "both" })
    #expect(abs(both.comparison.distance - Double(expected)) < 1e-5)
    let alone = try #require(found.first { $0.personID == "bare only" })
    #expect(abs(alone.comparison.distance - Double(place(try embedding(0.3)).distance(to: probe))) < 1e-5)
    #expect(gallery.count == 2)
  }
}

@Suite("People who look alike")
struct TwinTests {
  private func embedding(_ place: Int, _ value: Float) throws -> Embedding {
    try #require(Embedding((0..<Embedding.count).map { $0 == place ? value : 0 }))
  }

  @Test("of two people who are equally near neither is sure, and both are told; of two that are not, one is")
  func twins() throws {
    let impostors = try ImpostorModels(models: Models.find())
    func answer(_ first: Float, _ second: Float?) throws -> Identification {
      var matcher = Matcher(gallery: Gallery(), impostors: impostors)
      matcher.add(TemplateEmbeddings(bare: try embedding(0, first)), personID: "ann")
      if let second { matcher.add(TemplateEmbeddings(bare: try embedding(1, second)), personID: "bea") }
      matcher.add(TemplateEmbeddings(bare: try embedding(2, 3)), personID: "cem")
      return try #require(matcher.identify([Probe(embedding: try embedding(0, 0), method: .face)]))
    }
    let alone = try answer(0.1, nil)
    #expect(alone.personID == "ann" && alone.rivalID == nil && alone.confidence > 0.99)
    let twin = try answer(0.1, 0.1001)
    #expect(twin.personID == "ann" && twin.rivalID == "bea" && abs(twin.confidence - 0.5) < 0.02)
    let alike = try answer(0.1, 0.2)
    #expect(alike.personID == "ann" && alike.rivalID == "bea" && alike.confidence < 0.95)
    #expect(alike.confidence > twin.confidence)
  }
}
