import Configuration
import Foundation

/// exp of the mean loss of a token: how many equally likely tokens would be as hard to tell.
public struct Perplexity: Metric {
  public static let kind = "perplexity"
  public static let summary = "exp of the mean loss of a token"
  public static let goal = MetricGoal.minimize

  /// It has no settings.
  public init() {}
  public init(_ settings: ConfigReader) {}

  public func tally(of task: LearningTask) -> (any Tally)? { task.isOfTokens ? NoTally() : nil }
  public func score(of task: LearningTask, _ totals: Totals) -> Double? { exp(totals.loss) }
}

extension LearningTask {
  /// Whether tokens of a text are asked for.
  var isOfTokens: Bool { if case .tokens = self { true } else { false } }
}

/// Counts the tokens that were predicted right, and all of them.
struct TokenTally: Tally {
  /// Nil where there are no tokens.
  init?(_ task: LearningTask) { guard task.isOfTokens else { return nil } }

  var countWidth: Int { 2 }
  var takesRows: Bool { true }

  func add(_ batch: ScoredBatch, to cells: TallyCells) {
    batch.forEachClass { truth, prediction in
      if truth == prediction { cells.count(0) }
      cells.count(1)
    }
  }
}
