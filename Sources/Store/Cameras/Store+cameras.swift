import Foundation

extension Store {
  /// Stores a camera.
  ///
  /// - Returns: Whether it was stored; false if the name is taken.
  public func insert(_ camera: CameraSetting) throws -> Bool {
    try Rules.check(camera)
    var mayBeOurs = false
    return try perform("Keeping a camera") { client in
      defer { mayBeOurs = true }
      let reply = try client.write(
        ["insert": .string(StoreSchema.cameras), "documents": [camera.bson]], tolerating: [ServerCode.duplicateKey])
      if reply["n"]?.integer == 1 { return true }
      guard mayBeOurs, case .document(let document) = camera.bson else { return false }
      return try !client.ids(of: StoreSchema.cameras, document, limit: 1).isEmpty
    }
  }

  /// All stored cameras, ordered by name.
  public func cameras() throws -> [CameraSetting] {
    try perform("Reading cameras") { client in
      var cameras: [CameraSetting] = []
      try client.find(StoreSchema.cameras, [:], options: ["sort": ["_id": 1]]) {
        cameras.append(try CameraSetting(Fields($0, of: StoreSchema.cameras)))
      }
      return cameras
    }
  }

  /// Removes a camera.
  ///
  /// - Returns: Whether the camera existed.
  public func removeCamera(named name: String) throws -> Bool {
    try perform("Removing a camera") { try $0.remove([name], from: StoreSchema.cameras) == 1 }
  }
}

extension CameraSetting {
  fileprivate var bson: BSON {
    ["_id": .string(name), "source": .string(source), "created": .date(created), "by": .string(by)]
  }

  fileprivate init(_ fields: Fields) throws {
    self.init(
      name: try fields.string("_id"), source: try fields.string("source"), created: try fields.date("created"),
      by: try fields.string("by"))
  }
}
