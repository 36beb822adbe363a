import Kernels
import Reduction
import Tensors

/// The global norm of a gradient whose slices lie with their owners: the same bits for any number of ranks.
///
/// Squares are summed over fixed blocks of `Kernels.blockSize` floats, and the blocks' sums along the canonical tree.
/// Running statistics are no part of the gradient.
final class NormTree {
  private let learned: Range<Int>
  private let sums: PieceSums

  init(_ layout: ParameterLayout, reducer: GradientReducer) {
    learned = layout.learnedRange
    sums = PieceSums(groups: [learned], columns: 1, reducer: reducer)
  }

  /// Keeps the squares of an owned part of the gradient, whole blocks; several lanes may at the same time.
  func note(_ range: Range<Int>, _ gradient: FloatView) {
    sums.forEachPiece(in: range.clamped(to: learned)) { piece, floats in
      sums[piece, 0] = Kernels.squareSum(
        of: gradient[floats.lowerBound - range.lowerBound..<floats.upperBound - range.lowerBound])
    }
  }

  /// The norm over all slices of all ranks; all ranks call it.
  func value() throws -> Double {
    try sums.gather()
    return sums.sum(group: 0, column: 0).squareRoot()
  }
}
