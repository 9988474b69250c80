/// The matrix that makes photos of one person differ equally in all directions when it multiplies their embeddings.
///
/// Directions in which covered photos differ much from bare photos of the same people say little about who a person is.
/// The matrix shortens them and lengthens the others. Because the covariance of the differences is estimated from few
/// people, it is averaged with a multiple of the unit matrix.
///
/// - Parameter differences: The differences between embeddings of two photos of the same person.
/// - Returns: Row-major, `Embedding.count` a side: the inverse of a Cholesky factor of the covariance, whose distances
///   are Mahalanobis distances. The unit matrix without any differences.
package func metric(of differences: [[Float]]) -> [Float] {
  let side = Embedding.count
  let count = Double(max(1, differences.count))
  let mean = (0..<side).map { place in differences.reduce(0) { $0 + Double($1[place]) } / count }
  var spread = [Double](repeating: 0, count: side * side)
  for difference in differences {
    let own = (0..<side).map { Double(difference[$0]) - mean[$0] }
    for row in 0..<side {
      for column in 0...row { spread[row * side + column] += own[row] * own[column] / count }
    }
  }
  let size = (0..<side).reduce(0) { $0 + spread[$1 * side + $1] } / Double(side)
  for row in 0..<side {
    for column in 0...row {
      let ball = row == column ? 1.0 : 0
      spread[row * side + column] = size > 0 ? (spread[row * side + column] / size + ball) / 2 : ball
    }
  }
  // The lower factor replaces the covariance, row by row.
  for row in 0..<side {
    for column in 0...row {
      var left = spread[row * side + column]
      for before in 0..<column { left -= spread[row * side + before] * spread[column * side + before] }
      spread[row * side + column] = row == column ? left.squareRoot() : left / spread[column * side + column]
    }
  }
  // Its inverse, column by column.
  var inverse = [Double](repeating: 0, count: side * side)
  for column in 0..<side {
    for row in column..<side {
      var left = row == column ? 1.0 : 0
      for before in column..<row { left -= spread[row * side + before] * inverse[before * side + column] }
      inverse[row * side + column] = left / spread[row * side + row]
    }
  }
  return inverse.map(Float.init)
}
