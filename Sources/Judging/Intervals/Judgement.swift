/// What metrics say of rows, each with its interval, beside what they say of something else on the same rows: a baseline,
/// or another model.
public struct Judgement: Equatable, Sendable, Codable {
  public let rows: Int
  /// How many resamples the intervals are of; 0 where there are none.
  public let resamples: Int
  /// The share of them that lies inside.
  public let confidence: Double
  /// The keys of `figures`, in the order in which they were asked for.
  public let order: [String]
  /// By the metrics' names, with dashes for blanks.
  public let figures: [String: JudgedFigure]

  /// Those of the metrics, in the order in which they were asked for.
  public var inOrder: [(key: String, figure: JudgedFigure)] { order.map { ($0, figures[$0]!) } }

  private enum CodingKeys: String, CodingKey {
    case rows, resamples, confidence, order
    case figures = "metrics"
  }
}

/// One metric.
public struct JudgedFigure: Equatable, Sendable, Codable {
  public let value: Figure
  /// Nil where the figure is not defined.
  public let interval: FigureInterval?
  /// What was judged beside: a baseline, or another model; nil where nothing was.
  public let beside: Figure?
  /// How much greater the value is than that beside; nil where one of them is not defined.
  public let difference: Double?
  /// Of the difference, of the same resamples for both.
  public let differenceInterval: FigureInterval?

  private enum CodingKeys: String, CodingKey {
    case value, interval, beside, difference
    case differenceInterval = "difference-interval"
  }

  /// Whether the interval of the difference leaves zero out; nil where there is none.
  public var differs: Bool? { differenceInterval?.bounds.map { $0.low > 0 || $0.high < 0 } }
}
