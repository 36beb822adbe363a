import Communication
import Datasets
import Layers
import Metrics
import Reduction
import Tensors

/// Runs a network forward over a dataset, each sample once, its micro-batches shared by ranks and lanes.
///
/// Counts are integers and sums go along the canonical tree over the micro-batches, so that every figure has the same
/// bits on any number of ranks.
public final class Evaluator {
  private let plan: Plan
  private let loss: Loss
  private let world: any Communicator
  private let team: LaneTeam
  private let lanes: [LaneBox]

  /// On `parameters`, which it borrows and reads anew each time.
  public init(plan: Plan, parameters: FloatView, loss: Loss, team: LaneTeam, world: any Communicator) {
    self.plan = plan
    self.loss = loss
    self.team = team
    self.world = world
    lanes = (0..<team.count).map { _ in
      LaneBox(plan.makeLane(parameters: parameters, seed: 0))
    }
  }

  /// Loss and scores over all samples of `dataset`, the same on every rank; all ranks call it.
  public func evaluate(_ dataset: Dataset, standardisation: Standardisation?) throws -> Evaluation {
    let leaves = (dataset.count + plan.microBatch - 1) / plan.microBatch
    let tree = CanonicalTree(leaves: leaves)
    let share = tree.share(of: world.rank, among: world.size)
    let width = Evaluation.Tally.width(loss: loss, dataset: dataset)
    // One row a micro-batch: its loss and its weight, then what its outputs count.
    let table = Table(rows: leaves, columns: 2 + width)
    forEachLeaf(of: dataset, share, standardisation) { leaf, outputs, staged in
      let (targets, valid, rows) = (staged.targets(0), staged.validCount(0), plan.microBatch)
      table[leaf, 0] = loss.sum(outputs, targets, rows: rows, valid: valid)
      table[leaf, 1] = loss.weight(of: targets, rows: rows, valid: valid)
      Evaluation.Tally.count(outputs, targets, rows: rows, valid: valid, loss: loss, dataset: dataset) {
        table[leaf, 2 + $0] += $1
      }
    }
    try table.gather(world, shares: (0..<world.size).map { tree.share(of: $0, among: world.size) })
    let sums = (0...1 + width).map { column in tree.sum((0..<leaves).map { table[$0, column] }) }
    return Evaluation(
      samples: dataset.count, loss: sums[1] > 0 ? sums[0] / sums[1] : sums[0],
      tally: Evaluation.Tally(Array(sums.dropFirst(2)), loss: loss, dataset: dataset))
  }

  /// The outputs of all samples, in their order: N × outputs. Works alone: ranks do not share the work.
  public func outputs(_ dataset: Dataset, standardisation: Standardisation?) -> FlatBuffer {
    let leaves = (dataset.count + plan.microBatch - 1) / plan.microBatch
    let width = plan.outputShape.count
    let result = FlatBuffer(count: dataset.count * width)
    forEachLeaf(of: dataset, 0..<leaves, standardisation) { leaf, outputs, staged in
      let count = staged.validCount(0) * width
      let first = leaf * plan.microBatch * width
      result.view[first..<first + count].assign(outputs[0..<count])
    }
    return result
  }

  private func forEachLeaf(
    of dataset: Dataset, _ leaves: Range<Int>, _ standardisation: Standardisation?,
    _ body: (Int, FloatView, StagedLeaves) -> Void
  ) {
    team.run { number in
      let lane = lanes[number]
      let staged = StagedLeaves(
        dataset: dataset, standardisation: standardisation, loss: loss, microBatch: plan.microBatch, leaves: 1)
      for leaf in contiguousShare(of: number, among: team.count, in: leaves) {
        let first = leaf * plan.microBatch
        staged.stage(leaf: 0, count: min(plan.microBatch, dataset.count - first)) { samples in
          for place in samples.indices { samples[place] = first + place }
        }
        lane.lane.setInput(staged.input(0))
        lane.lane.setMode(.evaluation, valid: staged.validCount(0))
        plan.forward(lane.lane)
        body(leaf, lane.lane.output, staged)
      }
    }
  }
}

/// Rows of doubles that ranks fill in part and then exchange.
private final class Table: @unchecked Sendable {
  private let columns: Int
  private let memory: UnsafeMutableBufferPointer<Double>

  init(rows: Int, columns: Int) {
    self.columns = columns
    memory = .allocate(capacity: rows * columns)
    memory.initialize(repeating: 0)
  }

  deinit { memory.deallocate() }

  subscript(row: Int, column: Int) -> Double {
    get { memory[row * columns + column] }
    set { memory[row * columns + column] = newValue }
  }

  /// Every rank gets the rows of all shares.
  func gather(_ world: any Communicator, shares: [Range<Int>]) throws {
    let stride = columns * MemoryLayout<Double>.stride
    try world.allGather(
      UnsafeMutableRawBufferPointer(memory), ranges: shares.map { $0.lowerBound * stride..<$0.upperBound * stride })
  }
}
