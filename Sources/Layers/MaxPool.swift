import Configuration
import Kernels
import Tensors

/// The largest element of each window, channel by channel. Padding never wins; of equals the first does.
public struct MaxPool: Pool {
  public static let kind = "max-pool"
  public static let summary = "the greatest of each window"
  /// How the pool moves over rows and columns.
  public let window: Window

  /// The window is dense, and its padding at most half of it, so that each holds an element of the input.
  public init(_ window: Window) {
    window.checkPool()
    self.window = window
  }

  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundMaxPool(
      shape: PoolingShape(binding.inputShape, window, binding.microBatch), place: binding.index, x: binding.input,
      y: binding.output, wantsInputGradient: binding.wantsInputGradient)
  }
}

struct BoundMaxPool: BoundLayer {
  let shape: PoolingShape
  let place: Int
  let x: Int, y: Int
  let wantsInputGradient: Bool

  /// Where in its window each output was found.
  var workspace: Workspace { Workspace(saved: shape.placesCount) }

  func forward(_ lane: borrowing Lane) {
    Kernels.maxPool(lane.tensor(x), shape: shape, into: lane.tensor(y), places: lane.saved[place])
  }

  func backward(_ lane: borrowing Lane) {
    guard wantsInputGradient else { return }
    Kernels.maxPoolBackward(lane.gradient(y), places: lane.saved[place], shape: shape, into: lane.gradient(x))
  }
}

extension MaxPool: ConfiguredLayer {
  /// `max-pool: 2`, `max-pool: {size: 3, stride: 2, padding: 1}`
  public init(_ settings: ConfigReader) throws {
    self.init(try settings.poolWindow())
  }
}
