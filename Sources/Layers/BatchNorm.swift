import Configuration
import Kernels
import Tensors

// B samples, V ≤ B of them present, S positions a sample, R = V·S rows, C channels. γ weight, β bias, ε epsilon.

/// Batch normalisation: `y = (x - μ) / √(σ² + ε) · γ + β`, channel by channel; the last axis holds the channels.
///
/// In training μ and σ² are those of the micro-batch's present samples, σ² divided by R. In evaluation they are the
/// running statistics, which go towards those of each batch by `momentum`: the mean over the micro-batches, weighted by
/// their samples; the variance there is divided by R - 1, as in PyTorch's `BatchNorm2d`. Absent samples count for
/// nothing and get a gradient of zero. The micro-batch, not the batch or the rank, is what is normalised. Where the statistics are
/// frozen, training normalises by them too: see `Freezing`.
/// Ioffe, Szegedy: *Batch normalization* (ICML 2015).
public struct BatchNorm: Layer {
  public static let kind = "batch-norm"
  public static let summary = "each channel to mean 0 and deviation 1 over a micro-batch, then scaled and shifted"
  package let momentum: Double
  package let epsilon: Double

  /// `momentum`, in 0...1, is the share of a batch in the running statistics; `epsilon` is added to the variance.
  public init(momentum: Double = 0.1, epsilon: Double = 1e-5) {
    precondition(momentum >= 0 && momentum <= 1, "the momentum must be in 0...1, found \(momentum)")
    precondition(epsilon > 0, "epsilon must be positive, found \(epsilon)")
    self.momentum = momentum
    self.epsilon = epsilon
  }

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank > 0, input.count > 0 else {
      throw ShapeError(Self.kind, expected: "samples with channels as their last axis", found: input)
    }
    return input
  }

  public func parameters(for input: Shape) -> [Parameter] {
    let shape: Shape = [input[input.rank - 1]]
    let running = SlotRole.statistic(momentum: Float(momentum))
    return [
      Parameter("weight", shape, .ones, role: .bias, axes: [.input]),
      Parameter("bias", shape, .zeros, role: .bias, axes: [.input]),
      Parameter("running_mean", shape, .zeros, role: running, axes: [.input]),
      Parameter("running_var", shape, .ones, role: running, axes: [.input]),
    ]
  }

  public var backwardReads: BackwardReads { .input }
  public var bfloat16Tensors: BFloat16Tensors { .alike }
  public var featureFlow: FeatureFlow { .kept }
  /// Of running statistics, which are no positions.
  public func lastRead(at position: Int, of input: Shape) -> Int { position }

  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundBatchNorm(
      epsilon: Float(epsilon), place: binding.index, x: binding.input, y: binding.output, slots: binding.slots,
      width: binding.inputShape.count, C: binding.inputShape.extents.last!,
      wantsInputGradient: binding.wantsInputGradient)
  }
}

private struct BoundBatchNorm: BoundLayer {
  let epsilon: Float
  let place: Int
  let x: Int, y: Int
  /// γ, β, running mean, running variance.
  let slots: [Int]
  /// Floats of a sample.
  let width: Int
  let C: Int
  let wantsInputGradient: Bool

  var workspace: Workspace {
    let scratch = Kernels.batchNormScratch(channels: C)
    return Workspace(saved: 3 * C, forward: max(2 * C, scratch), backward: scratch)
  }

  func forward(_ lane: borrowing Lane) {
    let (x, y, scratch) = (lane.tensor(x), lane.tensor(y), lane.forwardScratch[place])
    let (weight, bias) = (lane.parameters[slots[0]], lane.parameters[slots[1]])
    guard normalisesByBatch(lane) else {
      let (inverse, scale) = (scratch[0..<C], scratch[C..<2 * C])
      invert(lane.parameters[slots[3]], into: inverse)
      for c in 0..<C { scale[c] = inverse[c] * weight[c] }
      return Kernels.channelAffine(x, mean: lane.parameters[slots[2]], scale: scale, shift: bias, into: y)
    }
    let (mean, variance, inverse) = saved(lane)
    Kernels.batchMoments(x[0..<lane.validCount * width], mean: mean, variance: variance, scratch: scratch)
    invert(variance, into: inverse)
    let scale = scratch[0..<C]
    for c in 0..<C { scale[c] = inverse[c] * weight[c] }
    Kernels.channelAffine(x, mean: mean, scale: scale, shift: bias, into: y)
  }

