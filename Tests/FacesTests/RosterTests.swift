import Faces
import Recognize
import TestResources
import Testing
import Values

@Suite("The roster")
struct RosterTests {
  private func random(_ generator: inout SeededGenerator) throws -> Embedding {
    try #require(Embedding((0..<Embedding.count).map { _ in Float.random(in: -0.1...0.1, using: &generator) }))
  }

  /// A point on the way from one embedding to another, or behind it.
  private func between(_ one: Embedding, _ other: Embedding, _ share: Float) throws -> Embedding {
    try #require(Embedding(zip(one.values, other.values).map { $0 + ($1 - $0) * share }))
  }

  @Test("every face that identification names is a duplicate", arguments: [0.00001, 0.001, 0.01])
  func duplicates(fpir: Double) throws {
    var generator = SeededGenerator(seed: 5)
    var roster = Roster(try ImpostorModels(models: Models.find()), fpir: fpir)
    let people = try (0..<30).map { _ in try random(&generator) }
    for (index, face) in people.enumerated() {
      roster.add(PersonName(id: "p\(index)", name: "P \(index)"))
      roster.add([FaceEncoder.identifier: face], digest: "\(index)", of: "p\(index)")
    }
    var (named, unnamed) = (0, 0)
    for (index, face) in people.enumerated() {
      let stranger = try random(&generator)
      for share in stride(from: Float(0), through: 4, by: 0.2) {
        let probe = try between(face, stranger, share)
        guard let answer = roster.matcher.identify([Probe(embedding: probe, method: .face)]) else {
          unnamed += 1
          continue
        }
        named += 1
        #expect(
          roster.duplicates(of: TemplateEmbeddings(bare: probe)).first?.id == answer.personID, "\(index), \(share)")
      }
    }
    #expect(named > 100 && unnamed > 100)
  }

  @Test("a person's own face is not far, a stranger's is, and nobody is far from a person without templates")
  func far() throws {
    var generator = SeededGenerator(seed: 6)
    let impostors = try ImpostorModels(models: Models.find())
    var roster = Roster(impostors)
    let likeness = Likeness(impostors)
    let face = try random(&generator)
    let stranger = try between(face, random(&generator), 6)
    let own = likeness.place(TemplateEmbeddings(bare: face))
    let other = likeness.place(TemplateEmbeddings(bare: stranger))
    roster.add(PersonName(id: "1", name: "Alex Kim"))
    #expect(!roster.isFar(other, from: "1"))
    roster.add([FaceEncoder.identifier: face], digest: "a", of: "1")
    #expect(!roster.isFar(own, from: "1") && roster.isFar(other, from: "1"))
    #expect(likeness.isNear(likeness.compare(own, own)) && !likeness.isNear(likeness.compare(own, other)))
  }
}
