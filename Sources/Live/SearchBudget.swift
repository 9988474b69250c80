import Values

/// The searches of one track for a name, and the share of the wanted false-positive rate that each may spend.
///
/// The rate is promised for a visit, and a stranger who stands before a camera for a minute could be searched for a
/// hundred times. The shares of all searches add up to at most 1, so that the whole visit keeps the rate. A new search
/// is worth its share only when there is more to see, so the searches become rarer.
struct SearchBudget {
  /// The numbers of encoded chips at which the first searches happen. Later ones happen at `growth` times as many.
  private static let first = [3, 5, 8]
  private static let growth = 1.6
  /// The share of each of the first searches. Each later one may spend half of what is left.
  private static let share = 0.25

  private var left = 1.0
  private var searches = 0
  /// The number of chips since the track began, or since its face was last covered or bared.
  private var chips = 0
  private var due = SearchBudget.first[0]
  private var method: RecognitionMethod?

  /// Counts an encoded chip. The searches begin anew, with what is left of the rate, when the face is encoded by
  /// another method.
  mutating func add(_ methods: [RecognitionMethod]) {
    if let now = methods.first, methods.count == 1 {
      if let method, method != now { (chips, searches, due) = (0, 0, Self.first[0]) }
      method = now
    }
    chips += 1
  }

  /// Makes a search due at once: a name was taken away from the track.
  mutating func hurry() { due = min(due, chips) }

  /// The share of the rate for a search now, 0…1; nil if no search is due.
  mutating func spend() -> Double? {
    guard chips >= due else { return nil }
    let share = searches < Self.first.count ? min(Self.share, left / 2) : left / 2
    left -= share
    searches += 1
    due = searches < Self.first.count ? Self.first[searches] : Int((Double(due) * Self.growth).rounded(.up))
    return share
  }
}
