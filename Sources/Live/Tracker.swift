public import Faces
public import Foundation
import Recognize
public import Store
import Values
public import Vision

/// Watches what one camera shows, picture by picture: follows faces, decides whose they are, and says what of that
/// belongs into the log.
///
/// Ten times a second a picture is searched for faces; in those between, the faces that are known already are followed
/// by their landmarks, which costs next to nothing. A face is encoded until its track knows enough, and then now and
/// then. Not safe from several threads at once.
public final class Tracker {
  /// How a tracker works.
  public struct Options: Sendable {
    /// Find faces from this width on, in pixels; nil for a twelfth of the picture's height, so that all pictures cost
    /// alike.
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
  static let enough = 3
  /// Faces that are labelled, and that are encoded, in one picture: more wait for the next one, which bounds a
  /// picture's time.
  static let facesPerPicture = 4
  /// Seconds between chips of a track that has enough, and of one that is known.
  private static let chipPause = (unknown: 0.4, known: 1.0)
  /// A face this far from the others of its track, in dlib's space, is somebody else's, as is the second in a row.
  private static let strange = 0.65
  /// Faces that overlap more than this, as intersection over union, spoil each other's chips.
  private static let overlap = 0.05

  private let engine: FaceEngine
  private let roster: SharedRoster
  private let options: Options
  var tracks: [Track] = []
  private var nextTrack = 1
  private var lastSearch = Date.distantPast
  /// Time of the last picture.
  private var latest = Date.distantPast
  private var visits: Visits

  /// - Parameters:
  ///   - source: What the log calls the camera or film.
  public init(_ engine: FaceEngine, _ roster: SharedRoster, source: Event.Source, options: Options = Options()) {
    self.engine = engine
    self.roster = roster
    self.options = options
    visits = Visits(source: source, cooldown: options.cooldown)
  }

  /// Looks at the next picture.
  ///
  /// - Parameter time: When it was taken. Where that is before the last picture, because a clock was set back, all
  ///   tracks begin anew.
  /// - Returns: the faces in the order of their tracks, and what belongs into the log.
  public func look(at image: Image, time: Date) throws -> (faces: [TrackedFace], events: [TrackedEvent]) {
    let known = roster.current
    var seen: [(track: Track, sample: FaceSample)]
    var events: [TrackedEvent] = []
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

    visits.dropVisits(ofAllBut: known.names)
    let visible = seen.map(\.track).sorted { $0.number < $1.number }
    for track in visible where track.identity.map({ known.names[$0.personID] == nil }) ?? false {
      track.identity = nil
      track.isUndecided = true
    }
    for track in visible where track.isUndecided { decide(track, among: visible, known.matcher) }
    for track in visible where isDecided(track, at: time) { events += visits.update(track) }
    events += visits.expire(at: time)
    return (visible.compactMap { face($0, known) }, events)
  }

