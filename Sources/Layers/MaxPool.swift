import Kernels
import Tensors

/// The largest element of each window, channel by channel. Padding never wins; of equals the first does.
public struct MaxPool: Layer {
  public static let kind = "max-pool"
  public let window: Window

  /// The window is dense, and its padding at most half of it, so that each holds an element of the input.
  public init(_ window: Window) {
    window.checkPool()
    let area = window.kernel.height * window.kernel.width
    precondition(area <= Kernels.largestWindow, "at most \(Kernels.largestWindow) elements a window, found \(area)")
    self.window = window
  }

  /// A square window; without a stride windows stand side by side.
  public init(size: Int, stride: Int? = nil, padding: Int = 0) {
    self.init(Window(size: size, stride: stride, padding: padding))
  }

  public func outputShape(for input: Shape) throws -> Shape {
    let output = try window.output(for: input, of: Self.kind)
    return [output.height, output.width, input[2]]
  }

  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundMaxPool(
      shape: PoolingShape(binding.inputShape, window, binding.microBatch), place: binding.index, x: binding.input,
      y: binding.output, wantsInputGradient: binding.wantsInputGradient)
  }
}

private struct BoundMaxPool: BoundLayer {
  let shape: PoolingShape
  let place: Int
  let x: Int, y: Int
  let wantsInputGradient: Bool

  /// Where in its window each output was found.
  var workspace: Workspace { Workspace(saved: shape.placesCount) }

  func forward(_ lane: borrowing Lane) {
    Kernels.maxPool(lane.values[x], shape: shape, into: lane.values[y], places: lane.saved[place])
  }

  func backward(_ lane: borrowing Lane) {
    guard wantsInputGradient else { return }
    Kernels.maxPoolBackward(lane.gradients[y], places: lane.saved[place], shape: shape, into: lane.gradients[x])
  }
}

extension Window {
  /// A pool's window: windows stand side by side unless a stride is given.
  init(size: Int, stride: Int?, padding: Int) {
    self.init(kernel: Plane(size), stride: Plane(stride ?? size), padding: .both(Plane(padding)))
  }

  /// What a pool asks of its window is a programmer's duty.
  func checkPool() {
    check()
    precondition(dilation == Plane(1), "a pool's window is dense, found a dilation of \(dilation)")
    if case .both(let padding) = padding {
      precondition(
        2 * padding.height <= kernel.height && 2 * padding.width <= kernel.width,
        "the padding is at most half of the window (\(kernel)), found \(padding)")
    }
  }
}

extension PoolingShape {
  init(_ input: Shape, _ window: Window, _ microBatch: Int) {
    self.init(samples: microBatch, input: input.plane, channels: input[2], window: window)
  }
}
