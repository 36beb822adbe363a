import Configuration

/// The mean of |p - t| / s, where s is the mean of |f - t| over the training rows, f their naive forecast: below 1, predictions
/// are better than that forecast was in training (Hyndman, Koehler 2006, *Another look at measures of forecast accuracy*; MASE).
///
/// ```yaml
/// metrics: [{mean-absolute-scaled-error: {naive: sales_12_before, by: city}}]
/// ```
/// With `by` each value of that column is a series with an s of its own. Training rows without a forecast, such as the first ones
/// of a series, are left out of s; not defined where a series has no others, or where its s is 0.
public struct MeanAbsoluteScaledError: WholeMetric {
  public static let kind = "mean-absolute-scaled-error"
  public static let summary = "the mean of |y - t| in units of what a naive forecast was off by in training rows (MASE)"
  public static let goal = MetricGoal.minimize

  /// The column that holds the naive forecast of each row, in the target's unit.
  public let naive: String
  /// The column that tells series apart; nil: all rows are one.
  public let series: String?

  public init(naive: String, by series: String? = nil) { (self.naive, self.series) = (naive, series) }
  public init(_ settings: ConfigReader) throws {
    naive = try settings.string("naive")
    settings.note("naive", ": the column that holds a naive forecast of each row, such as the last value")
    series = try settings.optionalString("by")
    settings.note("by", ": the column that tells series apart, none: all rows are one")
  }

  public var columns: [MetricColumn] {
    [MetricColumn(naive, .numbers)] + (series.map { [MetricColumn($0, .words)] } ?? [])
  }

  public static func fits(_ task: LearningTask) -> Bool { task.hasNumbers }
}
