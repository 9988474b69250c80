public import Foundation
import Enroll
import Mask
import Recognize
public import Store
public import Vision

/// Watches what one camera shows, picture by picture: follows faces, decides whose they are, and says what of that belongs into the log.
///
/// Ten times a second a picture is searched for faces; in those between, the faces that are known already are followed by their
/// landmarks, which costs next to nothing. A face is encoded until its track knows enough, and then now and then.
/// Not safe from several threads at once.
public final class Watcher {
  /// What a picture shows.
  public struct Moment: Sendable {
    /// The faces, in the order of their tracks.
    public let faces: [LiveFace]
    /// What happened, for the log.
    public let events: [Sighting]
  }

  /// How a watcher works.
  public struct Options: Sendable {
    /// Find faces from this width on, in pixels; nil for a twelfth of the picture's height, so that all pictures cost alike.
    public var minimumFace: Double?
    /// A known person who comes back within this time was never away. In seconds, 0 or more.
    public var cooldown: TimeInterval = 120

    /// The defaults.
    public init() {}
  }

  /// From one search for faces to the next, in seconds. Faces that overlap are searched for in every picture.
  private static let searchPause = 0.1
  /// A track that is not seen for so long has ended, in seconds.
  private static let patience = 2.0
  /// Encoded chips, and seconds, that an unknown face gets to be known before it is logged as unknown.
  private static let unknownChips = 5
  private static let unknownPatience = 20.0
  /// Encoded chips before a face is searched for.
  private static let enough = 3
  /// Faces that are labelled, and that are encoded, in one picture: more wait for the next one, which bounds a picture's time.
  static let facesPerPicture = 4
  /// Seconds between chips of a track that has enough, and of one that is known.
  private static let chipPause = (unknown: 0.4, known: 1.0)
  /// A face this far from the others of its track, in dlib's space, is somebody else's, as is the second in a row.
  private static let strange = 0.65
  /// Answers in a row that change an identity.
  private static let challenges = 3
  /// How much likelier a held identity has to be for another track to take it over.
  private static let takeover = 0.05
  /// How many times the false-positive rate is allowed for an identity that is held already.
  private static let leniency = 10.0
  /// Faces that overlap more than this, as intersection over union, spoil each other's chips.
  private static let overlap = 0.05

  private let engine: Engine
  private let people: CurrentPeople
  private let options: Options
  private var tracks: [Track] = []
  private var nextTrack = 1
  private var lastSearch = Date.distantPast
  /// Time of the last picture.
  private var latest = Date.distantPast
  private var visits: Visits

  /// - Parameters:
  ///   - source: What the log calls the camera or film.
  public init(_ engine: Engine, _ people: CurrentPeople, source: Sighting.Source, options: Options = Options()) {
    self.engine = engine
    self.people = people
    self.options = options
    visits = Visits(source: source, cooldown: options.cooldown)
  }

  /// Looks at the next picture.
  ///
  /// - Parameter time: When it was taken. Where that is before the last picture, because a clock was set back, all tracks begin anew.
  public func look(at image: Image, time: Date) throws -> Moment {
    let known = people.current
    var seen: [(track: Track, look: Look)]
    var events: [Sighting] = []
    if time < latest {
      events += tracks.flatMap(end)
      (tracks, lastSearch) = ([], .distantPast)
    }
    latest = time
    if isSearchDue(at: time) {
      seen = try search(image, at: time)
      events += endTracks(at: time)
      try label(seen, in: image, at: time)
      try learn(&seen, from: image, at: time)
    } else {
      seen = try follow(in: image, at: time)
      try label(seen, in: image, at: time)
    }

    visits.forget(allBut: known.names)
    let visible = seen.map(\.track).sorted { $0.number < $1.number }
    for track in visible where track.identity.map({ known.names[$0.personID] == nil }) ?? false {
      track.identity = nil
      track.isUndecided = true
    }
    for track in visible where track.isUndecided { decide(track, among: visible, known.matcher) }
    for track in visible where isDecided(track, at: time) { events += visits.see(track) }
    events += visits.expire(at: time)
    return Moment(faces: visible.compactMap { face($0, known) }, events: events)
  }

  /// Ends all tracks and visits. Returns what belongs into the log.
  public func finish() -> [Sighting] {
    let events = tracks.flatMap(end)
    tracks = []
    return events + visits.close()
  }

