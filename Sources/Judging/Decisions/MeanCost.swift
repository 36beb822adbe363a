import Configuration
import Metrics

/// The mean cost of what is decided of a row, by a cost matrix of two classes.
///
/// Σ w·c(truth, prediction) / Σ w. It stands among the figures of a model whose threshold was chosen by costs, beside what it costs to
/// decide all rows alike, the way that is cheaper by the shares of the classes in training.
public struct MeanCost: JudgedMetric {
  public static let kind = "cost"
  public static let summary = "the mean cost of a row by the costs of a decision"
  public static let goal = MetricGoal.minimize

  public let cost: DecisionCost

  public init(_ cost: DecisionCost) { self.cost = cost }

  /// Refused: its costs are those that a threshold was chosen by.
  public init(_ settings: ConfigReader) throws {
    throw settings.failure(
      at: Self.kind, "expected a metric that stands for itself, found the cost of decisions",
      cure: "set decide: {threshold: {cost: …}}, and evaluate tells it")
  }

  public func tally(of task: LearningTask) -> (any Tally)? { nil }
  public func score(of task: LearningTask, _ totals: Totals) -> Double? { nil }

  public func basis(of rows: JudgedRows) -> (any Basis)? { rows.classes?.names.count == 2 ? ClassBasis() : nil }

  /// Of what each class weighs among truths, predictions, and both.
  public func figure(_ totals: [Double], of rows: JudgedRows) -> Figure {
    guard let positive = rows.classes?.positive else { return .undefined("no classes are predicted") }
    let (P, N) = (totals[positive], totals[1 - positive])
    let (TP, TN) = (totals[4 + positive], totals[5 - positive])
    guard P + N > 0 else { return .undefined(noWeight) }
    if let share = rows.classes?.positiveOfAll {
      let (known, here) = (cost.trivial(positive: share, negative: 1 - share), cost.trivial(positive: P, negative: N))
      return .value(known.always < known.never ? here.always : here.never)
    }
    let counts = ThresholdCounts(
      threshold: 0, truePositive: TP, falsePositive: N - TN, falseNegative: P - TP, trueNegative: TN)
    return .value(cost.mean(of: counts))
  }
}

extension DecisionCost {
  /// The mean of rows of which so many, or so much, is decided rightly and wrongly.
  public func mean(of counts: ThresholdCounts) -> Double {
    let sum =
      truePositive * counts.truePositive + falsePositive * counts.falsePositive
      + falseNegative * counts.falseNegative + trueNegative * counts.trueNegative
    return sum
      / (counts.truePositive + counts.falsePositive + counts.falseNegative + counts.trueNegative)
  }

  /// Where all rows are predicted to have the positive class, and where none is; of what rows of it and of the other weigh.
  public func trivial(positive: Double, negative: Double) -> (always: Double, never: Double) {
    func decided(_ found: Double, _ named: Double) -> Double {
      mean(
        of: ThresholdCounts(
          threshold: 0, truePositive: found, falsePositive: named, falseNegative: positive - found,
          trueNegative: negative - named))
    }
    return (decided(positive, negative), decided(0, 0))
  }
}

extension DecisionCost {
  /// The same costs where the other class of two is the positive one.
  package var ofOther: DecisionCost {
    DecisionCost(
      truePositive: trueNegative, falsePositive: falseNegative, falseNegative: falsePositive, trueNegative: truePositive
    )
  }
}
