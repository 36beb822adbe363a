import Communication
import Datasets
import Reduction
import Tensors

extension Evaluator {
  /// Numbers of a block, at most, but for what each rank has to have of it.
  private static let blockNumbers = 1 << 20

  /// Computes the outputs of all samples in their order, block by block, whose micro-batches the ranks share, and lends each
  /// block, S × outputs, to `body` on rank zero. All ranks call it.
  ///
  /// Outputs have the same bits on any number of ranks. Memory is that of a block.
  ///
  /// - Parameters:
  ///   - activate: overwrites outputs of whole samples with what is to be lent, on the rank that computed them.
  ///   - body: what it throws ends all ranks.
  package func forEachBlock(
    of dataset: Dataset, activate: (FloatView) -> Void, _ body: (FloatView) throws -> Void
  ) throws {
    try forEachBlock(of: dataset, countedBy: nil, activate: activate, body)
  }

  /// The same, lent to `body` on every rank.
  package func forEachBlock(everywhere dataset: Dataset, _ body: (FloatView) throws -> Void) throws {
    try forEachBlock(of: dataset, countedBy: nil, activate: { _ in }, on: 0..<world.size, body)
  }

  /// The same, with loss and scores of the same pass, as `evaluate` gives them: the same bits.
  package func evaluate(
    _ dataset: Dataset, activate: (FloatView) -> Void, _ body: (FloatView) throws -> Void
  ) throws -> Evaluation {
    let tally = try tally(of: dataset)
    try forEachBlock(of: dataset, countedBy: tally, activate: activate, body)
    return try tally.evaluation(world)
  }

  private func forEachBlock(
    of dataset: Dataset, countedBy tally: EvaluationTally?, activate: (FloatView) -> Void, on ranks: Range<Int> = 0..<1,
    _ body: (FloatView) throws -> Void
  ) throws {
    let (size, width) = (plan.microBatch, plan.outputShape.count)
    let leaves = (dataset.count + size - 1) / size
    let most = max(Self.blockNumbers / (size * width), 4 * world.size)
    let buffer = FlatBuffer(count: min(most, leaves) * size * width)
    for first in stride(from: 0, to: leaves, by: most) {
      let block = first..<min(first + most, leaves)
      /// Where the outputs of some leaves lie; the last one of all may have fewer samples.
      func place(of leaves: Range<Int>) -> Range<Int> {
        let end = min(leaves.upperBound * size, dataset.count)
        return min(leaves.lowerBound * size, end) * width - first * size * width..<end * width - first * size * width
      }
      let shares = (0..<world.size).map { contiguousShare(of: $0, among: world.size, in: block) }
      forEachLeaf(of: dataset, shares[world.rank]) { lane, leaf, outputs, staged in
        let count = staged.validCount(0) * width
        buffer.view[place(of: leaf..<leaf + 1)].assign(outputs[0..<count])
        tally?.add(lane, leaf, outputs, targets(lane, staged), staged)
      }
      try tally?.gather(world, shares)
      let own = place(of: shares[world.rank])
      if !own.isEmpty { activate(buffer.view[own]) }
      let bytes = shares.map { share in
        let range = place(of: share)
        return range.lowerBound * MemoryLayout<Float>.stride..<range.upperBound * MemoryLayout<Float>.stride
      }
      try world.allGather(buffer.view.bytes, ranges: bytes)
      try world.agree { if ranks.contains(world.rank) { try body(buffer.view[place(of: block)]) } }
    }
  }
}
