import Testing
import Values

@testable import Live

@Suite("The false-positive rate of a visit")
struct SearchBudgetTests {
  /// The shares of the searches of a track, in order, when it is asked after each chip.
  private func shares(_ chips: [[RecognitionMethod]]) -> [Double] {
    var budget = SearchBudget()
    return chips.compactMap { methods in
      budget.add(methods)
      return budget.spend()
    }
  }

  @Test("all searches of a stranger who stays for an hour together spend no more than the rate of one visit")
  func total() {
    let long = shares([[RecognitionMethod]](repeating: [.face], count: 9000))
    #expect(long.count > 10)
    #expect(long.reduce(0, +) <= 1)
    #expect(long.allSatisfy { $0 > 0 })
    // Most of it is spent at the beginning, when people walk in.
    #expect(long.prefix(3).reduce(0, +) >= 0.7)
  }

  @Test("the first search comes with the third chip, and later ones ever more rarely")
  func pace() {
    var budget = SearchBudget()
    var searched: [Int] = []
    for chip in 1...200 {
      budget.add([.face])
      if budget.spend() != nil { searched.append(chip) }
      #expect(budget.spend() == nil, "twice at chip \(chip)")
    }
    #expect(searched.first == 3)
    let pauses = zip(searched, searched.dropFirst()).map { $1 - $0 }
    #expect(pauses == pauses.sorted() && searched.count < 12)
  }

  @Test("a face that takes its mask off is searched for again at once, with what is left of the rate")
  func bared() {
    let before = [[RecognitionMethod]](repeating: [.periocular], count: 60)
    let covered = shares(before)
    let both = shares(before + [[RecognitionMethod]](repeating: [.face], count: 3))
    #expect(both.count == covered.count + 1)
    let again = shares(before + (0..<400).map { [$0 / 3 % 2 == 0 ? .face : .periocular] })
    #expect(again.reduce(0, +) <= 1)
    // Unsure pictures between do not count as a change.
    let unsure = shares((0..<60).map { $0 % 2 == 0 ? [.periocular] : [.face, .periocular] })
    #expect(unsure == covered)
  }

  @Test("a track that loses its name is searched for at once")
  func hurry() {
    var budget = SearchBudget()
    for _ in 0..<30 {
      budget.add([.face])
      _ = budget.spend()
    }
    #expect(budget.spend() == nil)
    budget.hurry()
    #expect(budget.spend() != nil)
  }
}
