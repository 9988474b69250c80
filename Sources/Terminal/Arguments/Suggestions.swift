/// The candidates that a person may have meant: those with the fewest typing errors, if these are few enough; otherwise
/// those with the same beginning.
func closest(to text: String, among candidates: [String]) -> [String] {
  let typed = Array(text.lowercased())
  guard !typed.isEmpty else { return [] }
  let measured = candidates.map { (name: $0, distance: typingErrors(typed, Array($0.lowercased()))) }
  let nearest = measured.map(\.distance).min() ?? .max
  if nearest <= max(1, typed.count / 3) { return measured.filter { $0.distance == nearest }.map(\.name) }
  return candidates.filter { $0.lowercased().hasPrefix(text.lowercased()) }
}

/// A question with the suggestions in it; empty if there are none.
func didYouMean(_ suggestions: [String]) -> String {
  suggestions.isEmpty ? "" : ". Did you mean \(list(suggestions))?"
}

/// The words in the form "a, b or c".
func list(_ words: [String]) -> String {
  guard let last = words.last, words.count > 1 else { return words.first ?? "" }
  return words.dropLast().joined(separator: ", ") + " or " + last
}

/// The number of letters left out, added, changed, or exchanged with their neighbour, between two words.
private func typingErrors(_ typed: [Character], _ meant: [Character]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...meant.count)
  for row in typed.indices {
    var current = [row + 1]
    for column in meant.indices {
      let same = typed[row] == meant[column]
      var least = min(last[column] + (same ? 0 : 1), last[column + 1] + 1, current[column] + 1)
      if row > 0, column > 0, typed[row] == meant[column - 1], typed[row - 1] == meant[column] {
        least = min(least, beforeLast[column - 1] + 1)
      }
      current.append(least)
    }
    (beforeLast, last) = (last, current)
  }
  return last[meant.count]
}