  // MARK: Where faces are

  private func isSearchDue(at time: Date) -> Bool {
    // A picture a moment too early is in time.
    guard time.timeIntervalSince(lastSearch) < Self.searchPause - 0.005 else { return true }
    let boxes = tracks.filter { $0.missed == 0 }.map { Detection(box: $0.expected(at: time), score: $0.score).head }
    return boxes.indices.contains { index in boxes[..<index].contains { $0.overlap(boxes[index]) > Self.overlap } }
  }

  /// Where to look for faces.
  static func detection(in image: Image, minimumFace: Double?) -> Detector.Options {
    Detector.Options(minimumFace: minimumFace ?? Double(image.height) / 12, maximumPixels: .max)
  }

  /// Searches the picture for faces, and says whose tracks they continue.
  private func search(_ image: Image, at time: Date) throws -> [(track: Track, look: Look)] {
    lastSearch = time
    let engine = engine
    let detection = Self.detection(in: image, minimumFace: options.minimumFace)
    let looks = try engine.recognizer.detector.detect(in: image, options: detection).map(Look.init)
    Self.markOverlaps(looks)
    let association = try Association(tracks, looks, at: time) { try engine.encode($0, in: image) }

    var seen: [(track: Track, look: Look)] = []
    for track in tracks { track.missed += 1 }
    for (look, index) in zip(looks, association.trackOfLook) {
      if let index {
        tracks[index].move(to: look.detection, at: time)
        seen.append((tracks[index], look))
      } else if look.detection.score >= Detector.clearFace {
        seen.append((begin(look, at: time), look))
      }
    }
    for (track, look) in seen { track.landmarks = try engine.align(look, in: image) }
    return seen
  }

  /// Follows the faces of the picture before by their landmarks.
  private func follow(in image: Image, at time: Date) throws -> [(track: Track, look: Look)] {
    try tracks.filter { $0.missed == 0 }.map { track in
      let expected = track.expected(at: time)
      let landmarks = try engine.recognizer.aligner.landmarks(in: image, box: expected)
      let look = Look(Detection(box: track.place(of: landmarks, near: expected), score: track.score))
      track.move(to: look.detection, at: time)
      track.landmarks = landmarks
      look.landmarks = landmarks
      return (track, look)
    }
  }

  // MARK: Tracks

  private func begin(_ look: Look, at time: Date) -> Track {
    let track = Track(number: nextTrack, look.detection, at: time)
    nextTrack += 1
    tracks.append(track)
    return track
  }

  private func endTracks(at time: Date) -> [Sighting] {
    let over = tracks.filter { time.timeIntervalSince($0.lastSeen) > Self.patience }
    tracks.removeAll { track in over.contains { $0 === track } }
    return over.flatMap(end)
  }

  private func end(_ track: Track) -> [Sighting] {
    // Somebody who went by too quickly to be known was still there. Single pictures are more often no face at all.
    let wasThere = track.looks >= 5 && track.lastSeen.timeIntervalSince(track.begin) >= 0.3
    let seen = track.identity == nil && wasThere ? visits.see(track) : []
    return seen + visits.end(of: track)
  }

  /// Whether a track's identity, or that it has none, belongs into the log by now.
  private func isDecided(_ track: Track, at time: Date) -> Bool {
    track.identity != nil
      || (track.appearance.count >= Self.unknownChips
        && time.timeIntervalSince(track.begin) >= Self.unknownPatience)
  }

  private static func markOverlaps(_ looks: [Look]) {
    for (index, look) in looks.enumerated() {
      for other in looks[(index + 1)...] where look.detection.head.overlap(other.detection.head) > overlap {
        look.isOverlapped = true
        other.isOverlapped = true
      }
    }
  }

  // MARK: What faces show

  private func label(_ seen: [(track: Track, look: Look)], in image: Image, at time: Date) throws {
    let next = seen.sorted { $0.track.masks.looked < $1.track.masks.looked }.prefix(Self.facesPerPicture)
    try engine.classify(next.map(\.look), in: image)
    for (track, look) in seen {
      if let mask = look.mask { track.masks.add(mask, at: time) }
    }
  }

