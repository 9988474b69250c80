/// The place of a face at one time.
package struct Keyframe: Sendable {
  /// Seconds from the film's beginning.
  package var time: Double
  /// The middle of the face as a share of the picture's width. Below 0 and above 1 it is outside the picture.
  package var x: Double
  /// The middle of the face as a share of the picture's height.
  package var y: Double
  /// The width of the face's box in pixels.
  package var size: Double
  /// The tilt of the head in degrees, clockwise as the camera sees it.
  package var roll: Double

  /// Creates a keyframe.
  package init(time: Double, x: Double, y: Double, size: Double, roll: Double = 0) {
    (self.time, self.x, self.y, self.size, self.roll) = (time, x, y, size, roll)
  }
}

/// The part of an actor in a film. An actor who comes several times has several roles.
package struct Role: Sendable {
  /// The actor who plays the role.
  package var actor: Actor
  /// The path of the face, in the order of time. The actor is on stage from the first keyframe to the last.
  ///
  /// The path between keyframes is smooth, and every value stays between those of the two neighbours.
  package var path: [Keyframe]
  /// The covers, each with the second from which on it is worn, in the order of time. Before the first the face is
  /// bare.
  package var covers: [(from: Double, cover: Cover)]

  /// Creates a role.
  package init(actor: Actor, path: [Keyframe], covers: [(from: Double, cover: Cover)] = []) {
    (self.actor, self.path, self.covers) = (actor, path, covers)
  }

  /// The cover that the actor wears at a time.
  package func cover(at time: Double) -> Cover { covers.last { $0.from <= time }?.cover ?? .bare }

  /// The place of the face at a time; nil if the actor is not on stage.
  package func place(at time: Double) -> Keyframe? {
    guard let first = path.first, let last = path.last, time >= first.time, time <= last.time else { return nil }
    guard let next = path.firstIndex(where: { $0.time > time }) else { return last }
    func value(_ field: KeyPath<Keyframe, Double>) -> Double {
      interpolated(at: time, before: next - 1) { path[$0][keyPath: field] }
    }
    return Keyframe(time: time, x: value(\.x), y: value(\.y), size: value(\.size), roll: value(\.roll))
  }

  /// Monotone cubic interpolation (Fritsch and Carlson). It is smooth and does not overshoot, so that a standing person
  /// stays in place.
  private func interpolated(at time: Double, before index: Int, _ value: (Int) -> Double) -> Double {
    func slope(_ from: Int) -> Double {
      (value(from + 1) - value(from)) / max(1e-9, path[from + 1].time - path[from].time)
    }
    func tangent(_ at: Int) -> Double {
      guard at > 0, at < path.count - 1 else { return 0 }
      let (before, after) = (slope(at - 1), slope(at))
      return before * after > 0 ? 2 * before * after / (before + after) : 0
    }
    let length = max(1e-9, path[index + 1].time - path[index].time)
    let t = (time - path[index].time) / length
    let (square, cube) = (t * t, t * t * t)
    return value(index) * (2 * cube - 3 * square + 1) + value(index + 1) * (3 * square - 2 * cube)
      + length * (tangent(index) * (cube - 2 * square + t) + tangent(index + 1) * (cube - square))
  }
}
