import Recognize
import Values

/// The identities of tracks.
extension Tracker {
  /// The number of answers in a row that change an identity.
  private static let challenges = 3
  /// How many times higher the odds of another track's answer must be to take over an identity.
  ///
  /// Confidence itself is near 1 from the threshold on, so that its difference says nothing.
  private static let takeover = 10.0
  /// The factor by which the false-positive rate is raised for an identity that a track has already.
  private static let leniency = 10.0

  func decide(_ track: Track, among visible: [Track], _ matcher: Matcher) {
    guard track.appearance.count >= Self.enough else { return }
    track.isUndecided = false
    let probes = track.appearance.probes
    let others = visible.filter { $0 !== track && $0.identity != nil }
    let taken = Set(others.compactMap { $0.identity?.personID })

    guard let held = track.identity else {
      guard let share = track.budget.spend(), let first = matcher.identify(probes, leniency: share) else { return }
      guard let holder = others.first(where: { $0.identity?.personID == first.personID }) else {
        return assign(first, to: track)
      }
      // Two faces in one picture are two people. The more confident answer keeps the identity.
      if let weaker = holder.identity, first.odds > weaker.odds * Self.takeover {
        holder.loseIdentity()
        assign(first, to: track)
      } else if let second = matcher.identify(probes, excluding: taken, leniency: share) {
        assign(second, to: track)
      }
      return
    }
    let answer = matcher.identify(probes, excluding: taken)
    if let answer, answer.personID == held.personID {
      track.identify(answer)
      return
    }
    // No answer is sure enough for a new name, but the track's name may still be right.
    if answer == nil, let lenient = matcher.identify(probes, excluding: taken, leniency: Self.leniency),
      lenient.personID == held.personID
    {
      track.withstand()
      return
    }
    track.challenge(answer?.personID)
    if track.challenges >= Self.challenges {
      track.identify(answer)
    }
  }

  /// Gives an identity to a track. The track continues a lost track of the same person, which is removed.
  private func assign(_ identity: Identification, to track: Track) {
    tracks.removeAll { $0 !== track && $0.missed > 0 && $0.identity?.personID == identity.personID }
    track.identify(identity)
  }
}

extension Identification {
  /// The odds that the identification is right. Above 10¹², more confidence says nothing.
  fileprivate var odds: Double { confidence / max(1e-12, 1 - confidence) }
}
