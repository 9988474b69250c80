import Recognize
import Values

/// What tracks teach about people behind their masks.
extension Tracker {
  /// The confidence of a bare face's name from which on the track may teach how the person looks behind a mask.
  static let certain = 0.99
  /// The number of covered chips that make a look.
  private static let chips = 5
  /// The false-positive rate at which the covered face alone must still name the person. It is far more lenient than a
  /// name needs: it only asks that nobody else is nearer.
  private static let plausible = 0.5

  /// The look behind a mask that a track has just completed; nil if there is none.
  ///
  /// A track teaches once. Its bare face must have named the person beyond doubt, and the covered face must still be
  /// nearest to that person: otherwise somebody else may have taken the place.
  func look(of track: Track, _ matcher: Matcher) -> LearntLook? {
    guard !track.hasTaught, let id = track.certainID, track.identity?.personID == id, track.masks.settled == .mask,
      track.appearance[.periocular] >= Self.chips,
      let bare = track.appearance.mean(.face), let covered = track.appearance.mean(.periocular)
    else { return nil }
    track.hasTaught = true
    guard matcher.near(covered, fpir: Self.plausible, limit: 1).first?.personID == id else { return nil }
    return LearntLook(
      personID: id,
      face: TemplateEmbeddings(
        bare: bare.embedding, covered: covered.embedding, secondBare: bare.second, secondCovered: covered.second),
      quality: track.appearance.quality(.periocular))
  }
}
