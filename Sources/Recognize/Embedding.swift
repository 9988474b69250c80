/// A face as a point in dlib's space: 128 numbers.
///
/// Embeddings of one person lie close together. They are personal data: only the store and the matcher handle the
/// values, and nothing prints them.
public struct Embedding: Sendable, Equatable {
  /// The dimension of the space.
  public static let count = 128

  /// 128 values.
  public let values: [Float]

  /// Creates an embedding; nil unless there are 128 finite values.
  public init?(_ values: [Float]) {
    guard values.count == Embedding.count, values.allSatisfy(\.isFinite) else { return nil }
    self.values = values
  }

  /// The mean of embeddings; nil if there are none.
  ///
  /// - Parameter weight: The weight of each embedding, above 0. By default all weigh the same.
  package init?(mean embeddings: some Collection<Embedding>, weight: (Int) -> Float = { _ in 1 }) {
    guard !embeddings.isEmpty else { return nil }
    let weights = (0..<embeddings.count).map(weight)
    let total = weights.reduce(0, +)
    self.init(
      (0..<Embedding.count).map { place in
        zip(embeddings, weights).reduce(0) { $0 + $1.1 * $1.0.values[place] } / total
      })
  }

  /// The product of a matrix and the embedding.
  ///
  /// - Parameter matrix: Row-major, `Embedding.count` a side. If it is empty, the embedding stays as it is.
  func multiplied(by matrix: [Float]) -> Embedding {
    guard !matrix.isEmpty else { return self }
    let mapped = (0..<Embedding.count).map { row in
      var sum: Float = 0
      for column in 0..<Embedding.count { sum += matrix[row * Embedding.count + column] * values[column] }
      return sum
    }
    return Embedding(mapped) ?? self
  }

  /// The Euclidean distance, 0 or more. dlib's encoder was trained to keep one person's faces within 0.6.
  public func distance(to other: Embedding) -> Float {
    var sum: Float = 0
    for index in 0..<Embedding.count {
      let difference = values[index] - other.values[index]
      sum += difference * difference
    }
    return sum.squareRoot()
  }

  /// The cosine of the angle to another embedding, -1…1.
  public func cosine(to other: Embedding) -> Double {
    var (product, own, others) = (0.0, 0.0, 0.0)
    for (a, b) in zip(values, other.values) {
      product += Double(a) * Double(b)
      own += Double(a) * Double(a)
      others += Double(b) * Double(b)
    }
    return product / (own * others).squareRoot()
  }
}
