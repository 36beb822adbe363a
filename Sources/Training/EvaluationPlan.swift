import Datasets
import Diagnostics
import Losses
import Metrics

/// Which metrics are to be measured on data, and what has to be counted for them: equal tallies once.
struct EvaluationPlan {
  let task: LearningTask
  /// Each with the place of its tally.
  let metrics: [(metric: any Metric, tally: Int)]
  /// The place of the metric that says most; nil for the loss.
  let headline: Int?
  let tallies: [any Tally]

  /// The `chosen` metrics, or where there are none the usual ones of what the loss is for on such data.
  ///
  /// Throws a bad configuration (78) where one of them says nothing of such data.
  init(_ chosen: [any Metric], loss: any Loss, dataset: Dataset) throws(Failure) {
    task = LearningTask(loss, dataset)
    let usual = task.usualMetrics
    let wanted = chosen.isEmpty ? usual.metrics : chosen
    try wanted.requireDistinct { Failure(.badConfiguration, at: "metrics", $0, cure: $1) }
    var (metrics, tallies) = ([(metric: any Metric, tally: Int)](), [any Tally]())
    for metric in wanted {
      guard let tally = metric.tally(of: task) else {
        let fitting = usual.metrics.map { type(of: $0).kind }
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
    headline = chosen.isEmpty ? usual.headline : wanted.indices.first
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
      self = .tokens
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
