import Metrics

/// How much worse a metric gets when a column tells nothing, since its values are dealt out among the rows anew: permutation
/// importance (Breiman 2001, *Random forests*; Fisher, Rudin, Dominici 2019, *All models are wrong, but many are useful*).
public struct ColumnImportance: Sendable, Encodable {
  public let column: String
  /// The metric's key: `log-loss`.
  public let metric: String
  /// How much worse it gets, in its own units; below 0 where it gets better, which is chance.
  public let value: Figure
  /// Of resamples of the rows, the same for all columns; nil where the figure is not defined.
  public let interval: FigureInterval?

  /// - Parameter judgement: of the rows with that column's values dealt out, beside the rows as they are.
  public init(_ column: String, _ metric: any JudgedMetric, _ judgement: Judgement) {
    (self.column, self.metric) = (column, metric.key)
    let sign: Double = type(of: metric).goal == .minimize ? 1 : -1
    guard let figure = judgement.figures[metric.key] else {
      (value, interval) = (.undefined("the metric says nothing of such rows"), nil)
      return
    }
    switch (figure.value, figure.beside, figure.difference) {
    case (_, _, .some(let difference)): value = .value(sign * difference)
    case (.undefined(let reason), _, _), (_, .undefined(let reason), _): value = .undefined(reason)
    default: value = .undefined("there is nothing to compare with")
    }
    interval = figure.differenceInterval.map { interval in
      guard let bounds = interval.bounds, sign < 0 else { return interval }
      return .bounds(low: -bounds.high, high: -bounds.low)
    }
  }

  /// One that shows small differences, in units that people know.
  public static func usualMetric(of rows: JudgedRows) -> any JudgedMetric {
    guard let classes = rows.classes else { return MeanAbsoluteError() }
    return classes.names.count == 2 ? ROCAUC() : Accuracy()
  }
}
