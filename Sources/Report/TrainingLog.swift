public import Formats

/// The loss and the accuracy of a network during its training.
public struct TrainingLog: Sendable, Equatable {
  /// One pass over the training set.
  public struct Epoch: Sendable, Equatable {
    /// The number of the epoch in the log.
    public let number: Int
    /// The mean loss over the training set; nil if the log has none.
    public let trainingLoss: Double?
    /// The mean loss over the validation set, which is not trained on; nil if the log has none.
    public let validationLoss: Double?
    /// The share of the training set that is right, 0 to 1; nil if the log has none.
    public let trainingAccuracy: Double?
    /// The share of the validation set that is right, 0 to 1; nil if the log has none.
    public let validationAccuracy: Double?
  }

  /// One training of several, such as one for each source that is left out in turn.
  public struct Fold: Sendable, Equatable {
    /// The name of the fold in the log; empty if the log has no folds.
    public let name: String
    /// The epochs, in the order of the log.
    public let epochs: [Epoch]
  }

  /// The folds, at least one, in the order of their first lines.
  public let folds: [Fold]

  /// Reads a log in CSV. The columns are epoch, train_loss, val_loss, train_accuracy and val_accuracy. If there are
  /// several trainings, the column fold distinguishes them.
  ///
  /// - Throws: `CSV.Failure` if the text is no such log or has no epoch.
  public init(parsing text: String) throws(CSV.Failure) {
    let columns = ["epoch", "train_loss", "val_loss", "train_accuracy", "val_accuracy"]
    var folds: [(name: String, epochs: [Epoch])] = []
    for row in try CSV.Table(parsing: text, requiring: columns).rows {
      func number(_ column: String, in range: ClosedRange<Double>) throws(CSV.Failure) -> Double? {
        guard let cell = row[column] else { return nil }
        guard let number = Double(cell), range.contains(number) else {
          throw CSV.Failure(line: row.line, "“\(cell)” is no \(column)")
        }
        return number
      }
      guard let epoch = Int(try row.require("epoch")) else {
        throw CSV.Failure(line: row.line, "epoch is no whole number")
      }
      let losses = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
      let entry = Epoch(
        number: epoch, trainingLoss: try number("train_loss", in: losses),
        validationLoss: try number("val_loss", in: losses),
        trainingAccuracy: try number("train_accuracy", in: 0...1),
        validationAccuracy: try number("val_accuracy", in: 0...1))
      let name = row["fold"] ?? ""
      if let index = folds.firstIndex(where: { $0.name == name }) {
        folds[index].epochs.append(entry)
      } else {
        folds.append((name, [entry]))
      }
    }
    guard !folds.isEmpty else { throw CSV.Failure(line: 1, "the log has no epoch") }
    self.folds = folds.map { Fold(name: $0.name, epochs: $0.epochs) }
  }
}
