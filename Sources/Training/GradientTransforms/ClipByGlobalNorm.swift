import Configuration
import Kernels
import Reduction
import Tensors

/// Scales a gradient whose norm over all that is learned is greater than `limit` down to it.
///
/// Pascanu, Mikolov, Bengio: *On the difficulty of training recurrent neural networks* (ICML 2013). Squares are summed over
/// fixed blocks of `Kernels.blockSize` floats, and the blocks' sums along the canonical tree.
public struct ClipByGlobalNorm: GradientTransform {
  public static let kind = "clip-by-global-norm"
  public static let summary = "a gradient whose norm is above a limit scaled down to it, as clip-norm does"

  /// The largest norm, greater than 0.
  public let limit: Double

  /// `limit` is greater than 0.
  public init(limit: Double) {
    precondition(limit > 0, "expected a limit greater than 0, found \(limit)")
    self.limit = limit
  }

  public init(_ settings: ConfigReader) throws { limit = try settings.double("limit", in: .above(0)) }

  public func bound(to binding: GradientBinding) -> any BoundGradientTransform { BoundClip(limit, binding) }
}

private final class BoundClip: BoundGradientTransform, @unchecked Sendable {
  private let limit: Double
  /// One number a piece: the sum of its squares.
  private let squares: PieceSums
  private(set) var gradientNorm: Double?

  init(_ limit: Double, _ binding: GradientBinding) {
    self.limit = limit
    squares = PieceSums(groups: [binding.layout.learnedRange], columns: 1, reducer: binding.reducer)
  }

  /// The norm is known only when the last bucket is summed.
  var seesWholeGradient: Bool { true }

  func note(_ sum: FloatView, at range: Range<Int>, in step: GradientStep) {
    squares.forEachPiece(in: range) { piece, floats in
      squares[piece, 0] = Kernels.squareSum(
        of: sum[floats.lowerBound - range.lowerBound..<floats.upperBound - range.lowerBound])
    }
  }

  func factor(in step: GradientStep) throws -> Double {
    try squares.gather()
    let norm = step.weight > 0 ? squares.sum(group: 0, column: 0).squareRoot() / step.weight * step.factor : 0
    gradientNorm = norm
    return norm > limit ? limit / norm : 1
  }
}
