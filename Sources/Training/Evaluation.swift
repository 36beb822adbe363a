import Datasets
import Losses
import Metrics

/// What an evaluation found.
public struct Evaluation: Sendable {
  /// A score's name and what it came to.
  public typealias Score = (name: String, value: Double)

  /// What it was measured on, for tables and files: `test`, or `validation` where test data are kept for the end.
  public package(set) var data = "test"
  /// Without those whose only target is ignored.
  public let samples: Int
  /// Targets that were left out, as the loss says.
  public let ignored: Int
  /// The weighted mean over the targets, as in training; 0 where they weigh nothing.
  public let loss: Double
  /// The scores by name, in the order of a report: the loss first.
  public private(set) var metrics: [Score]
  /// What each output scores by itself, where several are measured one by one; else empty.
  public private(set) var outputs: [(name: String, metrics: [Score])]
  /// The one score that says most: accuracy, R², or perplexity, or the first of those that were chosen.
  public private(set) var headline: Score
  private let tallies: [(tally: any Tally, totals: Totals)]

  /// Scores made of what the tallies of a plan came to.
  init(_ plan: EvaluationPlan, totals: [Totals], samples: Int, ignored: Int, loss: Double) {
    (self.samples, self.ignored, self.loss) = (samples, ignored, loss)
    tallies = Array(zip(plan.tallies, totals))
    let task = plan.task
    guard plan.parts.isEmpty else {
      metrics = [("loss", loss)]
      outputs = plan.partScores(totals)
      headline = plan.partHeadline(outputs) ?? metrics[0]
      return
    }
    let scores = plan.scores(totals)
    metrics = [("loss", loss)] + scores.compactMap { name, value in value.map { (name, $0) } }
    headline = plan.headline.flatMap { place in scores[place].value.map { (scores[place].name, $0) } } ?? metrics[0]
    outputs = task.outputs.enumerated().map { output, name in
      let scores = plan.metrics.map { ($0.metric.name, $0.metric.score(of: output, of: task, totals[$0.tally])) }
      return (name, scores.compactMap { name, value in value.map { (name, $0) } })
    }
  }

  /// Adds a score that was measured elsewhere, on the same samples: of one of several outputs by its name, or of all.
  ///
  /// - Parameter isHeadline: whether it says most.
  package mutating func add(_ score: Score, of output: String?, isHeadline: Bool) {
    if let place = outputs.firstIndex(where: { $0.name == output }) {
      outputs[place].metrics.append(score)
    } else {
      metrics.append(score)
    }
    if isHeadline { headline = (score.name + (output.map { " of \($0)" } ?? ""), score.value) }
  }

  /// Tables of what each class, label or output scores; nil where there is one score for all.
  public func report(digits: Int) -> String? {
    let reports = tallies.compactMap { $0.tally.report($0.totals, digits: digits) }
    return reports.isEmpty ? nil : reports.joined(separator: "\n")
  }
}
