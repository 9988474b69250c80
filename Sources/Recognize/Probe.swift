public import Values

/// A face that is searched for: its embedding and the method that made it.
public struct Probe: Sendable, Equatable {
  /// The point in dlib's space.
  public let embedding: Embedding
  /// The method that made the embedding.
  public let method: RecognitionMethod

  /// Creates a probe.
  public init(embedding: Embedding, method: RecognitionMethod) {
    self.embedding = embedding
    self.method = method
  }
}
