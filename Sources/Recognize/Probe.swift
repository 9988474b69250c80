public import Values

/// A face to search for: its place in dlib's space, and how it was found.
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
