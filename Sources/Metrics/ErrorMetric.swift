import Configuration

/// A score of predicted numbers.
public protocol ErrorMetric: Metric {
  init()
  static func value(_ metrics: RegressionMetrics) -> Double
  static func value(_ scores: RegressionScores) -> Double
}

extension ErrorMetric {
  public static var goal: MetricGoal { .minimize }

  public init(_ settings: ConfigReader) { self.init() }

  public func tally(of task: LearningTask) -> (any Tally)? { ErrorTally(task) }

  public func score(of task: LearningTask, _ totals: Totals) -> Double? {
    ErrorTally(task).map { Self.value($0.metrics(totals.sums)) }
  }

  public func score(of output: Int, of task: LearningTask, _ totals: Totals) -> Double? {
    ErrorTally(task).map { Self.value($0.metrics(totals.sums).scores(of: output)) }
  }
}

/// Sums the errors of each output, or of all outputs as one.
struct ErrorTally: Tally {
  private let names: [String]?
  private let reference: [Double]?

  /// Nil where there are no numbers.
  init?(_ task: LearningTask) {
    guard case .values(let names, let reference) = task else { return nil }
    (self.names, self.reference) = (names, reference)
  }

  private var width: Int { names?.count ?? 1 }

  var sumWidth: Int { RegressionMetrics.sumWidth(of: width) }

  func add(_ batch: ScoredBatch, to cells: TallyCells) {
    var metrics = RegressionMetrics(width: width, reference: reference)
    let (truths, predictions) = batch.numbers
    metrics.add(truths: truths, predictions: predictions)
    for (place, sum) in metrics.sums.enumerated() { cells.add(sum, to: place) }
  }

  /// The metrics of sums that were added over micro-batches.
  func metrics(_ sums: [Double]) -> RegressionMetrics {
    RegressionMetrics(sums: sums, width: width, reference: reference)
  }

  func report(_ totals: Totals, digits: Int) -> String? {
    names.map { metrics(totals.sums).report(names: $0, digits: digits) }
  }
}
