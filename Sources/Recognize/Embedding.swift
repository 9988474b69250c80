/// A face as a point in an encoder's space.
///
/// Embeddings of one person by one encoder lie close together. They are personal data: only the store and the matcher
/// handle the values, and nothing prints them.
public struct Embedding: Sendable, Equatable {
  /// The dimensions of dlib's space, in which the periocular encoder's embeddings lie too.
  public static let count = 128

  /// As many values as the space has dimensions.
  public let values: [Float]

  /// Creates an embedding; nil unless there are as many finite values as the space has dimensions.
  public init?(_ values: [Float], dimensions: Int = Embedding.count) {
    guard values.count == dimensions, values.allSatisfy(\.isFinite) else { return nil }
    self.values = values
  }

  /// The mean of embeddings of one space; nil if there are none.
  ///
  /// - Parameter weight: The weight of each embedding, above 0. By default all weigh the same.
  package init?(mean embeddings: some Collection<Embedding>, weight: (Int) -> Float = { _ in 1 }) {
    guard let dimensions = embeddings.first?.values.count else { return nil }
    let weights = (0..<embeddings.count).map(weight)
    let total = weights.reduce(0, +)
    self.init(
      (0..<dimensions).map { place in
        zip(embeddings, weights).reduce(0) { $0 + $1.1 * $1.0.values[place] } / total
      }, dimensions: dimensions)
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

  /// The Euclidean distance to another embedding of the same space, 0 or more.
  public func distance(to other: Embedding) -> Float {
    values.withUnsafeBufferPointer { own in
      other.values.withUnsafeBufferPointer { squaredDistance(own, $0, from: 0, own.count).squareRoot() }
    }
  }

  /// The embedding at unit length; nil if it has no length.
  var unit: Embedding? {
    let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return length > 0 ? Embedding(values.map { $0 / length }, dimensions: values.count) : nil
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
