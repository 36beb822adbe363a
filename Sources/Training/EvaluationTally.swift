import Communication
import Datasets
import Losses
import Metrics
import Reduction
import Tensors

/// What is counted and summed up over the micro-batches of a dataset, whoever computes which of them, and what it comes to.
///
/// Counts are integers, and sums go along the canonical tree over the micro-batches: the same bits on any number of ranks.
final class EvaluationTally {
  let tree: CanonicalTree
  private let dataset: Dataset
  private let loss: any Loss
  private let microBatch: Int
  private let measured: EvaluationPlan
  /// One row a micro-batch: its loss and its weight, then its other sums.
  private let table: Table<Double>
  /// One row a lane: how many targets count, then its other counts.
  private let counts: Table<Int64>

  init(_ metrics: [any Metric], loss: any Loss, _ dataset: Dataset, microBatch: Int, lanes: Int) throws {
    (self.loss, self.dataset, self.microBatch) = (loss, dataset, microBatch)
    measured = try EvaluationPlan(metrics, loss: loss, dataset: dataset)
    tree = CanonicalTree(leaves: (dataset.count + microBatch - 1) / microBatch)
    table = Table(rows: tree.leaves, columns: 2 + measured.sumWidth)
    counts = Table(rows: lanes, columns: 1 + measured.countWidth)
  }

  /// Adds a micro-batch, which is a leaf of the tree; lanes add theirs at the same time.
  func add(_ lane: Int, _ leaf: Int, _ outputs: FloatView, _ targets: Targets, _ staged: StagedLeaves) {
    let (valid, weights) = (staged.validCount(0), staged.weights(0))
    table[leaf, 0] = loss.sum(outputs, targets, weights: weights, rows: microBatch, valid: valid, gradient: nil)
    table[leaf, 1] = loss.weight(of: targets, weights: weights, rows: microBatch, valid: valid)
    let batch = ScoredBatch(
      outputs: loss.points(outputs), targets: targets, rows: microBatch, valid: valid, ignored: loss.ignored)
    counts[lane, 0] += Int64(batch.targetCount)
    measured.add(batch, counts: counts.row(lane, from: 1), sums: table.row(leaf, from: 2))
  }

  /// Whether `addRows` counts what `add` does.
  var takesRows: Bool { loss.isSumOverRows && measured.tallies.allSatisfy(\.takesRows) }

  /// The same as `add`, bit for bit, of outputs that `forEachOutput` shows some rows at a time.
  func addRows(
    _ lane: Int, _ leaf: Int, _ targets: Targets, _ staged: StagedLeaves,
    _ forEachOutput: (_ body: (_ rows: Range<Int>, _ outputs: FloatView) -> Void) -> Void
  ) {
    let (valid, weights) = (staged.validCount(0), staged.weights(0))
    var sum = RowSum(loss, targets, weights: weights, samples: microBatch, valid: valid)
    forEachOutput { rows, outputs in
      sum.add(outputs, rows: rows, gradient: nil)
      let own = sum.targets(of: rows)
      let batch = ScoredBatch(
        outputs: outputs, targets: .classes(own.classes), rows: rows.count, valid: own.valid, ignored: loss.ignored)
      counts[lane, 0] += Int64(batch.targetCount)
      measured.add(batch, counts: counts.row(lane, from: 1), sums: table.row(leaf, from: 2))
    }
    table[leaf, 0] = sum.total
    table[leaf, 1] = loss.weight(of: targets, weights: weights, rows: microBatch, valid: valid)
  }

  /// Gives every rank the sums of the leaves that each of them has added.
  func gather(_ world: any Communicator, _ shares: [Range<Int>]) throws { try table.gather(world, shares: shares) }

  /// What it came to, once all leaves are gathered; all ranks call it.
  func evaluation(_ world: any Communicator) throws -> Evaluation {
    let sums = (0..<2 + measured.sumWidth).map { column in tree.sum((0..<tree.leaves).map { table[$0, column] }) }
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
