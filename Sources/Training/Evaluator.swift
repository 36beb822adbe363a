import Communication
import Datasets
import Diagnostics
import Layers
import Losses
import Metrics
import Reduction
import Tensors

/// Runs a network forward over a dataset, each sample once, its micro-batches shared by ranks and lanes.
///
/// Counts are integers, which add up to the same in any order; losses and other sums go along the canonical tree over
/// the micro-batches. So every figure has the same bits on any number of ranks.
package final class Evaluator {
  let plan: Plan
  private let loss: any Loss
  private let metrics: [any Metric]
  let world: any Communicator
  private let team: LaneTeam
  private let lanes: [LaneBox]

  /// On `parameters`, which it borrows and reads anew each time.
  ///
  /// - Parameters:
  ///   - metrics: what is measured besides the loss; empty: the usual scores of what the loss is for.
  ///   - progress: where lane 0 notes where it is.
  package init(
    plan: Plan, parameters: FloatView, loss: any Loss, metrics: [any Metric] = [], team: LaneTeam,
    world: any Communicator, progress: RankProgress? = nil
  ) {
    self.plan = plan
    self.loss = loss
    self.metrics = metrics
    self.team = team
    self.world = world
    lanes = (0..<team.count).map { _ in
      LaneBox(plan.makeLane(parameters: parameters, seed: 0))
    }
    lanes[0].lane.progress = progress
  }

  /// What is measured on `dataset`, by its name in files: `f1`, and of one of several outputs `f1/Status`; which values are better.
  package func goals(on dataset: Dataset) throws -> [String: MetricGoal] {
    let plan = try EvaluationPlan(metrics, loss: loss, dataset: dataset)
    var goals = ["loss": MetricGoal.minimize]
    func add(_ plan: EvaluationPlan, _ output: String?) {
      // What needs all rows does not add up over micro-batches.
      for (metric, _) in plan.metrics where !(metric is any WholeMetric) {
        let name = metric.name.replacing(" ", with: "-")
        goals[output.map { "\(name)/\($0)" } ?? name] = type(of: metric).goal
      }
    }
    add(plan, nil)
    for part in plan.parts { add(part.plan, part.name) }
    return goals
  }

  /// The names in files of a metric that needs all rows, on `dataset`, and which values are better; empty where it says nothing of
  /// such samples.
  package func wholeGoals(_ metric: any Metric, on dataset: Dataset) -> [String: MetricGoal] {
    guard metric is any WholeMetric, let plan = try? EvaluationPlan([metric], loss: loss, dataset: dataset) else {
      return [:]
    }
    let parts = plan.parts.filter { !$0.plan.metrics.isEmpty }.map(\.name)
    let outputs = plan.parts.isEmpty ? plan.task.outputs : parts
    let (name, goal) = (metric.name.replacing(" ", with: "-"), type(of: metric).goal)
    return Dictionary(uniqueKeysWithValues: outputs.isEmpty ? [(name, goal)] : outputs.map { ("\(name)/\($0)", goal) })
  }

  /// Loss and scores over all samples of `dataset`, the same on every rank; all ranks call it.
  package func evaluate(_ dataset: Dataset) throws -> Evaluation {
    let leaves = (dataset.count + plan.microBatch - 1) / plan.microBatch
    let tree = CanonicalTree(leaves: leaves)
    let share = tree.share(of: world.rank, among: world.size)
    let measured = try EvaluationPlan(metrics, loss: loss, dataset: dataset)
    // One row a micro-batch: its loss and its weight, then its other sums.
    let table = Table<Double>(rows: leaves, columns: 2 + measured.sumWidth)
    // One row a lane: how many targets count, then its other counts.
    let counts = Table<Int64>(rows: team.count, columns: 1 + measured.countWidth)
    forEachLeaf(of: dataset, share) { lane, leaf, outputs, staged in
      let (targets, valid, rows) = (staged.targets(0), staged.validCount(0), plan.microBatch)
      let weights = staged.weights(0)
      table[leaf, 0] = loss.sum(outputs, targets, weights: weights, rows: rows, valid: valid, gradient: nil)
      table[leaf, 1] = loss.weight(of: targets, weights: weights, rows: rows, valid: valid)
      let batch = ScoredBatch(
        outputs: loss.points(outputs), targets: targets, rows: rows, valid: valid, ignored: loss.ignored)
      counts[lane, 0] += Int64(batch.targetCount)
      measured.add(batch, counts: counts.row(lane, from: 1), sums: table.row(leaf, from: 2))
    }
    try table.gather(world, shares: (0..<world.size).map { tree.share(of: $0, among: world.size) })
    let sums = (0..<2 + measured.sumWidth).map { column in tree.sum((0..<leaves).map { table[$0, column] }) }
    let ranks = try world.allGather(counts.columnSums)
    let total = ranks.dropFirst().reduce(into: ranks[0]) { sum, rank in
      for place in rank.indices { sum[place] += rank[place] }
    }
    let ignored = dataset.count * dataset.classesPerSample - Int(total[0])
    let mean = sums[1] > 0 ? sums[0] / sums[1] : 0
    return Evaluation(
      measured, totals: measured.totals(counts: Array(total.dropFirst()), sums: Array(sums.dropFirst(2)), loss: mean),
      samples: dataset.isText ? dataset.count : dataset.count - ignored, ignored: ignored, loss: mean)
  }

  /// The outputs of all samples, in their order: N × outputs. Works alone: ranks do not share the work.
  package func outputs(_ dataset: Dataset) -> FlatBuffer {
    let leaves = (dataset.count + plan.microBatch - 1) / plan.microBatch
    let width = plan.outputShape.count
    let result = FlatBuffer(count: dataset.count * width)
    forEachLeaf(of: dataset, 0..<leaves) { _, leaf, outputs, staged in
      let count = staged.validCount(0) * width
      let first = leaf * plan.microBatch * width
      result.view[first..<first + count].assign(outputs[0..<count])
    }
    return result
  }

  /// Forward over some leaves, which the lanes share; outputs are lent.
  func forEachLeaf(
    of dataset: Dataset, _ leaves: Range<Int>,
    _ body: (_ lane: Int, _ leaf: Int, _ outputs: FloatView, StagedLeaves) -> Void
  ) {
    team.run { number in
      let lane = lanes[number]
      let staged = StagedLeaves(
        dataset: dataset, loss: loss, microBatch: plan.microBatch, leaves: 1)
      for leaf in contiguousShare(of: number, among: team.active, in: leaves) {
        let first = leaf * plan.microBatch
        staged.stage(leaf: 0, count: min(plan.microBatch, dataset.count - first)) { samples in
          for place in samples.indices { samples[place] = first + place }
        }
        lane.lane.setInput(staged.input(0))
        lane.lane.setMode(.evaluation, valid: staged.validCount(0))
        plan.forward(lane.lane)
        body(number, leaf, lane.lane.output, staged)
      }
    }
  }
}

