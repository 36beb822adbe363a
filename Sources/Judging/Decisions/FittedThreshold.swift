import Diagnostics

/// A threshold that was chosen on rows: the positive class is predicted of those whose probability of it is at least as large.
///
/// It lies in the middle between the lowest probability that it lets through and the next lower one that a row was given, as
/// the splits of scikit-learn's trees do: no row stands on it, so that none is given the other class where its probability has
/// other last bits, as another runtime gives it. Probabilities are floats and thresholds doubles, with which every runtime
/// compares them as doubles: between two floats that follow each other there is a double, and no float. Below the lowest
/// probability of all, it is the middle between that and 0.
public struct FittedThreshold: Codable, Equatable, Sendable {
  public let rule: ThresholdRule
  /// The positive class.
  public let name: String
  /// Between two probabilities that rows were given; `never` where the class is best never predicted.
  public let threshold: Double
  /// What came of it on those rows.
  public let precision: Figure
  public let recall: Double
  public let f1: Double
  /// The mean cost of a row, where the rule has costs.
  public let cost: Double?
  /// The same where all rows are predicted to have the class, and where none is.
  public let costOfAlways: Double?
  public let costOfNever: Double?
  public let rows: Int

  /// The threshold that no probability reaches, nor one that is a little above 1 by rounding.
  public static let never = 2.0

  private enum CodingKeys: String, CodingKey {
    case rule, threshold, precision, recall, f1, cost, rows
    case name = "class"
    case costOfAlways = "cost-of-always"
    case costOfNever = "cost-of-never"
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
    let never = ThresholdSteps.Step(threshold: Self.never, truePositive: 0, falsePositive: 0)
    let all = steps.betweenScores
    func f1(_ step: ThresholdSteps.Step) -> Double {
      2 * step.truePositive / (step.truePositive + step.falsePositive + P)
    }
    var best = never
    switch rule {
    case .f1:
      for step in all where f1(step) > f1(best) { best = step }
    case .cost(let cost):
      for step in all where cost.sum(step, P, N) < cost.sum(best, P, N) { best = step }
    case .recall(let least):
      guard least > 0 else { break }
      best = all.first { $0.truePositive / P >= least } ?? all[all.count - 1]
    }
    let flagged = best.truePositive + best.falsePositive
    (self.rule, self.name, threshold, self.rows) = (rule, name, best.threshold, rows.count)
    precision = flagged > 0 ? .value(best.truePositive / flagged) : .undefined("no row reaches the threshold")
    (recall, self.f1) = (best.truePositive / P, f1(best))
    guard case .cost(let own) = rule else {
      (cost, costOfAlways, costOfNever) = (nil, nil, nil)
      return
    }
    cost = own.sum(best, P, N) / (P + N)
    (costOfAlways, costOfNever) = own.trivial(positive: P, negative: N)
  }
}

extension ThresholdSteps {
  /// The same with thresholds in the middle between a score and the next lower one, between the last one and 0.
  ///
  /// Scores of a yes or no may differ where the rests to 1 do not: rows that no threshold tells apart are one step.
  fileprivate var betweenScores: [Step] {
    all.indices.compactMap { place in
      let (own, next) = (all[place], place + 1 < all.count ? all[place + 1].threshold : 0)
      guard place + 1 == all.count || next < own.threshold else { return nil }
      // Doubles that follow each other have none between them.
      let middle = (own.threshold + next) / 2
      return Step(
        threshold: middle > next ? middle : own.threshold, truePositive: own.truePositive,
        falsePositive: own.falsePositive)
    }
  }
}

extension DecisionCost {
  /// Of all rows, where those that a step has flagged are predicted to be positive.
  func sum(_ step: ThresholdSteps.Step, _ positive: Double, _ negative: Double) -> Double {
    truePositive * step.truePositive + falsePositive * step.falsePositive
      + falseNegative * (positive - step.truePositive) + trueNegative * (negative - step.falsePositive)
  }
}