  /// Whether a pass takes its mean and deviation from the samples that it has.
  private func normalisesByBatch(_ lane: borrowing Lane) -> Bool {
    guard case .training = lane.mode else { return false }
    return lane.learns(slots[2])
  }

  func backward(_ lane: borrowing Lane) {
    let present = 0..<lane.validCount * width
    guard normalisesByBatch(lane) else { return backwardByStatistics(lane, present) }
    let (mean, variance, inverse) = saved(lane)
    let dx = wantsInputGradient ? lane.gradient(x) : nil
    Kernels.batchNormBackward(
      lane.gradient(y)[present], x: lane.tensor(x)[present], mean: mean, inverse: inverse,
      scale: lane.parameters[slots[0]], dscale: lane.parameterGradients[slots[0]],
      dshift: lane.parameterGradients[slots[1]], dx: dx?[present], scratch: lane.backwardScratch[place])
    if let dx { dx[present.upperBound..<dx.count].clear() }
    addStatistics(lane, mean, variance)
  }

  /// The same where μ and σ are constants: dx = dy·γ / √(σ² + ε).
  private func backwardByStatistics(_ lane: borrowing Lane, _ present: Range<Int>) {
    let (mean, zero, inverse) = saved(lane)
    mean.assign(lane.parameters[slots[2]])
    invert(lane.parameters[slots[3]], into: inverse)
    if lane.learns(slots[0]) || lane.learns(slots[1]) {
      Kernels.batchNormBackward(
        lane.gradient(y)[present], x: lane.tensor(x)[present], mean: mean, inverse: inverse,
        scale: lane.parameters[slots[0]], dscale: lane.parameterGradients[slots[0]],
        dshift: lane.parameterGradients[slots[1]], dx: nil, scratch: lane.backwardScratch[place])
    }
    guard wantsInputGradient else { return }
    zero.clear()
    for c in 0..<C { inverse[c] *= lane.parameters[slots[0]][c] }
    let dx = lane.gradient(x)
    Kernels.channelAffine(lane.gradient(y), mean: zero, scale: inverse, shift: zero, into: dx)
    dx[present.upperBound..<dx.count].clear()
  }

  /// Overwrites the leaf's statistics with the micro-batch's, times its present samples: the tree's sum over them,
  /// divided by the samples of the batch, is their mean.
  private func addStatistics(_ lane: borrowing Lane, _ mean: FloatView, _ variance: FloatView) {
    let (runningMean, runningVariance) = (lane.parameterGradients[slots[2]], lane.parameterGradients[slots[3]])
    let (V, R) = (Float(lane.validCount), Float(lane.validCount * width / C))
    let unbiased = R > 1 ? V * (R / (R - 1)) : V
    for c in 0..<C {
      runningMean[c] = V * mean[c]
      runningVariance[c] = unbiased * variance[c]
    }
  }

  private func saved(_ lane: borrowing Lane) -> (mean: FloatView, variance: FloatView, inverse: FloatView) {
    let all = lane.saved[place]
    return (all[0..<C], all[C..<2 * C], all[2 * C..<3 * C])
  }

  /// Overwrites `inverse` with 1 / √(σ² + ε).
  private func invert(_ variance: FloatView, into inverse: FloatView) {
    for c in 0..<C { inverse[c] = 1 / (variance[c] + epsilon).squareRoot() }
  }
}

extension BatchNorm: ConfiguredLayer {
  /// `batch-norm: {momentum: 0.1, epsilon: 1e-5}`
  public init(_ settings: ConfigReader) throws {
    try settings.requireNames(of: "momentum", "epsilon")
    let momentum = try settings.double("momentum", default: 0.1, in: 0...1)
    let epsilon = try settings.double("epsilon", default: 1e-5, in: Double(Float.leastNormalMagnitude)...)
    self.init(momentum: momentum, epsilon: epsilon)
  }
}
