import Configuration
import Kernels
import Tensors

// C channels: the last axis.

/// x where it is above 0, else a learned slope times x; one slope for all, or one a channel.
///
/// He et al.: *Delving deep into rectifiers* (ICCV 2015). As PyTorch's `PReLU`, whose `weight` is the slope.
public struct PReLU: Layer {
  public static let kind = "prelu"
  public static let summary = "x, and a learned slope times x where it is negative"
  /// What slopes start from.
  package let slope: Float
  package let isPerChannel: Bool

  /// A `slope` to start from; `perChannel`: one for each place along the last axis.
  public init(slope: Float = 0.25, perChannel isPerChannel: Bool = false) {
    self.slope = slope
    self.isPerChannel = isPerChannel
  }

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank > 0, input.count > 0 else { throw ShapeError(Self.kind, expected: "an axis", found: input) }
    return input
  }

  public func parameters(for input: Shape) -> [Parameter] {
    let shape: Shape = [isPerChannel ? input.extents.last! : 1]
    let start = Initialiser.normal(mean: Double(slope), deviation: 0)
    return [Parameter("weight", shape, start, role: .bias, axes: isPerChannel ? [.input] : [])]
  }

  public var backwardReads: BackwardReads { .input }
  public var gradientPlacement: Placement { .inPlace }
  public var bfloat16Tensors: BFloat16Tensors { .alike }
  public var featureFlow: FeatureFlow { .kept }
  public func lastRead(at position: Int, of input: Shape) -> Int { position }

  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundPReLU(
      x: binding.input, y: binding.output, weight: binding.slots[0], place: binding.index,
      C: binding.inputShape.extents.last!, isPerChannel: isPerChannel, isRowwise: binding.inputShape.rank > 1,
      wantsInputGradient: binding.wantsInputGradient)
  }
}

private struct BoundPReLU: RowwiseLayer {
  let x: Int, y: Int, weight: Int, place: Int
  let C: Int
  let isPerChannel: Bool
  let isRowwise: Bool
  let wantsInputGradient: Bool

  /// Room for a slope a channel where there is one for all, and for the sums of their gradients.
  var workspace: Workspace { Workspace(forward: isPerChannel ? 0 : C, backward: (isPerChannel ? 0 : C) + 2 * C) }

  func forward(_ lane: borrowing Lane, rows: Rows) {
    let slopes = slopes(lane, isPerChannel ? nil : lane.forwardScratch[place])
    let (x, y) = (rows.of(lane.tensor(x)), rows.of(lane.tensor(y)))
    Kernels.prelu(x, slopes: slopes, into: y)
  }

  func backward(_ lane: borrowing Lane) {
    let scratch = lane.backwardScratch[place]
    let slopes = slopes(lane, isPerChannel ? nil : scratch[2 * C..<3 * C])
    Kernels.preluBackward(
      lane.gradient(y), x: lane.tensor(x), slopes: slopes, dslopes: lane.parameterGradients[weight],
      into: wantsInputGradient ? lane.gradient(x) : nil, scratch: scratch[0..<2 * C])
  }

  /// A slope a channel: the slot itself, or `memory` full of the only one.
  private func slopes(_ lane: borrowing Lane, _ memory: FloatView?) -> FloatView {
    let slot = lane.parameters[weight]
    guard let memory else { return slot }
    for c in 0..<C { memory[c] = slot[0] }
    return memory[0..<C]
  }
}

extension PReLU: ConfiguredLayer {
  /// `prelu: {slope: 0.25, per-channel: false}`
  public init(_ settings: ConfigReader) throws {
    let slope = try settings.double("slope", default: 0.25, in: -1e6...1e6)
    self.init(slope: Float(slope), perChannel: try settings.bool("per-channel", default: false))
  }
}
