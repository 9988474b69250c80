import Faces
import TestResources
import Testing
import Values

@testable import Recognize

@Suite("Searching the gallery")
struct GalleryTests {
  private func random(_ generator: inout SeededGenerator) throws -> PlacedEmbedding {
    let values = (0..<Embedding.count).map { _ in Float.random(in: -0.2...0.2, using: &generator) }
    return PlacedEmbedding(
      embedding: try #require(Embedding(values)), correction: Float.random(in: -0.1...0.1, using: &generator))
  }

  @Test("the nearest people are those that comparing with every template finds, each once, nearest first")
  func exact() throws {
    var generator = SeededGenerator(seed: 3)
    var gallery = Gallery()
    var all: [(person: String, template: PlacedEmbedding)] = []
    for index in 0..<600 {
      let person = "p\(index % 200)"
      let template = try random(&generator)
      all.append((person, template))
      gallery.add(template, personID: person)
    }
    #expect(gallery.count == 600)
    #expect(gallery.personCount == 200)
    for _ in 0..<20 {
      let probe = try random(&generator)
      var best: [String: Float] = [:]
      for (person, template) in all {
        best[person] = min(best[person] ?? .infinity, probe.distance(to: template))
      }
      let expected = best.sorted { $0.value < $1.value }.prefix(5)
      let found = gallery.nearest(to: probe, limit: 5)
      #expect(found.map(\.personID) == expected.map(\.key))
      for (one, other) in zip(found, expected) { #expect(abs(one.distance - other.value) < 1e-5) }
    }
  }

  @Test("an empty gallery finds nobody, a small one everybody it has")
  func small() throws {
    var generator = SeededGenerator(seed: 4)
    var gallery = Gallery()
    #expect(gallery.nearest(to: try random(&generator), limit: 3).isEmpty)
    let template = try random(&generator)
    gallery.add(template, personID: "a")
    let match = try #require(gallery.nearest(to: template, limit: 3).first)
    #expect(match.personID == "a")
    #expect(abs(match.distance - template.distance(to: template)) < 1e-6)
    #expect(gallery.nearest(to: template, limit: 0).isEmpty)
  }

  @Test("an embedding has 128 finite numbers, or it is none")
  func embedding() {
    #expect(Embedding([Float](repeating: 0, count: 127)) == nil)
    #expect(Embedding([Float](repeating: .nan, count: 128)) == nil)
    #expect(Embedding([Float](repeating: 0.1, count: 128)) != nil)
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
    #expect(threshold.isFinite && threshold >= 0)
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
    let (bare, covered) = (try embedding(bare), try covered.map(embedding))
    gallery.add(
      impostors[.face].place(bare), forCovered: impostors[.periocular].template(bare: bare, covered: covered),
      personID: personID)
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
    let probe = place(try embedding(0))
    var gallery = Gallery()
    try add(0.3, to: &gallery, impostors, personID: "bare only")
    try add(0.4, behindMasks: 0.1, to: &gallery, impostors, personID: "both")
    let bareProbe = impostors[.face].place(try embedding(0))
    #expect(gallery.nearest(to: bareProbe, limit: 5).map(\.personID) == ["bare only", "both"])
    let both = gallery.nearest(to: probe, in: .withCovered, limit: 5)
    #expect(both.map(\.personID) == ["both"])
    let expected =
      (place(try embedding(0.4)).distance(to: probe) + place(try embedding(0.1)).distance(to: probe)) / 2
    #expect(abs(try #require(both.first).distance - expected) < 1e-5)
    #expect(gallery.nearest(to: probe, in: .withoutCovered, limit: 5).map(\.personID) == ["bare only"])
    #expect(gallery.count == 2)
  }
}
