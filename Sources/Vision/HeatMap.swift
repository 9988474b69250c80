/// A square grid of numbers that is drawn over a picture as colours.
public struct HeatMap: Sendable {
  /// The number of rows, and of numbers in a row; 2 or more.
  public let side: Int
  /// `side` rows of `side` numbers, 0…1.
  public let values: [Float]
  /// Maps a column and a row of the grid to a point in the picture.
  public let place: Similarity

  /// Creates a heat map; nil unless `side` is at least 2 and there are `side` × `side` values.
  public init?(side: Int, values: [Float], place: Similarity) {
    guard side >= 2, values.count == side * side else { return nil }
    self.side = side
    self.values = values
    self.place = place
  }
}
