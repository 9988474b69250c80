import Foundation

extension Scene {
  /// A film of one person, 20 seconds long, with faces of 62 to 190 pixels.
  ///
  /// The person comes from the door, puts a mask on, takes it off, puts one on again, and leaves. The masks are the
  /// actor's covers, the first one first.
  package static func door(_ actor: Actor, light: Light = .even, seed: UInt64 = 0) -> Scene {
    let (width, height) = (1280, 720)
    var walk = Walk(from: Keyframe(time: 0.5, x: 0.5, y: 0.30, size: 62), height: height, seed: seed)
    walk.go(x: 0.47, y: 0.47, size: 190, until: 5)
    walk.stand(until: 15)
    walk.go(x: 0.56, y: 0.44, size: 160, until: 16)
    walk.go(x: 1.2, y: 0.42, size: 130, until: 19)
    var covers: [(from: Double, cover: Cover)] = []
    if let first = actor.covers.first, let second = actor.covers.dropFirst().first ?? actor.covers.first {
      covers = [(7, first), (10, .bare), (13, second)]
    }
    let role = Role(actor: actor, path: walk.path, covers: covers)
    return Scene(width: width, height: height, duration: 20, roles: [role], light: light, seed: seed)
  }

  /// A film of several people, who come, stand, change places and leave at different times.
  ///
  /// When two people change places, one passes in front of the other. Some people leave and come back. Two of three
  /// wear their covers for a part of the time.
  ///
  /// People stand in rows, the front rows lower in the picture. Up to six people have a row for every two; more people
  /// have a row for every four. Five people fit with faces up to 200 pixels, twelve with faces up to 110.
  ///
  /// - Parameters:
  ///   - actors: The people, from the back to the front.
  ///   - duration: Seconds; at least 16.
  ///   - sizes: The width of the smallest and the largest face, in pixels; nil for 60 to 200 with up to six people, and
  ///     60 to 110 with more.
  ///   - light: The light.
  ///   - seed: The seed of the times at which people move.
  package static func crowd(
    _ actors: [Actor], duration: Double = 24, sizes: ClosedRange<Double>? = nil, light: Light = .even, seed: UInt64 = 0
  ) -> Scene {
    let (width, height) = (1280, 720)
    let sizes = sizes ?? (actors.count > 6 ? 60...110 : 60...200)
    let pairs = (actors.count + 1) / 2
    let perRow = actors.count > 6 ? 2 : 1
    let rows = Row.all((pairs + perRow - 1) / perRow, sizes: sizes, height: Double(height))
    var random = Randomness(seed: seed)
    var roles: [Role] = []
    for pair in 0..<pairs {
      let row = rows[pair / perRow]
      let lane = Lane(number: pair % perRow, of: perRow, row: pair / perRow)
      let members = actors[(2 * pair)..<min(2 * pair + 2, actors.count)]
      // Pairs change places one after the other, in the middle of the film.
      let crossing = duration * (0.35 + 0.25 * Double(pair) / Double(max(1, pairs))) + random.number(in: -0.5...0.5)
      for (member, actor) in members.enumerated() {
        let isFront = member == 1
        let size = isFront ? row.size * Row.nearer : row.size
        let y = row.y + (isFront ? 0.1 * size / Double(height) : 0)
        let places = isFront ? [lane.right, lane.left] : [lane.left, lane.right]
        let arrival = 0.2 + 3.5 * Double(pair) / Double(max(1, pairs)) + (isFront ? 0.8 : 0)
        let departure = duration - 1.5 - random.number(in: 0...3)
        func edge(_ x: Double) -> Double { x < 0.5 ? -0.15 : 1.15 }
        var walk = Walk(
          from: Keyframe(time: arrival, x: edge(places[0]), y: y, size: size), height: height,
          seed: seed &+ UInt64(roles.count + 1) &* 7919)
        walk.go(x: places[0], y: y, size: size, until: arrival + 2.2)
        if members.count == 2 {
          walk.stand(until: crossing)
          walk.go(x: places[1], y: y, size: size, until: crossing + 3)
        }
        let covers = schedule(actor, number: roles.count, duration: duration)
        // The second person of the first pair leaves and comes back.
        if isFront, pair == 0 {
          walk.stand(until: crossing + 3.5)
          walk.go(x: edge(places[1]), y: y, size: size, until: crossing + 5.5)
          roles.append(Role(actor: actor, path: walk.path, covers: covers))
          walk = Walk(
            from: Keyframe(time: crossing + 7.5, x: edge(places[1]), y: y, size: size), height: height,
            seed: seed &+ 104_729)
          walk.go(x: places[1], y: y, size: size, until: crossing + 9)
        }
        let last = members.count == 2 ? places[1] : places[0]
        walk.stand(until: departure)
        walk.go(x: edge(last), y: y, size: size, until: departure + 1.5)
        roles.append(Role(actor: actor, path: walk.path, covers: covers))
      }
    }
    return Scene(width: width, height: height, duration: duration, roles: roles, light: light, seed: seed)
  }

  /// Of three people, one puts a cover on and takes it off, one comes with a cover, and one is bare.
  private static func schedule(_ actor: Actor, number: Int, duration: Double) -> [(from: Double, cover: Cover)] {
    guard let first = actor.covers.first, let last = actor.covers.last else { return [] }
    return switch number % 3 {
    case 0: [(duration * 0.3, first), (duration * 0.7, .bare)]
    case 1: [(0, first), (duration * 0.45, .bare), (duration * 0.75, last)]
    default: []
    }
  }
}

/// People at the same distance from the camera.
private struct Row {
  /// The width of the smaller faces, in pixels.
  let size: Double
  /// The height of their middles as a share of the picture's height.
  let y: Double

  /// The factor by which the front faces are larger.
  static let nearer = 1.2

  /// All rows from back to front. Each row is lower by the height of its heads, so that it does not hide the faces
  /// behind it.
  static func all(_ count: Int, sizes: ClosedRange<Double>, height: Double) -> [Row] {
    var rows: [Row] = []
    var y = 0.0
    for number in 0..<count {
      let share = count > 1 ? Double(number) / Double(count - 1) : 1
      let size = sizes.lowerBound * pow(sizes.upperBound / nearer / sizes.lowerBound, share)
      y += 0.95 * nearer * size + (rows.last.map { 0.7 * $0.size } ?? 20)
      rows.append(Row(size: size, y: y / height))
    }
    return rows
  }
}

/// The places of the two people of a pair, as shares of the picture's width.
private struct Lane {
  let left: Double
  let right: Double

  /// Rows are shifted against each other, so that people see past those in front.
  init(number: Int, of count: Int, row: Int) {
    let width = 1 / Double(count)
    let shift = (row.isMultiple(of: 2) ? -0.12 : 0.12) * width / 2
    left = (Double(number) + 0.27) * width + shift
    right = (Double(number) + 0.73) * width + shift
  }
}
