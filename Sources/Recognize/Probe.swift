public import Values

/// A face that is searched for: its embeddings and the method that made them.
public struct Probe: Sendable, Equatable {
  /// The point in dlib's space.
  public let embedding: Embedding
  /// The point in the second encoder's space; nil if there is none.
  public let second: Embedding?
  /// The method that made the embedding in dlib's space.
  public let method: RecognitionMethod

  /// Creates a probe.
  public init(embedding: Embedding, second: Embedding? = nil, method: RecognitionMethod) {
    self.embedding = embedding
    self.second = second
    self.method = method
  }

  /// The mean of probes by one method; nil if there are none. In the second encoder's space it has unit length, as all
  /// its embeddings have.
  ///
  /// - Parameter weight: The weight of each probe, above 0.
  package init?(mean probes: [Probe], weight: (Int) -> Float) {
    guard let method = probes.first?.method,
      let embedding = Embedding(mean: probes.map(\.embedding), weight: weight)
    else { return nil }
    let seconds = probes.compactMap(\.second)
    let second = seconds.count == probes.count ? Embedding(mean: seconds, weight: weight)?.unit : nil
    self.init(embedding: embedding, second: second, method: method)
  }
}
