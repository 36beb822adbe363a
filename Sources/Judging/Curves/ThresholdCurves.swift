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

  private enum CodingKeys: String, CodingKey {
    case name = "class"
    case roc, gain
    case precisionRecall = "precision-recall"
  }

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
}
