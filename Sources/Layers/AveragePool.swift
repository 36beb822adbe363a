import Configuration
import Kernels
import Tensors

/// The mean of each window, channel by channel; padding counts as zeros, or not at all, as in PyTorch's `AvgPool2d`.
public struct AveragePool: Pool {
  public static let kind = "average-pool"
  public static let summary = "the mean of each window"
  /// How the pool moves over rows and columns.
  public let window: Window
  package let countsPadding: Bool

  /// The window is dense, and its padding at most half of it.
  public init(_ window: Window) { self.init(window, countIncludePad: true) }

  /// The same; `countIncludePad`: whether zeros beside the input are counted among a window's elements.
  public init(_ window: Window, countIncludePad countsPadding: Bool) {
    window.checkPool()
    self.window = window
    self.countsPadding = countsPadding
  }

  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundAveragePool(
      shape: PoolingShape(binding.inputShape, window, binding.microBatch, countsPadding: countsPadding),
      x: binding.input, y: binding.output, wantsInputGradient: binding.wantsInputGradient)
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

extension AveragePool: ConfiguredLayer {
  /// As `max-pool`, and `count-include-pad: true`.
  public init(_ settings: ConfigReader) throws {
    let window = try settings.poolWindow()
    self.init(window, countIncludePad: try settings.bool("count-include-pad", default: true))
  }
}
