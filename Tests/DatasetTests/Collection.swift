import Dataset
import Foundation
import Store
import TestResources
import Vision

/// A folder of rendered pictures and a store for one test.
struct Collection {
  let folder: TemporaryFolder
  let store: Store

  init() throws {
    folder = try TemporaryFolder()
    store = try Store.open(.embedded(dataFolder: folder.url.appendingPathComponent("data")))
  }

  func path(_ name: String) -> String { folder.url.appendingPathComponent(name).path }

  /// Another empty store.
  func another(_ name: String) throws -> Store {
    try Store.open(.embedded(dataFolder: folder.url.appendingPathComponent(name)))
  }

  /// A picture that looks like no other number's: smooth hills and valleys.
  static func picture(_ number: UInt64, side: Int = 96) throws -> Image {
    var generator = SeededGenerator(seed: number)
    let waves = (0..<12).map { _ in
      (
        x: Double.random(in: 0...4, using: &generator), y: Double.random(in: 0...4, using: &generator),
        phase: Double.random(in: 0...6, using: &generator)
      )
    }
    var rgb: [UInt8] = []
    for y in 0..<side {
      for x in 0..<side {
        let level = waves.reduce(0) {
          $0 + sin(($1.x * Double(x) + $1.y * Double(y)) * 6.28 / Double(side) + $1.phase)
        }
        rgb += [UInt8](repeating: UInt8(min(255, max(0, 128 + level * 18))), count: 3)
      }
    }
    return try Image(rgb: rgb, width: side, height: side)
  }

  static func mirrored(_ image: Image) throws -> Image {
    let width = image.width
    var rgb: [UInt8] = []
    image.withPixels { pixels in
      for y in 0..<image.height {
        for x in (0..<width).reversed() {
          let start = (y * width + x) * 3
          rgb += pixels[start..<(start + 3)]
        }
      }
    }
    return try Image(rgb: rgb, width: width, height: image.height)
  }

  @discardableResult
  func write(_ image: Image, to name: String, quality: Int = 95) throws -> URL {
    try folder.write(image.encoded(as: name.hasSuffix("png") ? .png : .jpeg, quality: quality), to: name)
  }

  func write(list: String, to name: String) throws {
    try folder.write(Data(list.utf8), to: name + "/labels.csv")
  }

  @discardableResult
  func load(
    _ name: String, consent: String? = "agreed", source: String? = nil, share: Double = 0.1, seed: Int = 1
  ) throws -> ImportReport {
    try DatasetImporter(store: store, options: .init(validationShare: share, seed: seed))
      .run(ImportPlan(folder: path(name), source: source, consent: consent))
  }

  /// All photos, in the order of their files' names.
  func photos(_ other: Store? = nil) throws -> [TrainingPhoto] {
    var photos: [TrainingPhoto] = []
    try (other ?? store).forEachTrainingPhoto { photos.append($0) }
    return photos.sorted { $0.file < $1.file }
  }
}
