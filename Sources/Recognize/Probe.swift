/// How a face is encoded.
public enum RecognitionMethod: String, Sendable, CaseIterable {
  /// By dlib's face encoder, which looks at the whole face.
  case face
  /// By the periocular encoder, which looks at what a mask leaves free.
  case periocular

  /// The encoder's name; what belongs to an encoder carries it.
  package var encoder: String {
    switch self {
    case .face: FaceEncoder.identifier
    case .periocular: "periocular-v1"
    }
  }

  /// The file of the method's impostor model.
  package var impostors: Models.File {
    switch self {
    case .face: .faceImpostors
    case .periocular: .periocularImpostors
    }
  }
}

/// A face to search for: its place in dlib's space, found in one of two ways.
public struct Probe: Sendable, Equatable {
  /// The point in dlib's space.
  public let embedding: Embedding
  /// How it was found.
  public let method: RecognitionMethod

  /// A probe.
  public init(embedding: Embedding, method: RecognitionMethod) {
    self.embedding = embedding
    self.method = method
  }
}
