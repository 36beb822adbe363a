import Configuration
import Kernels
import Tensors

/// The mean of each window, channel by channel; padding counts as zeros, as in PyTorch's `AvgPool2d`.
public struct AveragePool: Pool {
  public static let kind = "average-pool"
  public static let summary = "the mean of each window"
  /// How the pool moves over rows and columns.
  public let window: Window

  /// The window is dense, and its padding at most half of it.
  public init(_ window: Window) {
    window.checkPool()
    self.window = window
  }

  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundAveragePool(
      shape: PoolingShape(binding.inputShape, window, binding.microBatch), x: binding.input, y: binding.output,
      wantsInputGradient: binding.wantsInputGradient)
  }
}

/// The mean of each channel over the whole image: H×W×C becomes C. Lin et al.: *Network in network* (2013).
public struct GlobalAveragePool: Layer {
  public static let kind = "global-average-pool"
  public static let summary = "the mean of each channel over height and width"
  /// It has no settings.
  public init() {}

  public func outputShape(for input: Shape) throws -> Shape {
    try input.requireImage(for: Self.kind)
    return [input[2]]
  }

  public var outputScale: OutputScale { .asInput }
  public var bfloat16Tensors: BFloat16Tensors { .alike }

  public func bind(_ binding: Binding) -> any BoundLayer {
    let shape = PoolingShape(binding.inputShape, Window(kernel: binding.inputShape.plane), binding.microBatch)
    return BoundAveragePool(
      shape: shape, x: binding.input, y: binding.output, wantsInputGradient: binding.wantsInputGradient)
  }
}

struct BoundAveragePool: BoundLayer {
  let shape: PoolingShape
  let x: Int, y: Int
  let wantsInputGradient: Bool

  func forward(_ lane: borrowing Lane) {
    Kernels.averagePool(lane.tensor(x), shape: shape, into: lane.tensor(y))
  }

  func backward(_ lane: borrowing Lane) {
    guard wantsInputGradient else { return }
    Kernels.averagePoolBackward(lane.gradient(y), shape: shape, into: lane.gradient(x))
  }
}

extension GlobalAveragePool: ConfiguredLayer {
  public init(_ settings: ConfigReader) { self.init() }
}

extension AveragePool: ConfiguredLayer {
  /// As `max-pool`.
  public init(_ settings: ConfigReader) throws { self.init(try settings.poolWindow()) }
}
