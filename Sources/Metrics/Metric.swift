import Configuration
import Diagnostics

/// A score of a network's predictions: a kind of metric, with its settings.
///
/// ```swift
/// struct Specificity: Metric {
///   static let kind = "specificity"
///   init(_ settings: ConfigReader) {}
///   func tally(of task: LearningTask) -> (any Tally)? { ClassTally(task) }
///   func score(of task: LearningTask, _ totals: Totals) -> Double? { ClassCounts(totals.counts).scores(of: 0).recall }
/// }
/// metricKinds.add(Specificity.self)   // and configurations know `metrics: [specificity]`
/// ```
public protocol Metric: NamedKind, Sendable {
  /// The word for it in a configuration; reports have blanks where it has dashes.
  static var kind: String { get }
  /// Which of two scores is the better one: the larger, if nothing else is said.
  static var goal: MetricGoal { get }
  /// Reads its settings.
  init(_ settings: ConfigReader) throws
  /// How reports call it, and with dashes for blanks the log of a run: `r squared`, the kind's word, if nothing else is
  /// said. One with settings names them, `top 5`, so that several of its kind can be measured side by side; two of the
  /// same name are refused.
  var name: String { get }
  /// The columns of the rows that it looks at, which need be no features; none, if nothing else is said.
  var columns: [MetricColumn] { get }

  /// What it has to have counted of such samples; nil where it says nothing of them.
  func tally(of task: LearningTask) -> (any Tally)?
  /// The score of all samples, made of what its tally came to; nil where it has a table alone.
  func score(of task: LearningTask, _ totals: Totals) -> Double?
  /// The score of one of the task's outputs; nil where it has none of its own.
  func score(of output: Int, of task: LearningTask, _ totals: Totals) -> Double?
}

extension Metric {
  public static var goal: MetricGoal { .maximize }
  public var columns: [MetricColumn] { [] }

  public func score(of output: Int, of task: LearningTask, _ totals: Totals) -> Double? { nil }

  public var name: String { Self.kind.split(separator: "-").joined(separator: " ") }
}

extension [any Metric] {
  /// Throws what `failure` makes where two of them, or one and the loss, have one name in reports.
  package func requireDistinct(_ failure: (_ fault: String, _ cure: String) -> Failure) throws(Failure) {
    let names = ["loss"] + map(\.name)
    // As files have them.
    let keys = names.map { $0.replacing(" ", with: "-") }
    guard let twice = keys.indices.first(where: { keys[..<$0].contains(keys[$0]) }) else { return }
    throw failure("expected scores of distinct names, found \(names[twice]) twice", "name it once")
  }
}

/// The metrics that a configuration can name.
public let metricKinds = Registry<any Metric.Type>(
  [
    Accuracy.self, BalancedAccuracy.self, TopK.self, Precision.self, Recall.self, F1.self, MatthewsCorrelation.self,
    CohensKappa.self, ROCAUC.self, AveragePrecision.self, LogLoss.self, BrierScore.self, CalibrationError.self,
    ExactMatch.self, Confusion.self, NDCG.self, HitRate.self, RecallAtK.self, MeanAveragePrecision.self,
    Perplexity.self,
    MeanSquaredError.self, RootMeanSquaredError.self, MeanAbsoluteError.self, MedianAbsoluteError.self,
    MeanAbsolutePercentageError.self, MeanAbsoluteScaledError.self, RSquared.self, PinballLoss.self,
    PoissonDeviance.self, BitsPerByte.self,
  ], named: { $0.kind }, summary: { $0.summary })

extension LearningTask {
  /// The metrics where none are chosen, in the order of a report, and the place of the one that says most.
  public var usualMetrics: (metrics: [any Metric], headline: Int) {
    switch self {
    case .classes, .binary: ([Accuracy(), Precision(), Recall(), F1()], 0)
    case .labels: ([Accuracy(), ExactMatch(), Precision(), Recall(), F1()], 0)
    // The perplexities of pieces of words say nothing where vocabularies differ.
    case .tokens(_?, true): ([Perplexity(), Accuracy(), BitsPerByte()], 2)
    case .tokens: ([Perplexity(), Accuracy()], 0)
    case .values: ([MeanSquaredError(), MeanAbsoluteError(), RSquared()], 2)
    }
  }
}
