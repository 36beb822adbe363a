import Diagnostics

/// A threshold that was chosen on rows: the positive class is predicted of those whose probability of it is at least as large.
public struct FittedThreshold: Codable, Equatable, Sendable {
  public let rule: ThresholdRule
  /// The positive class.
  public let name: String
  /// A probability that a row was given; above 1 where the class is best never predicted.
  public let threshold: Double
  /// What came of it on those rows.
  public let precision: Figure
  public let recall: Double
  public let f1: Double
  /// The mean cost of a row, where the rule has costs.
  public let cost: Double?
  public let rows: Int

  private enum CodingKeys: String, CodingKey {
    case rule, threshold, precision, recall, f1, cost, rows
    case name = "class"
  }

  /// Chooses one on rows of two classes; of equally good ones the highest.
  ///
  /// Throws bad data (65) where no row has the positive class, and a programmer's mistake is a target of numbers or more
  /// classes.
  public init(_ rule: ThresholdRule, on rows: JudgedRows) throws {
    guard let classes = rows.classes, classes.names.count == 2 else {
      preconditionFailure("a threshold is chosen for two classes")
    }
    let steps = ThresholdSteps(rows, classes, of: classes.positive)
    let (name, P, N) = (classes.names[classes.positive], steps.positive, steps.negative)
    guard P > 0 else {
      throw Failure(
        .badData, at: "threshold", "expected rows of the class \(name) to choose it by, found none",
        cure: "give validation more rows, or divide them by split: {stratified: …}")
    }
    // Nobody at all, and then one score after the other.
    let never = ThresholdSteps.Step(
      threshold: max(1, steps.all[0].threshold).nextUp, truePositive: 0, falsePositive: 0)
    func f1(_ step: ThresholdSteps.Step) -> Double {
      2 * step.truePositive / (step.truePositive + step.falsePositive + P)
    }
    var best = never
    switch rule {
    case .f1:
      for step in steps.all where f1(step) > f1(best) { best = step }
    case .cost(let cost):
      for step in steps.all where cost.sum(step, P, N) < cost.sum(best, P, N) { best = step }
    case .recall(let least):
      guard least > 0 else { break }
      best = steps.all.first { $0.truePositive / P >= least } ?? steps.all[steps.all.count - 1]
    }
    let flagged = best.truePositive + best.falsePositive
    (self.rule, self.name, threshold, self.rows) = (rule, name, best.threshold, rows.count)
    precision = flagged > 0 ? .value(best.truePositive / flagged) : .undefined("no row reaches the threshold")
    (recall, self.f1) = (best.truePositive / P, f1(best))
    if case .cost(let own) = rule { cost = own.sum(best, P, N) / (P + N) } else { cost = nil }
  }
}

extension DecisionCost {
  /// Of all rows, where those that a step has flagged are predicted to be positive.
  func sum(_ step: ThresholdSteps.Step, _ positive: Double, _ negative: Double) -> Double {
    truePositive * step.truePositive + falsePositive * step.falsePositive
      + falseNegative * (positive - step.truePositive) + trueNegative * (negative - step.falsePositive)
  }
}
