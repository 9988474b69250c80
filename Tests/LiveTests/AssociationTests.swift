import Foundation
import Recognize
import Testing
import Values

@testable import Live

/// Faces as dots in the space: the persons are far apart, the looks of one lie close together.
private func embedding(of person: Int, look: Int = 0) -> Embedding {
  var values = [Float](repeating: 0, count: Embedding.count)
  values[person] = 1
  values[100 + look % 20] = 0.1
  guard let embedding = Embedding(values) else { preconditionFailure("these are 128 finite numbers") }
  return embedding
}

private let start = Date(timeIntervalSince1970: 1_800_000_000)

private func detection(x: Double, y: Double = 100, size: Double = 100) -> Detection {
  Detection(box: Rect(x: x, y: y, width: size, height: size), score: 0.9)
}

private func track(_ number: Int, x: Double, person: Int, speed: Double = 0, at time: Date = start) -> Track {
  let track = Track(number: number, detection(x: x - speed * 0.2), at: time - 0.2)
  for step in 1...5 {
    track.move(to: detection(x: x - speed * 0.2 + speed * Double(step) * 0.04), at: time - 0.2 + Double(step) * 0.04)
  }
  for look in 0..<3 {
    track.appearance.add([Probe(embedding: embedding(of: person, look: look), method: .face)], weight: 1)
  }
  return track
}

/// Which track each of the faces at `places` is, and for how many faces looks were asked for.
private func associate(
  _ tracks: [Track], _ places: [(x: Double, person: Int)], after seconds: Double = 0.04
) -> (tracks: [Int?], encoded: Int) {
  let looks = places.map { FaceSample(detection(x: $0.x)) }
  var encoded = 0
  let association = Association(tracks, looks, at: start + seconds) { asked in
    encoded += asked.count
    for (look, place) in zip(looks, places) where asked.contains(where: { $0 === look }) {
      look.probes = [Probe(embedding: embedding(of: place.person, look: 7), method: .face)]
    }
  }
  return (association.trackOfSample.map { $0.map { tracks[$0].number } }, encoded)
}

@Suite("Which track a face continues")
struct AssociationTests {
  @Test("faces apart are told by their places, which costs nothing")
  func apart() {
    let result = associate(
      [track(1, x: 100, person: 1), track(2, x: 500, person: 2)], [(x: 505, person: 2), (x: 102, person: 1)])
    #expect(result.tracks == [2, 1])
    #expect(result.encoded == 0)
  }

  @Test("a face out of reach is a new one")
  func new() {
    #expect(associate([track(1, x: 100, person: 1)], [(x: 400, person: 1)]).tracks == [nil])
  }

  @Test("faces that cross keep their tracks, whichever is nearer to the other's place")
  func crossing() {
    let tracks = [track(1, x: 300, person: 1, speed: 300), track(2, x: 330, person: 2, speed: -300)]
    #expect(associate(tracks, [(x: 310, person: 1), (x: 322, person: 2)]).tracks == [1, 2])
    #expect(associate(tracks, [(x: 310, person: 2), (x: 322, person: 1)]).tracks == [2, 1])
  }

  @Test("the one who walks in front takes the place, the one behind is lost sight of")
  func hidden() {
    let tracks = [track(1, x: 300, person: 1), track(2, x: 310, person: 2)]
    #expect(associate(tracks, [(x: 306, person: 2)]).tracks == [2])
    #expect(associate(tracks, [(x: 306, person: 1)]).tracks == [1])
  }

  @Test("somebody who was hidden for a second goes on, somebody else who stands there does not")
  func back() {
    let lost = track(1, x: 300, person: 1)
    lost.missed = 25
    #expect(associate([lost], [(x: 380, person: 1)], after: 1).tracks == [1])
    #expect(associate([lost], [(x: 300, person: 2)], after: 1).tracks == [nil])
  }

  @Test("a face that was just begun to be followed, and never encoded, is followed by its place")
  func unseen() {
    let young = Track(number: 1, detection(x: 100), at: start)
    let other = Track(number: 2, detection(x: 160), at: start)
    #expect(associate([young, other], [(x: 103, person: 1), (x: 158, person: 2)]).tracks == [1, 2])
  }
}
