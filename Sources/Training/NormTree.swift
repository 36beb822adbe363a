import Communication
import Kernels
import Reduction
import Tensors

/// The global norm of a gradient whose slices lie with their owners: the same bits for any number of ranks.
///
/// Squares are summed over fixed blocks of `Kernels.blockSize` floats, and the blocks' sums along the canonical tree.
final class NormTree {
  private let world: any Communicator
  private let reducer: GradientReducer
  private let sums: FlatBuffer
  private let blocks: UnsafeMutableBufferPointer<Double>
  private let tree: CanonicalTree

  init(count: Int, reducer: GradientReducer, world: any Communicator) {
    self.world = world
    self.reducer = reducer
    sums = FlatBuffer(count: count)
    let blockCount = max(1, (0..<count).inBlocks.count)
    blocks = .allocate(capacity: blockCount)
    blocks.initialize(repeating: 0)
    tree = CanonicalTree(leaves: blockCount)
  }

  deinit { blocks.deallocate() }

  /// Keeps the sum of a part of an owned slice, and the squares of its blocks; several lanes may at the same time.
  func note(_ range: Range<Int>, _ sum: FloatView) {
    sums.view[range].assign(sum)
    Kernels.squareSums(of: sum, into: UnsafeMutableBufferPointer(rebasing: blocks[range.inBlocks]))
  }

  /// The norm over all slices of all ranks; all ranks call it.
  func value() throws -> Double {
    try reducer.collectBlocks(UnsafeMutableRawBufferPointer(blocks), stride: MemoryLayout<Double>.stride)
    return tree.sum(overwriting: blocks).squareRoot()
  }

  /// Hands out a lane's part of what was noted.
  func forEachSum(of lane: Int, among lanes: Int, _ body: (Range<Int>, FloatView) -> Void) {
    for range in reducer.ownedRanges {
      let part = contiguousShare(of: lane, among: lanes, in: range)
      if !part.isEmpty { body(part, sums.view[part]) }
    }
  }
}
