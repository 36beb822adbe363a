import Goldens
import Judging
import Metrics

/// What scikit-learn makes of the same rows; see `Tests/Goldens/make-judgements.py`.
struct JudgementGoldens: Decodable {
  let classes: [ClassCase]
  let numbers: [NumberCase]

  static func read() throws -> JudgementGoldens { try golden("judgements.json") }
}

struct ClassCase: Decodable {
  let name: String
  let classes: Int
  let column: Bool
  let probabilities: [Float]
  let targets: [Int32]
  let weights: [Double]?
  let metrics: [String: Double?]
  let roc: [[Double]]?
  let precisionRecall: [[Double]]?
  let reliability: [[Double]]?
  let isotonic: [Double]?

  private enum CodingKeys: String, CodingKey {
    case name, classes, column, probabilities, targets, weights, metrics, roc, reliability, isotonic
    case precisionRecall = "precision-recall"
  }

  func judged() throws -> JudgedRows {
    let (p, t) = (RowNumbers(probabilities), RowNumbers(targets))
    let names = (0..<classes).map { "class \($0)" }
    return try JudgedRows(
      column ? JudgedClasses(yes: p, targets: t) : JudgedClasses(names: names, probabilities: p, targets: t),
      weights: weights.map { RowNumbers($0) })
  }

  static let metrics: [any JudgedMetric] = [
    Accuracy(), BalancedAccuracy(), LogLoss(), BrierScore(), CalibrationError(), MatthewsCorrelation(), CohensKappa(),
    ROCAUC(), AveragePrecision(), Precision(average: .macro), Precision(average: .micro), Precision(average: .weighted),
    Recall(average: .macro), Recall(average: .micro), Recall(average: .weighted), F1(average: .macro),
    F1(average: .micro), F1(average: .weighted), TopK(k: 2), NDCG(k: 3), HitRate(k: 3), MeanAveragePrecision(k: 3),
  ]
}

struct NumberCase: Decodable {
  let name: String
  let predictions: [Double]
  let targets: [Double]
  let weights: [Double]?
  let metrics: [String: Double?]

  func judged() throws -> JudgedRows {
    try JudgedRows(
      JudgedNumbers(name: "amount", predictions: RowNumbers(predictions), targets: RowNumbers(targets)),
      weights: weights.map { RowNumbers($0) })
  }

  static let metrics: [any JudgedMetric] = [
    MeanSquaredError(), RootMeanSquaredError(), MeanAbsoluteError(), MedianAbsoluteError(),
    MeanAbsolutePercentageError(), RSquared(), PinballLoss(quantile: 0.9), PoissonDeviance(),
  ]
}

/// Rows of two classes whose scores say something of them, from small whole numbers.
func twoClasses(_ count: Int, weights: [Double]? = nil, shift: Int = 0) throws -> JudgedRows {
  var (p, t) = ([Float](), [Int32]())
  for row in 0..<count {
    let hash = (row * 7919 + 104_729) % 1009
    let isPositive = (row * 31 + 17) % 10 < 3
    let score = Float((hash + (isPositive ? 400 : 0) + shift * (row % 3)) % 1500) / 1500
    p += [1 - score, score]
    t.append(isPositive ? 1 : 0)
  }
  return try JudgedRows(
    JudgedClasses(names: ["no", "yes"], probabilities: RowNumbers(p), targets: RowNumbers(t)),
    weights: weights.map { RowNumbers($0) })
}
