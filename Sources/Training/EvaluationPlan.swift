import Datasets
import Diagnostics
import Losses
import Metrics
import Tensors

/// Which metrics are to be measured on data, and what has to be counted for them: equal tallies once.
struct EvaluationPlan {
  let task: LearningTask
  /// Each with the place of its tally.
  let metrics: [(metric: any Metric, tally: Int)]
  /// The place of the metric that says most; nil for the loss.
  let headline: Int?
  let tallies: [any Tally]
  /// What is measured of each output, where several say something of their own; else empty.
  private(set) var parts: [Part] = []

  /// One of several outputs.
  struct Part {
    let name: String
    let plan: EvaluationPlan
  }

  /// The `chosen` metrics, or where there are none the usual ones of what the loss is for on such data.
  ///
  /// Throws a bad configuration (78) where one of them says nothing of such data.
  init(_ chosen: [any Metric], loss: any Loss, dataset: Dataset) throws(Failure) {
    guard loss.parts.isEmpty else {
      try self.init(chosen, parts: loss.parts, dataset)
      return
    }
    let task = LearningTask(loss, dataset)
    let usual = task.usualMetrics
    try self.init(
      chosen.isEmpty ? usual.metrics : chosen, of: task,
      headline: chosen.isEmpty ? usual.headline : chosen.indices.first)
  }

  /// Of each output the metrics that say something of it.
  private init(_ chosen: [any Metric], parts: [LossPart], _ dataset: Dataset) throws(Failure) {
    var plans: [Part] = []
    for (number, part) in parts.enumerated() {
      let task = LearningTask(part, number, of: parts.count, dataset)
      let usual = task.usualMetrics
      let own = chosen.filter { $0.tally(of: task) != nil }
      let headline = chosen.isEmpty ? usual.headline : own.indices.first
      let plan = try EvaluationPlan(chosen.isEmpty ? usual.metrics : own, of: task, headline: headline)
      plans.append(Part(name: part.name, plan: plan))
    }
    if let other = chosen.first(where: { metric in !plans.contains { metric.tally(of: $0.plan.task) != nil } }) {
      throw Failure(
        .badConfiguration, at: "metrics",
        "expected scores of the targets, found \(type(of: other).kind), which says nothing of any", cure: "leave it out"
      )
    }
    (task, metrics, headline, self.parts) = (.values(names: nil, reference: nil), [], nil, plans)
    var tallies: [any Tally] = []
    for (number, part) in parts.enumerated() {
      for tally in plans[number].plan.tallies {
        tallies.append(PartTally(tally, of: part, number: number, among: parts.count))
      }
    }
    self.tallies = tallies
  }

  /// The `wanted` metrics, each of which says something of the task.
  private init(_ wanted: [any Metric], of task: LearningTask, headline: Int?) throws(Failure) {
    (self.task, self.headline) = (task, headline)
    try wanted.requireDistinct { Failure(.badConfiguration, at: "metrics", $0, cure: $1) }
    var (metrics, tallies) = ([(metric: any Metric, tally: Int)](), [any Tally]())
    for metric in wanted {
      guard let tally = metric.tally(of: task) else {
        let fitting = task.usualMetrics.metrics.map { type(of: $0).kind }
        throw Failure(
          .badConfiguration, at: "metrics",
          "expected scores of \(task.description), found \(type(of: metric).kind), which says nothing of them",
          cure: "take \(fitting.joined(separator: ", ")), or leave metrics out")
      }
      if let place = tallies.firstIndex(where: { AnyHashable($0) == AnyHashable(tally) }) {
        metrics.append((metric, place))
      } else {
        metrics.append((metric, tallies.count))
        tallies.append(tally)
      }
    }
    (self.metrics, self.tallies) = (metrics, tallies)
  }

  /// What each metric says of all samples, of what each tally came to; nil where it has a table alone.
  func scores(_ totals: [Totals]) -> [(name: String, value: Double?)] {
    metrics.map { ($0.metric.name, $0.metric.score(of: task, totals[$0.tally])) }
  }