  /// Encodes the faces of which least is known, and adds them to their tracks. A face that is somebody else's begins a track of its own.
  private func learn(_ seen: inout [(track: Track, look: Look)], from image: Image, at time: Date) throws {
    let wanted = seen.indices.filter { wants(seen[$0].track, seen[$0].look, at: time) }.sorted {
      (seen[$0].track.appearance.count, seen[$0].track.lastEncoded)
        < (seen[$1].track.appearance.count, seen[$1].track.lastEncoded)
    }.prefix(Self.facesPerPicture)
    try engine.encode(wanted.map { seen[$0].look }, in: image)
    for index in wanted {
      var (track, look) = seen[index]
      track.lastEncoded = time
      guard !look.probes.isEmpty else { continue }
      if isStrange(look, for: track) {
        track.strangeLooks += 1
        guard track.strangeLooks >= 2 else { continue }
        // From here on it is lost sight of.
        track.missed += 1
        track = begin(look, at: time)
        if let mask = look.mask { track.masks.add(mask, at: time) }
        seen[index].track = track
      }
      track.strangeLooks = 0
      track.appearance.add(look.probes, weight: look.quality ?? 0)
      track.isUndecided = true
    }
  }

  private func wants(_ track: Track, _ look: Look, at time: Date) -> Bool {
    guard !look.isOverlapped else { return false }
    let count = track.appearance.count
    // A mask was put on or off: there is more to know.
    let method = track.masks.status.flatMap { ProbeEncoder.methods(for: $0).first }
    if count < Self.enough || method.map({ track.appearance[$0] < Self.enough }) ?? false { return true }
    let pause = track.identity == nil ? Self.chipPause.unknown : Self.chipPause.known
    return time.timeIntervalSince(track.lastEncoded) >= pause
  }

  private func isStrange(_ look: Look, for track: Track) -> Bool {
    let comparable = look.probes.filter { track.appearance[$0.method] >= 2 }
    guard let distance = track.appearance.distance(to: comparable) else { return false }
    return distance > Self.strange
  }

  // MARK: Whose they are

  private func decide(_ track: Track, among visible: [Track], _ matcher: Matcher) {
    guard track.appearance.count >= Self.enough else { return }
    track.isUndecided = false
    let probes = track.appearance.probes
    let others = visible.filter { $0 !== track && $0.identity != nil }
    let taken = Set(others.compactMap { $0.identity?.personID })

    guard let held = track.identity else {
      guard let first = Track.Identity(matcher.identify(probes)) else { return }
      guard let holder = others.first(where: { $0.identity?.personID == first.personID }) else {
        return take(first, track)
      }
      // Two faces of one picture are two people: the likelier one it is.
      if let weaker = holder.identity, first.confidence > weaker.confidence + Self.takeover {
        (holder.identity, holder.isUndecided) = (nil, true)
        take(first, track)
      } else if let second = Track.Identity(matcher.identify(probes, excluding: taken)) {
        take(second, track)
      }
      return
    }
    let answer = Track.Identity(matcher.identify(probes, excluding: taken))
    if let answer, answer.personID == held.personID {
      (track.identity, track.challenges) = (answer, 0)
      return
    }
    // Nobody is sure enough to be named anew, but the name that is held may still be right.
    if answer == nil,
      let lenient = Track.Identity(matcher.identify(probes, excluding: taken, leniency: Self.leniency)),
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
  private func take(_ identity: Track.Identity, _ track: Track) {
    tracks.removeAll { $0 !== track && $0.missed > 0 && $0.identity?.personID == identity.personID }
    (track.identity, track.challenges) = (identity, 0)
  }

  private func face(_ track: Track, _ known: KnownPeople) -> LiveFace? {
    guard let mask = track.masks.status else { return nil }
    let person = track.identity.map {
      known.person($0.personID, confidence: $0.confidence, method: $0.method)
    }
    return LiveFace(
      track: track.number,
      found: FaceReport.Found(
        box: Detection(box: track.box, score: track.score).head, score: track.score, mask: mask, status: track.status,
        person: person))
  }
}

extension Track.Identity {
  /// Nil for nobody.
  fileprivate init?(_ identity: Identity) {
    guard case .known(let personID, let confidence, let method) = identity else { return nil }
    self.init(personID: personID, confidence: confidence, method: method)
  }
}
