import Metrics

/// All that is said of how well one target is predicted: metrics with intervals beside a baseline, class by class, and curves.
public struct JudgedTarget: Sendable {
  /// The target's name; nil where there is one without a name.
  public let name: String?
  /// What the figures stand beside; nil where nothing is known of training rows.
  public let baseline: Baseline?
  /// The class that figures and curves of two classes are about; nil for more classes, and for numbers.
  public let positive: String?
  public let judgement: Judgement
  /// Nil for numbers.
  public let table: ClassTable?
  /// Of the positive class, or of each of a few more; empty for numbers.
  public let curves: [ThresholdCurves]
  /// Nil for numbers.
  public let reliability: Reliability?

  /// Classes whose curves are made, at most.
  private static let mostCurves = 20

  public init(_ name: String?, _ rows: JudgedRows, baseline: Baseline?, judge: Judge) {
    (self.name, self.baseline) = (name, baseline)
    judgement = judge.judge(rows, beside: baseline?.said(of: rows))
    let classes = rows.classes
    positive = classes.flatMap { $0.names.count == 2 ? $0.names[$0.positive] : nil }
    table = ClassTable(rows)
    reliability = Reliability(rows)
    let looked = classes.map(OrderBasis.looked) ?? []
    curves = looked.count <= Self.mostCurves ? looked.compactMap { ThresholdCurves(rows, of: $0) } : []
  }

  /// Those that were chosen and say something of the rows, and behind them the usual ones.
  public static func metrics(_ chosen: [any Metric], of rows: JudgedRows) -> [any JudgedMetric] {
    let own = chosen.compactMap { $0 as? any JudgedMetric }
    let keys = Set(own.map(\.key))
    return own + usualMetrics(of: rows).filter { !keys.contains($0.key) }
  }

  /// What is measured where nothing is chosen.
  public static func usualMetrics(of rows: JudgedRows) -> [any JudgedMetric] {
    let costs: [any JudgedMetric] = rows.classes?.cost.map { [MeanCost($0)] } ?? []
    return costs + usualMetrics(classes: rows.classes?.names.count)
  }

  /// What is measured of so many classes where nothing is chosen; nil: of numbers.
  package static func usualMetrics(classes: Int?) -> [any JudgedMetric] {
    guard let classes else {
      return [RootMeanSquaredError(), MeanAbsoluteError(), MedianAbsoluteError(), RSquared()]
    }
    let all: [any JudgedMetric] = [
      Accuracy(), BalancedAccuracy(), Precision(), Recall(), F1(), MatthewsCorrelation(),
    ]
    let probabilities: [any JudgedMetric] = [LogLoss(), BrierScore(), CalibrationError()]
    // Each class needs an order of its own.
    guard classes <= mostCurves else { return all + [TopK()] + probabilities }
    return all + [ROCAUC(), AveragePrecision()] + probabilities
  }
}

extension JudgedTarget: Encodable {
  private enum Key: String, CodingKey {
    case target, positive, curves, reliability
    case baselineName = "baseline-name"
    case table = "class-table"
  }

  /// The judgement's keys, `metrics` among them, and its own.
  public func encode(to encoder: any Encoder) throws {
    try judgement.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encodeIfPresent(name, forKey: .target)
    try container.encodeIfPresent(baseline?.name, forKey: .baselineName)
    try container.encodeIfPresent(positive, forKey: .positive)
    try container.encodeIfPresent(table, forKey: .table)
    if !curves.isEmpty { try container.encode(curves, forKey: .curves) }
    try container.encodeIfPresent(reliability, forKey: .reliability)
  }
}