  /// Ends all tracks and visits. Returns what belongs into the log.
  public func finish() -> [TrackedEvent] {
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

  /// Where to sample for faces.
  static func detection(in image: Image, minimumFace: Double?) -> Detector.Options {
    Detector.Options(minimumFace: minimumFace ?? Double(image.height) / 12, maximumPixels: .max)
  }

  /// Searches the picture for faces, and says whose tracks they continue.
  private func search(_ image: Image, at time: Date) throws -> [(track: Track, sample: FaceSample)] {
    lastSearch = time
    let engine = engine
    let detection = Self.detection(in: image, minimumFace: options.minimumFace)
    let samples = try engine.recognizer.detector.detect(in: image, options: detection).map(FaceSample.init)
    Self.markOverlaps(samples)
    let association = try Association(tracks, samples, at: time) { try engine.encode($0, in: image) }

    var seen: [(track: Track, sample: FaceSample)] = []
    for track in tracks { track.missed += 1 }
    for (sample, index) in zip(samples, association.trackOfSample) {
      if let index {
        tracks[index].move(to: sample.detection, at: time)
        seen.append((tracks[index], sample))
      } else if sample.detection.score >= Detector.clearFace {
        seen.append((begin(sample, at: time), sample))
      }
    }
    for (track, sample) in seen { track.landmarks = try engine.align(sample, in: image) }
    return seen
  }

  /// Follows the faces of the picture before by their landmarks.
  private func follow(in image: Image, at time: Date) throws -> [(track: Track, sample: FaceSample)] {
    try tracks.filter { $0.missed == 0 }.map { track in
      let expected = track.expected(at: time)
      let landmarks = try engine.recognizer.aligner.landmarks(in: image, box: expected)
      let sample = FaceSample(Detection(box: track.place(of: landmarks, near: expected), score: track.score))
      track.move(to: sample.detection, at: time)
      track.landmarks = landmarks
      sample.landmarks = landmarks
      return (track, sample)
    }
  }

  // MARK: Tracks

  private func begin(_ sample: FaceSample, at time: Date) -> Track {
    let track = Track(number: nextTrack, sample.detection, at: time)
    nextTrack += 1
    tracks.append(track)
    return track
  }

  private func endTracks(at time: Date) -> [TrackedEvent] {
    let over = tracks.filter { time.timeIntervalSince($0.lastSeen) > Self.patience }
    tracks.removeAll { track in over.contains { $0 === track } }
    return over.flatMap(end)
  }

  private func end(_ track: Track) -> [TrackedEvent] {
    // Somebody who went by too quickly to be known was still there. Single pictures are more often no face at all.
    let wasThere = track.samples >= 5 && track.lastSeen.timeIntervalSince(track.begin) >= 0.3
    let seen = track.identity == nil && wasThere ? visits.update(track) : []
    return seen + visits.end(of: track)
  }

  /// Whether a track's identity, or that it has none, belongs into the log by now.
  private func isDecided(_ track: Track, at time: Date) -> Bool {
    track.identity != nil
      || (track.appearance.count >= Self.unknownChips
        && time.timeIntervalSince(track.begin) >= Self.unknownPatience)
  }

  private static func markOverlaps(_ samples: [FaceSample]) {
    for (index, sample) in samples.enumerated() {
      for other in samples[(index + 1)...] where sample.detection.head.overlap(other.detection.head) > overlap {
        sample.isOverlapped = true
        other.isOverlapped = true
      }
    }
  }

  // MARK: What faces show

  private func label(_ seen: [(track: Track, sample: FaceSample)], in image: Image, at time: Date) throws {
    let next = seen.sorted { $0.track.masks.looked < $1.track.masks.looked }.prefix(Self.facesPerPicture)
    try engine.classify(next.map(\.sample), in: image)
    for (track, sample) in seen {
      if let mask = sample.mask { track.masks.add(mask, at: time) }
    }
  }

  /// Encodes the faces of which least is known, and adds them to their tracks. A face that is somebody else's begins a
  /// track of its own.
  private func learn(_ seen: inout [(track: Track, sample: FaceSample)], from image: Image, at time: Date) throws {
    let wanted = seen.indices.filter { wants(seen[$0].track, seen[$0].sample, at: time) }.sorted {
      (seen[$0].track.appearance.count, seen[$0].track.lastEncoded)
        < (seen[$1].track.appearance.count, seen[$1].track.lastEncoded)
    }.prefix(Self.facesPerPicture)
    try engine.encode(wanted.map { seen[$0].sample }, in: image)
    for index in wanted {
      var (track, sample) = seen[index]
      track.lastEncoded = time
      guard !sample.probes.isEmpty else { continue }
      if isStrange(sample, for: track) {
        track.strangeLooks += 1
        guard track.strangeLooks >= 2 else { continue }
        // From here on it is lost sight of.
        track.missed += 1
        track = begin(sample, at: time)
        if let mask = sample.mask { track.masks.add(mask, at: time) }
        seen[index].track = track
      }
      track.strangeLooks = 0
      track.appearance.add(sample.probes, weight: sample.quality ?? 0)
      track.isUndecided = true
    }
  }

  private func wants(_ track: Track, _ sample: FaceSample, at time: Date) -> Bool {
    guard !sample.isOverlapped else { return false }
    let count = track.appearance.count
    // A mask was put on or off: there is more to know.
    let method = track.masks.status.flatMap { ProbeEncoder.methods(for: $0.label).first }
    if count < Self.enough || method.map({ track.appearance[$0] < Self.enough }) ?? false { return true }
    let pause = track.identity == nil ? Self.chipPause.unknown : Self.chipPause.known
    return time.timeIntervalSince(track.lastEncoded) >= pause
  }

  private func isStrange(_ sample: FaceSample, for track: Track) -> Bool {
    let comparable = sample.probes.filter { track.appearance[$0.method] >= 2 }
    guard let distance = track.appearance.distance(to: comparable) else { return false }
    return distance > Self.strange
  }

  private func face(_ track: Track, _ known: Roster) -> TrackedFace? {
    guard let mask = track.masks.status else { return nil }
    return TrackedFace(
      track: track.number,
      face: IdentifiedFace(
        box: track.head, score: track.score, mask: mask, status: track.status, identification: track.identity,
        name: track.identity.flatMap { known.names[$0.personID] }))
  }
}
