import Configuration
import Kernels
import Tensors

// C channels, the last axis, in G groups of C / G neighbours; all other axes are positions.

/// Brings the channels of a group to mean 0 and variance 1 over all positions of a sample, then scales and shifts each channel:
/// `(x - μ) / √(σ² + ε) · γ + β`.
///
/// One group is a layer norm over the whole sample, as many as channels an instance norm. γ is `weight`, β is `bias`, and the
/// variance is divided by the number of elements, as in PyTorch. Wu, He: *Group normalization* (ECCV 2018).
public struct GroupNorm: Layer {
  public static let kind = "group-norm"
  public static let summary = "groups of a sample's channels to mean 0 and deviation 1, then scaled and shifted"
  package let groups: Int
  package let epsilon: Float

  /// `groups` divide the channels; `epsilon`, positive, is added to the variance.
  public init(groups: Int, epsilon: Float = 1e-5) {
    precondition(groups > 0 && epsilon > 0, "groups and epsilon must be positive, found \(groups) and \(epsilon)")
    self.groups = groups
    self.epsilon = epsilon
  }

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank > 0, input.count > 0, input.extents.last! % groups == 0 else {
      throw ShapeError(Self.kind, expected: "channels, along the last axis, that \(groups) groups divide", found: input)
    }
    return input
  }

  public func parameters(for input: Shape) -> [Parameter] {
    let shape: Shape = [input.extents.last!]
    return [
      Parameter("weight", shape, .ones, role: .bias, axes: [.input]),
      Parameter("bias", shape, .zeros, role: .bias, axes: [.input]),
    ]
  }

  public var backwardReads: BackwardReads { .input }
  public var gradientPlacement: Placement { .inPlace }
  public var bfloat16Tensors: BFloat16Tensors { .alike }
  /// Neighbours are what it computes with.
  public var featureFlow: FeatureFlow { .counted }
  public func lastRead(at position: Int, of input: Shape) -> Int {
    let width = input.extents.last! / groups
    return input.rank > 1 ? input[0] - 1 : (position / width + 1) * width - 1
  }

  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundGroupNorm(
      x: binding.input, y: binding.output, weight: binding.slots[0], bias: binding.slots[1], index: binding.index,
      B: binding.microBatch, C: binding.inputShape.extents.last!, groups: groups, epsilon: epsilon,
      wantsInputGradient: binding.wantsInputGradient)
  }
}

private struct BoundGroupNorm: BoundLayer {
  let x: Int, y: Int, weight: Int, bias: Int, index: Int
  let B: Int, C: Int, groups: Int
  let epsilon: Float
  let wantsInputGradient: Bool

  /// Saves the mean and 1 / √(σ² + ε) of each group of each sample.
  var workspace: Workspace {
    Workspace(saved: 2 * B * groups, backward: Kernels.groupNormScratch(samples: B, channels: C))
  }

  func forward(_ lane: borrowing Lane) {
    Kernels.groupNorm(
      lane.tensor(x), groups: groups, gamma: lane.parameters[weight], beta: lane.parameters[bias], epsilon: epsilon,
      statistics: lane.saved[index], into: lane.tensor(y))
  }

  func backward(_ lane: borrowing Lane) {
    Kernels.groupNormBackward(
      lane.gradient(y), x: lane.tensor(x), groups: groups, gamma: lane.parameters[weight],
      statistics: lane.saved[index], dgamma: lane.parameterGradients[weight], dbeta: lane.parameterGradients[bias],
      into: wantsInputGradient ? lane.gradient(x) : nil, scratch: lane.backwardScratch[index])
  }
}

extension GroupNorm: ConfiguredLayer {
  /// `group-norm: 8`, `group-norm: {groups: 8, epsilon: 1e-5}`
  public init(_ settings: ConfigReader) throws {
    let groups = try settings.int("groups", in: 1...largestExtent)
    let epsilon = try settings.double("epsilon", default: 1e-5, in: Double(Float.leastNormalMagnitude)...1)
    self.init(groups: groups, epsilon: Float(epsilon))
  }
}
