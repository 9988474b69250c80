public import Faces
public import Foundation
import Recognize
public import Store
import Values
public import Vision

/// A tracker, which follows and recognises the faces of one camera and returns the events for the log.
///
/// ```swift
/// let tracker = Tracker(engine, roster, source: .camera("entrance"))
/// let (faces, events) = try tracker.look(at: image, time: Date())
/// ```
///
/// It processes picture by picture. Ten times a second it detects faces in a picture. In the pictures between, it
/// follows the known faces by their landmarks, which costs very little. It encodes a face until the track has enough
/// chips, and then from time to time. A tracker is not safe to use from several threads at once.
public final class Tracker {
  /// The settings of a tracker.
  public struct Options: Sendable {
    /// The width of the smallest face to detect, in pixels. With nil it is a twelfth of the picture's height, so that
    /// all pictures cost the same.
    public var minimumFace: Double?
    /// The gap after which a known person who comes back begins another visit, in seconds; 0 or more.
    public var cooldown: TimeInterval = 120
    /// Whether tracks teach how people look behind their masks; see `learnt`.
    public var learns = false

    /// The defaults.
    public init() {}
  }

  /// The time from one detection to the next, in seconds. While faces overlap, every picture is searched for faces.
  private static let searchPause = 0.1
  /// A track ends when its face was not seen for this long, in seconds.
  static let patience = 2.0
  /// The number of encoded chips, and the seconds, after which an unknown face is logged as unknown. Both must be
  /// reached.
  private static let unknownChips = 5
  private static let unknownPatience = 20.0
  /// The number of encoded chips before the gallery is searched for a face.
  static let enough = 3
  /// The maximum number of faces that are classified, and that are encoded, in one picture. Other faces wait for the
  /// next picture. This bounds the time for a picture.
  static let facesPerPicture = 4
  /// The seconds between chips of a track that has enough: for an unknown and for a known face.
  private static let chipPause = (unknown: 0.4, known: 1.0)
  /// A face at this distance from the others of its track, in dlib's space, does not fit the track. The second such
  /// face in a row is another person's.
  private static let strange = 0.65
  /// Faces with a larger intersection over union than this spoil each other's chips.
  private static let overlap = 0.05

  private let engine: FaceEngine
  private let roster: SharedRoster
  private let options: Options
  var tracks: [Track] = []
  private var nextTrack = 1
  private var lastSearch = Date.distantPast
  /// The time of the last picture.
  private var latest = Date.distantPast
  private var visits: Visits
  /// What the last picture has taught about people behind their masks; empty unless the options ask for it.
  public private(set) var learnt: [LearntLook] = []

  /// Creates a tracker.
  ///
  /// - Parameters:
  ///   - source: The name of the camera or film in the log.
  public init(_ engine: FaceEngine, _ roster: SharedRoster, source: Event.Source, options: Options = Options()) {
    self.engine = engine
    self.roster = roster
    self.options = options
    visits = Visits(source: source, cooldown: options.cooldown)
  }

  /// Processes the next picture.
  ///
  /// - Parameter time: When the picture was taken. If that is before the last picture, because a clock was set back,
  ///   all tracks begin again.
  /// - Returns: The faces in the order of their tracks, and the events for the log.
  public func look(at image: Image, time: Date) throws -> (faces: [TrackedFace], events: [TrackedEvent]) {
    let known = roster.current
    var seen: [(track: Track, sample: FaceSample)]
    var events: [TrackedEvent] = []
    if time < latest {
      // What is open ends by the clock that it began with.
      events += finish()
      (tracks, lastSearch) = ([], .distantPast)
    }
    latest = time
    if isSearchDue(at: time) {
      seen = try search(image, at: time)
      events += endTracks(at: time)
      try label(seen, in: image, at: time)
      try encode(&seen, from: image, at: time)
    } else {
      seen = try follow(in: image, at: time)
      try label(seen, in: image, at: time)
    }

    visits.dropVisits(ofAllBut: known.names)
    let visible = seen.map(\.track).sorted { $0.number < $1.number }
    for track in visible where track.identity.map({ known.names[$0.personID] == nil }) ?? false {
      track.loseIdentity()
    }
    for track in visible where track.isUndecided { decide(track, among: visible, known.matcher) }
    learnt = options.learns ? visible.compactMap { look(of: $0, known.matcher) } : []
    for track in visible where isDecided(track, at: time) { events += visits.update(track) }
    events += visits.expire(at: time)
    return (visible.compactMap { face($0, known) }, events)
  }

  /// The events that would end the open visits now.
  public var open: [TrackedEvent] { visits.open }

  /// Ends all tracks and visits. Returns the events for the log.
  public func finish() -> [TrackedEvent] {
    let events = tracks.flatMap(end)
    tracks = []
    return events + visits.close()
  }

  // MARK: Where faces are

  private func isSearchDue(at time: Date) -> Bool {
    // A picture that comes a moment early is accepted.
    guard time.timeIntervalSince(lastSearch) < Self.searchPause - 0.005 else { return true }
    let boxes = tracks.filter { $0.missed == 0 }.map { Detection(box: $0.expected(at: time), score: $0.score).head }
    return boxes.indices.contains { index in boxes[..<index].contains { $0.overlap(boxes[index]) > Self.overlap } }
  }

  /// The options for detecting faces in a camera's picture.
  static func detection(in image: Image, minimumFace: Double?) -> Detector.Options {
    Detector.Options(minimumFace: minimumFace ?? Double(image.height) / 12, maximumPixels: .max)
  }

  /// Detects the faces of a picture and assigns them to tracks.
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

  /// Follows the faces of the previous picture by their landmarks.
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
    // A person who passed too quickly to be recognised is logged too. A track of a few pictures is more often not a
    // face.
    let wasThere = track.samples >= 5 && track.lastSeen.timeIntervalSince(track.begin) >= 0.3
    let seen = track.identity == nil && wasThere ? visits.update(track) : []
    return seen + visits.end(of: track)
  }

  /// Whether a track is ready for the log, with its identity or as unknown.
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

  /// Encodes the faces with the fewest chips and adds them to their tracks. A face of another person begins its own
  /// track.
  private func encode(_ seen: inout [(track: Track, sample: FaceSample)], from image: Image, at time: Date) throws {
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
        // From here on, the old track is without its face.
        track.missed += 1
        track = begin(sample, at: time)
        if let mask = sample.mask { track.masks.add(mask, at: time) }
        seen[index].track = track
      }
      track.strangeLooks = 0
      track.appearance.add(sample.probes, weight: sample.quality ?? 0)
      track.budget.add(sample.probes.map(\.method))
      track.isUndecided = true
    }
  }

  private func wants(_ track: Track, _ sample: FaceSample, at time: Date) -> Bool {
    guard !sample.isOverlapped else { return false }
    let count = track.appearance.count
    // After a mask is put on or taken off, the face is encoded by another method, and its track needs more chips.
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
        names: known.names))
  }
}
