/// A face as a point in dlib's space: 128 numbers; faces of one person lie close together.
///
/// Templates are personal data: nothing but the store and the matcher handles these values, and nothing prints them.
public struct Embedding: Sendable, Equatable {
  /// The dimension of the space.
  public static let count = 128

  /// 128 values.
  public let values: [Float]

  /// Nil unless there are 128 finite values.
  public init?(_ values: [Float]) {
    guard values.count == Embedding.count, values.allSatisfy(\.isFinite) else { return nil }
    self.values = values
  }

  /// The Euclidean distance, 0 or more; dlib's encoder was trained to keep one person's faces within 0.6.
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
