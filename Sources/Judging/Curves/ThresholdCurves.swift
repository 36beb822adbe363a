/// What comes of each threshold for a class against all others: the curves that charts show.
///
/// Letters: P and N what rows weigh that have the class, and that do not; TP and FP what those weigh whose score is at
/// least the threshold.
public struct ThresholdCurves: Codable, Equatable, Sendable {
  /// The class that they are about.
  public let name: String
  /// x = FP / N, y = TP / P, from (0, 0) to (1, 1). Empty where P or N is zero.
  public let roc: [CurvePoint]
  /// x = TP / P (recall), y = TP / (TP + FP) (precision), from the highest threshold on; the first point is (0, 1), as
  /// scikit-learn's. Empty where P is zero.
  public let precisionRecall: [CurvePoint]
  /// x = (TP + FP) / (P + N), y = TP / P: the part of the class that is found in the part of the rows with the highest
  /// scores. Empty where P is zero.
  public let gain: [CurvePoint]
  /// What comes of 0.1, 0.2 … 0.9, and of the threshold that was chosen for the class, where one was; by rising thresholds. Of
  /// all rows: the curves leave points out, and a threshold may be between those that they keep.
  public let counts: [ThresholdCounts]

  private enum CodingKeys: String, CodingKey {
    case name = "class"
    case roc, gain, counts
    case precisionRecall = "precision-recall"
  }

  /// Thresholds that tables show.
  public static let usualThresholds = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]

  /// Of a class, the positive one if nothing else is said; nil where numbers are predicted.
  public init?(_ rows: JudgedRows, of number: Int? = nil, points most: Int = [CurvePoint].usualMost) {
    guard let classes = rows.classes else { return nil }
    let number = number ?? classes.positive
    name = classes.names[number]
    let steps = ThresholdSteps(rows, classes, of: number)
    let (P, N) = (steps.positive, steps.negative)
    var (roc, precisionRecall, gain) = ([CurvePoint](), [CurvePoint](), [CurvePoint]())
    if P > 0 {
      precisionRecall = [CurvePoint(x: 0, y: 1, threshold: nil)]
      gain = [CurvePoint(x: 0, y: 0, threshold: nil)]
      if N > 0 { roc = [CurvePoint(x: 0, y: 0, threshold: nil)] }
      for step in steps.all {
        let (recall, flagged) = (step.truePositive / P, step.truePositive + step.falsePositive)
        if N > 0 { roc.append(CurvePoint(x: step.falsePositive / N, y: recall, threshold: step.threshold)) }
        if flagged > 0 {
          precisionRecall.append(CurvePoint(x: recall, y: step.truePositive / flagged, threshold: step.threshold))
        }
        gain.append(CurvePoint(x: flagged / (P + N), y: recall, threshold: step.threshold))
      }
    }
    self.roc = roc.thinned(to: most)
    self.precisionRecall = precisionRecall.thinned(to: most)
    self.gain = gain.thinned(to: most)
    let chosen = classes.threshold.flatMap { $0.class == number ? $0.least : nil }
    let usual = Self.usualThresholds
    counts = (usual + [chosen].compactMap { $0 }.filter { !usual.contains($0) }).sorted().map(steps.counts)
  }
}

/// What comes of each threshold, from the highest score on.
struct ThresholdSteps {
  struct Step {
    let threshold: Double
    let truePositive: Double
    let falsePositive: Double
  }

  private(set) var all: [Step] = []
  private(set) var positive = 0.0
  private(set) var negative = 0.0

  init(_ rows: JudgedRows, _ classes: JudgedClasses, of number: Int) {
    let order = ScoreOrder(rows, classes, of: number)
    var (steps, above, below) = ([Step](), 0.0, 0.0)
    Resamples.once(rows) { weights in
      order.forEachScore(weights) { place, positive, negative in
        above += positive
        below += negative
        let threshold = classes.probability(of: number, rows.row(place))
        steps.append(Step(threshold: threshold, truePositive: above, falsePositive: below))
      }
    }
    (all, positive, negative) = (steps, above, below)
  }

  /// What comes of a threshold, which need be no row's score.
  func counts(at threshold: Double) -> ThresholdCounts {
    // The first step below it, by halves: thresholds fall.
    var (low, high) = (0, all.count)
    while low < high {
      let middle = (low + high) / 2
      if all[middle].threshold >= threshold { low = middle + 1 } else { high = middle }
    }
    let (found, named) = low > 0 ? (all[low - 1].truePositive, all[low - 1].falsePositive) : (0, 0)
    return ThresholdCounts(
      threshold: threshold, truePositive: found, falsePositive: named, falseNegative: positive - found,
      trueNegative: negative - named)
  }
}
