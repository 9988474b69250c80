import Recognize
import Values

/// Whose faces tracks are.
extension Tracker {
  /// Answers in a row that change an identity.
  private static let challenges = 3
  /// How much likelier a held identity has to be for another track to take it over.
  private static let takeover = 0.05
  /// How many times the false-positive rate is allowed for an identity that is held already.
  private static let leniency = 10.0

  func decide(_ track: Track, among visible: [Track], _ matcher: Matcher) {
    guard track.appearance.count >= Self.enough else { return }
    track.isUndecided = false
    let probes = track.appearance.probes
    let others = visible.filter { $0 !== track && $0.identity != nil }
    let taken = Set(others.compactMap { $0.identity?.personID })

    guard let held = track.identity else {
      guard let first = matcher.identify(probes) else { return }
      guard let holder = others.first(where: { $0.identity?.personID == first.personID }) else {
        return assign(first, to: track)
      }
      // Two faces of one picture are two people: the likelier one it is.
      if let weaker = holder.identity, first.confidence > weaker.confidence + Self.takeover {
        (holder.identity, holder.isUndecided) = (nil, true)
        assign(first, to: track)
      } else if let second = matcher.identify(probes, excluding: taken) {
        assign(second, to: track)
      }
      return
    }
    let answer = matcher.identify(probes, excluding: taken)
    if let answer, answer.personID == held.personID {
      (track.identity, track.challenges) = (answer, 0)
      return
    }
    // Nobody is sure enough to be named anew, but the name that is held may still be right.
    if answer == nil, let lenient = matcher.identify(probes, excluding: taken, leniency: Self.leniency),
      lenient.personID == held.personID
    {
      track.challenges = 0
      return
    }
    track.challenges = track.challenger == answer?.personID ? track.challenges + 1 : 1
    track.challenger = answer?.personID
    if track.challenges >= Self.challenges {
      (track.identity, track.challenges) = (answer, 0)
    }
  }

  /// The track is this person's. One that was lost sight of, and was the same person's, is continued by it.
  private func assign(_ identity: Identification, to track: Track) {
    tracks.removeAll { $0 !== track && $0.missed > 0 && $0.identity?.personID == identity.personID }
    (track.identity, track.challenges) = (identity, 0)
  }
}