/// Rows of numbers that lanes, or ranks, fill in part.
private final class Table<Number: Numeric & BitwiseCopyable & Sendable>: @unchecked Sendable {
  private let rows: Int
  private let columns: Int
  private let buffer: NumberBuffer<Number>

  init(rows: Int, columns: Int) {
    (self.rows, self.columns) = (rows, columns)
    buffer = NumberBuffer(count: rows * columns, repeating: 0)
  }

  private var memory: UnsafeMutableBufferPointer<Number> { buffer.elements }

  subscript(row: Int, column: Int) -> Number {
    get { memory[row * columns + column] }
    set { memory[row * columns + column] = newValue }
  }

  /// A row, from a column on.
  func row(_ row: Int, from column: Int) -> UnsafeMutableBufferPointer<Number> {
    UnsafeMutableBufferPointer(rebasing: memory[row * columns + column..<(row + 1) * columns])
  }

  /// The sums of the columns, rows ascending.
  var columnSums: [Number] {
    (0..<columns).map { column in (0..<rows).reduce(0) { $0 + self[$1, column] } }
  }

  /// Every rank gets the rows of all shares.
  func gather(_ world: any Communicator, shares: [Range<Int>]) throws {
    let stride = columns * MemoryLayout<Number>.stride
    try world.allGather(
      buffer.bytes, ranges: shares.map { $0.lowerBound * stride..<$0.upperBound * stride })
  }
}
