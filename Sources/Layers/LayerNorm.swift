import Kernels
import Tensors

// N rows (all positions of the micro-batch), D columns: the last axis.

/// Brings each row along the last axis to mean 0 and variance 1, then scales and shifts it: `(x - μ) / √(σ² + ε) · γ + β`.
///
/// γ is `weight`, β is `bias`, and the variance is divided by D, as in PyTorch. Ba, Kiros, Hinton: *Layer normalization*
/// (2016).
public struct LayerNorm: RowNorm {
  public static let kind = "layer-norm"
  public static let summary = "each row to mean 0 and deviation 1, then scaled and shifted"
  static let usualEpsilon = 1e-5
  package let epsilon: Float

  /// `epsilon`, positive, is added to the variance.
  public init(epsilon: Float = 1e-5) {
    precondition(epsilon > 0, "epsilon must be positive, found \(epsilon)")
    self.epsilon = epsilon
  }

  public func parameters(for input: Shape) -> [Parameter] {
    let width = Shape([input.extents.last!])
    return [
      Parameter("weight", width, .ones, role: .bias, axes: [.input]),
      Parameter("bias", width, .zeros, role: .bias, axes: [.input]),
    ]
  }

  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundLayerNorm(
      x: binding.input, y: binding.output, weight: binding.slots[0], bias: binding.slots[1], index: binding.index,
      rows: binding.microBatch * binding.inputShape.count / binding.inputShape.extents.last!, epsilon: epsilon,
      isRowwise: binding.inputShape.rank == 2,
      wantsInputGradient: binding.wantsInputGradient)
  }
}

private struct BoundLayerNorm: RowwiseLayer {
  let x: Int, y: Int, weight: Int, bias: Int, index: Int
  /// N
  let rows: Int
  let epsilon: Float
  let isRowwise: Bool
  let wantsInputGradient: Bool

  /// Saves each row's mean and 1 / √(σ² + ε).
  var workspace: Workspace { Workspace(saved: 2 * rows) }

  func forward(_ lane: borrowing Lane, rows: Rows) {
    Kernels.layerNorm(
      rows.of(lane.values[x]), gamma: lane.parameters[weight], beta: lane.parameters[bias], epsilon: epsilon,
      statistics: rows.of(lane.saved[index]), into: rows.of(lane.tensor(y)))
  }

  func backward(_ lane: borrowing Lane) {
    Kernels.layerNormBackward(
      lane.gradient(y), x: lane.values[x], gamma: lane.parameters[weight], statistics: lane.saved[index],
      dgamma: lane.parameterGradients[weight], dbeta: lane.parameterGradients[bias],
      into: wantsInputGradient ? lane.gradients[x] : nil)
  }
}