  /// What each output scores by itself, of what the tallies of all came to.
  func partScores(_ totals: [Totals]) -> [(name: String, metrics: [Evaluation.Score])] {
    var first = 0
    return parts.map { part in
      let plan = part.plan
      let own = Array(totals[first..<first + plan.tallies.count])
      first += plan.tallies.count
      let scores: [Evaluation.Score] = plan.scores(own).compactMap { name, value in value.map { (name, $0) } }
      return (part.name, scores)
    }
  }

  /// Of these the one that says most: of the first output.
  func partHeadline(_ scores: [(name: String, metrics: [Evaluation.Score])]) -> Evaluation.Score? {
    guard let part = parts.first, let place = part.plan.headline else { return nil }
    let name = part.plan.metrics[place].metric.name
    return scores[0].metrics.first { $0.name == name }.map { ("\(name) of \(part.name)", $0.value) }
  }

  /// How many integers all tallies count.
  var countWidth: Int { tallies.reduce(0) { $0 + $1.countWidth } }
  /// How many sums all of them have of a micro-batch.
  var sumWidth: Int { tallies.reduce(0) { $0 + $1.sumWidth } }

  /// Adds a micro-batch to all tallies, whose cells lie one after the other.
  func add(
    _ batch: ScoredBatch, counts: UnsafeMutableBufferPointer<Int64>, sums: UnsafeMutableBufferPointer<Double>
  ) {
    var (count, sum) = (0, 0)
    for tally in tallies {
      let (counts, sums) = (
        UnsafeMutableBufferPointer(rebasing: counts[count..<count + tally.countWidth]),
        UnsafeMutableBufferPointer(rebasing: sums[sum..<sum + tally.sumWidth])
      )
      tally.add(batch, to: TallyCells(counts: counts, sums: sums))
      (count, sum) = (count + tally.countWidth, sum + tally.sumWidth)
    }
  }

  /// What each tally came to, of the cells of all.
  func totals(counts: [Int64], sums: [Double], loss: Double) -> [Totals] {
    var (count, sum) = (0, 0)
    return tallies.map { tally in
      defer { (count, sum) = (count + tally.countWidth, sum + tally.sumWidth) }
      return Totals(
        counts: Array(counts[count..<count + tally.countWidth]), sums: Array(sums[sum..<sum + tally.sumWidth]),
        loss: loss)
    }
  }
}

/// Throws a bad configuration (78) where one of the metrics says nothing of what `loss` is for on `dataset`.
package func checkMetrics(_ metrics: [any Metric], loss: any Loss, on dataset: Dataset) throws {
  _ = try EvaluationPlan(metrics, loss: loss, dataset: dataset)
}

extension LearningTask {
  /// What a network is asked for that is trained with `loss` on such data.
  init(_ loss: any Loss, _ dataset: Dataset) {
    if dataset.isText {
      guard case .windows(let windows) = dataset.features else { preconditionFailure("a text has windows") }
      self = .tokens(bytes: windows.bytesPerToken, areSubwords: windows.areSubwords)
      return
    }
    switch loss.meaning {
    case .classes: self = .classes(names: dataset.classNames ?? [])
    case .binary:
      if let labels = dataset.measuredOutputs {
        self = .labels(names: labels)
      } else {
        self = .binary(names: dataset.classNames ?? ["0", "1"])
      }
    case .values:
      let reference = dataset.targets.withValues { $0.prefix(dataset.measuredWidth ?? 1).map(Double.init) }
      self = .values(names: dataset.measuredOutputs, reference: reference)
    }
  }
}

extension Dataset {
  /// More outputs than anybody reads the scores of.
  private static let mostMeasured = 128

  /// How many outputs are measured one by one.
  ///
  /// Nil where there is one output, and where all are taken together as one with as many samples: the elements of a
  /// picture, and rows of more than 128.
  fileprivate var measuredWidth: Int? {
    guard let targetShape, targetShape.rank == 1, (2...Self.mostMeasured).contains(targetShape.count) else {
      return nil
    }
    return targetShape.count
  }

  /// Their names: the columns of a table, or numbers from 0.
  fileprivate var measuredOutputs: [String]? {
    guard let measuredWidth else { return nil }
    return targetNames ?? (0..<measuredWidth).map(String.init)
  }
}
