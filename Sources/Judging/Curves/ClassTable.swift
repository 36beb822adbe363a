import Metrics

/// Precision, recall and F₁ class by class, and how often each was taken for each.
public struct ClassTable: Codable, Equatable, Sendable {
  public struct Row: Codable, Equatable, Sendable {
    public let name: String
    public let precision: Figure
    public let recall: Figure
    public let f1: Figure
    /// What the rows of this class weigh: how many there are, where all weigh the same.
    public let support: Double
  }

  /// In the order of the classes.
  public let classes: [Row]
  /// What rows weigh, a row a true class and a column a predicted one; nil for more classes than are asked for.
  public let confusion: [[Double]]?

  /// Nil where numbers are predicted.
  public init?(_ rows: JudgedRows, confusionOf most: Int = 100) {
    guard let classes = rows.classes, let prepared = try? ClassBasis().prepared(rows) else { return nil }
    let marginals = ClassMarginals(Resamples.once(rows) { prepared.totals($0) })
    self.classes = classes.names.enumerated().map { number, name in
      let scores = marginals.scores(of: number)
      let (support, predicted) = (marginals.support[number], marginals.predicted[number])
      return Row(
        name: name, precision: predicted > 0 ? .value(scores.precision) : .undefined("no row was given the class"),
        recall: support > 0 ? .value(scores.recall) : .undefined("no row has the class"),
        f1: support + predicted > 0 ? .value(scores.f1) : .undefined("no row has the class, or was given it"),
        support: support)
    }
    guard classes.names.count <= most else {
      confusion = nil
      return
    }
    var table = [[Double]](repeating: [Double](repeating: 0, count: classes.names.count), count: classes.names.count)
    Resamples.once(rows) { weights in
      for place in 0..<rows.count {
        let row = rows.row(place)
        table[classes.target(row)][classes.prediction(row)] += weights[place]
      }
    }
    confusion = table
  }
}
