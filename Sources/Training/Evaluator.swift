import Communication
import Datasets
import Diagnostics
import Layers
import Metrics
import Reduction
import Tensors

/// Runs a network forward over a dataset, each sample once, its micro-batches shared by ranks and lanes.
///
/// Counts are integers, which add up to the same in any order; losses and other sums go along the canonical tree over
/// the micro-batches. So every figure has the same bits on any number of ranks.
public final class Evaluator {
  private let plan: Plan
  private let loss: Loss
  private let world: any Communicator
  private let team: LaneTeam
  private let lanes: [LaneBox]

  /// On `parameters`, which it borrows and reads anew each time.
  ///
  /// Lane 0 notes in `progress` where it is.
  public init(
    plan: Plan, parameters: FloatView, loss: Loss, team: LaneTeam, world: any Communicator,
    progress: RankProgress? = nil
  ) {
    self.plan = plan
    self.loss = loss
    self.team = team
    self.world = world
    lanes = (0..<team.count).map { _ in
      LaneBox(plan.makeLane(parameters: parameters, seed: 0))
    }
    lanes[0].lane.progress = progress
  }

  /// Loss and scores over all samples of `dataset`, the same on every rank; all ranks call it.
  public func evaluate(_ dataset: Dataset, standardisation: Standardisation?) throws -> Evaluation {
    let leaves = (dataset.count + plan.microBatch - 1) / plan.microBatch
    let tree = CanonicalTree(leaves: leaves)
    let share = tree.share(of: world.rank, among: world.size)
    let (countWidth, sumWidth) = Evaluation.Tally.widths(loss: loss, dataset: dataset)
    // One row a micro-batch: its loss and its weight, then its other sums.
    let table = Table<Double>(rows: leaves, columns: 2 + sumWidth)
    let counts = Table<Int64>(rows: team.count, columns: countWidth)
    forEachLeaf(of: dataset, share, standardisation) { lane, leaf, outputs, staged in
      let (targets, valid, rows) = (staged.targets(0), staged.validCount(0), plan.microBatch)
      table[leaf, 0] = loss.sum(outputs, targets, rows: rows, valid: valid)
      table[leaf, 1] = loss.weight(of: targets, rows: rows, valid: valid)
      Evaluation.Tally.take(outputs, targets, rows: rows, valid: valid, loss: loss, dataset: dataset) {
        counts[lane, $0] += 1
      } add: {
        table[leaf, 2 + $0] += $1
      }
    }
    try table.gather(world, shares: (0..<world.size).map { tree.share(of: $0, among: world.size) })
    let sums = (0..<2 + sumWidth).map { column in tree.sum((0..<leaves).map { table[$0, column] }) }
    let ranks = try world.allGather(counts.columnSums)
    let total = ranks.dropFirst().reduce(into: ranks[0]) { sum, rank in
      for place in rank.indices { sum[place] += rank[place] }
    }
    let tally = Evaluation.Tally(counts: total, sums: Array(sums.dropFirst(2)), loss: loss, dataset: dataset)
    let ignored = tally.ignored(of: dataset, loss)
    return Evaluation(
      samples: dataset.isText ? dataset.count : dataset.count - ignored, ignored: ignored,
      loss: sums[1] > 0 ? sums[0] / sums[1] : 0, tally: tally)
  }

  /// The outputs of all samples, in their order: N × outputs. Works alone: ranks do not share the work.
  public func outputs(_ dataset: Dataset, standardisation: Standardisation?) -> FlatBuffer {
    let leaves = (dataset.count + plan.microBatch - 1) / plan.microBatch
    let width = plan.outputShape.count
    let result = FlatBuffer(count: dataset.count * width)
    forEachLeaf(of: dataset, 0..<leaves, standardisation) { _, leaf, outputs, staged in
      let count = staged.validCount(0) * width
      let first = leaf * plan.microBatch * width
      result.view[first..<first + count].assign(outputs[0..<count])
    }
    return result
  }

  private func forEachLeaf(
    of dataset: Dataset, _ leaves: Range<Int>, _ standardisation: Standardisation?,
    _ body: (_ lane: Int, _ leaf: Int, _ outputs: FloatView, StagedLeaves) -> Void
  ) {
    team.run { number in
      let lane = lanes[number]
      let staged = StagedLeaves(
        dataset: dataset, standardisation: standardisation, loss: loss, microBatch: plan.microBatch, leaves: 1)
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
private final class Table<Number: Numeric & BitwiseCopyable>: @unchecked Sendable {
  private let rows: Int
  private let columns: Int
  private let memory: UnsafeMutableBufferPointer<Number>

  init(rows: Int, columns: Int) {
    (self.rows, self.columns) = (rows, columns)
    memory = .allocate(capacity: rows * columns)
    memory.initialize(repeating: 0)
  }

  deinit { memory.deallocate() }

  subscript(row: Int, column: Int) -> Number {
    get { memory[row * columns + column] }
    set { memory[row * columns + column] = newValue }
  }

  /// The sums of the columns, rows ascending.
  var columnSums: [Number] {
    (0..<columns).map { column in (0..<rows).reduce(0) { $0 + self[$1, column] } }
  }

  /// Every rank gets the rows of all shares.
  func gather(_ world: any Communicator, shares: [Range<Int>]) throws {
    let stride = columns * MemoryLayout<Number>.stride
    try world.allGather(
      UnsafeMutableRawBufferPointer(memory), ranges: shares.map { $0.lowerBound * stride..<$0.upperBound * stride })
  }
}
