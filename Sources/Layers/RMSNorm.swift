import Kernels
import Tensors

// N rows (all positions of the micro-batch), D columns: the last axis.

/// Divides each row along the last axis by its root mean square, then scales it: `x / √(mean(x²) + ε) · γ`.
///
/// γ is `weight`, as in PyTorch. Zhang, Sennrich: *Root mean square layer normalization* (NeurIPS 2019).
public struct RMSNorm: RowNorm {
  public static let kind = "rms-norm"
  public static let summary = "each row divided by its root mean square, then scaled"
  static let usualEpsilon = 1e-6
  package let epsilon: Float

  /// `epsilon`, positive, is added to the mean of the squares.
  public init(epsilon: Float = 1e-6) {
    precondition(epsilon > 0, "epsilon must be positive, found \(epsilon)")
    self.epsilon = epsilon
  }

  public func parameters(for input: Shape) -> [Parameter] {
    [Parameter("weight", [input.extents.last!], .ones, role: .bias, axes: [.input])]
  }

  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundRMSNorm(
      x: binding.input, y: binding.output, weight: binding.slots[0], index: binding.index,
      rows: binding.microBatch * binding.inputShape.count / binding.inputShape.extents.last!, epsilon: epsilon,
      isRowwise: binding.inputShape.rank == 2, wantsInputGradient: binding.wantsInputGradient)
  }
}

private struct BoundRMSNorm: RowwiseLayer {
  let x: Int, y: Int, weight: Int, index: Int
  /// N
  let rows: Int
  let epsilon: Float
  let isRowwise: Bool
  let wantsInputGradient: Bool

  /// Saves each row's 1 / √(mean(x²) + ε).
  var workspace: Workspace { Workspace(saved: rows) }

  func forward(_ lane: borrowing Lane, rows: Rows) {
    Kernels.rmsNorm(
      rows.of(lane.values[x]), gamma: lane.parameters[weight], epsilon: epsilon, inverses: rows.of(lane.saved[index]),
      into: rows.of(lane.tensor(y)))
  }

  func backward(_ lane: borrowing Lane) {
    Kernels.rmsNormBackward(
      lane.gradient(y), x: lane.values[x], gamma: lane.parameters[weight], inverses: lane.saved[index],
      dgamma: lane.parameterGradients[weight], into: wantsInputGradient ? lane.gradients[x] : nil)
  }
}
