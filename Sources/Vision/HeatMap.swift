/// Numbers to be laid over a picture as colours.
public struct HeatMap: Sendable {
  /// Numbers a row, and rows; 2 or more.
  public let side: Int
  /// `side` rows of `side` numbers, 0…1.
  public let values: [Float]
  /// Where in the picture the number of a column and row lies.
  public let place: Similarity

  /// Nil unless there are as many numbers as `side` asks for.
  public init?(side: Int, values: [Float], place: Similarity) {
    guard side >= 2, values.count == side * side else { return nil }
    self.side = side
    self.values = values
    self.place = place
  }
}
