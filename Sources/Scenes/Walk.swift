import Foundation

/// Records a path with the movements of people: they bob when they walk and sway when they stand.
struct Walk {
  private(set) var path: [Keyframe]
  /// The place of the person without bobbing and swaying.
  private var here: Keyframe
  private let height: Double
  private var random: Randomness

  init(from start: Keyframe, height: Int, seed: UInt64) {
    (path, here, self.height, random) = ([start], start, Double(height), Randomness(seed: seed))
  }

  mutating func stand(until time: Double) {
    while here.time < time {
      here.time = min(time, here.time + random.number(in: 0.9...1.7))
      var swayed = here
      swayed.x += random.number(in: -0.012...0.012) * here.size / height
      swayed.y += random.number(in: -0.015...0.015) * here.size / height
      swayed.size *= random.number(in: 0.99...1.01)
      swayed.roll = random.number(in: -4...4)
      path.append(swayed)
    }
  }

  mutating func go(x: Double, y: Double, size: Double, until time: Double) {
    let start = here
    let steps = max(2, Int(((time - start.time) / 0.3).rounded()))
    for step in 1...steps {
      let t = Double(step) / Double(steps)
      // People start and stop gradually.
      let done = t * t * (3 - 2 * t)
      here = Keyframe(
        time: start.time + t * (time - start.time), x: start.x + done * (x - start.x),
        y: start.y + done * (y - start.y),
        size: start.size * pow(size / start.size, done))
      var bobbed = here
      let side = step == steps ? 0 : step.isMultiple(of: 2) ? 1.0 : -1.0
      bobbed.y += side * 0.025 * here.size / height
      bobbed.roll = side * random.number(in: 0.5...2)
      path.append(bobbed)
    }
  }
}

/// A generator of pseudo-random numbers, the same in every run.
struct Randomness {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func number(in range: ClosedRange<Double>) -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    return range.lowerBound + Double(z >> 11) / Double(1 << 53) * (range.upperBound - range.lowerBound)
  }
}
