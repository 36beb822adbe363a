import Configuration
import Kernels
import Tensors

// Pools along the positions of a sequence: T×C becomes P×C.

/// A pool that makes one number of each window of positions, channel by channel.
public protocol SequencePool: Layer {
  /// Of one row: it moves along a line.
  var window: Window { get }
}

extension SequencePool {
  public func outputShape(for input: Shape) throws -> Shape {
    [try window.positions(for: input, of: Self.kind), input[1]]
  }

  public var outputScale: OutputScale { .asInput }
  public var bfloat16Tensors: BFloat16Tensors { .alike }
  public func lastRead(at position: Int, of input: Shape) -> Int { window.lastPosition(at: position, of: input) }
}

/// The largest element of each window of positions, channel by channel. Padding never wins; of equals the first does.
public struct MaxPool1D: SequencePool {
  public static let kind = "max-pool-1d"
  public static let summary = "the greatest of each window of positions"
  public let window: Window

  /// Without a stride windows stand side by side; the padding is at most half of the window.
  public init(size: Int, stride: Int? = nil, padding: Int = 0) {
    self.init(.line(size: size, stride: stride, padding: padding))
  }

  fileprivate init(_ window: Window) {
    window.checkPool()
    self.window = window
  }

  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundMaxPool(
      shape: PoolingShape(binding.inputShape, window, binding.microBatch), place: binding.index, x: binding.input,
      y: binding.output, wantsInputGradient: binding.wantsInputGradient)
  }
}

/// The mean of each window of positions, channel by channel; padding counts as zeros, or not at all, as in PyTorch's `AvgPool1d`.
public struct AveragePool1D: SequencePool {
  public static let kind = "average-pool-1d"
  public static let summary = "the mean of each window of positions"
  public let window: Window
  package let countsPadding: Bool

  /// Without a stride windows stand side by side; the padding is at most half of the window. `countIncludePad`: whether zeros beside
  /// the input are counted among a window's elements.
  public init(size: Int, stride: Int? = nil, padding: Int = 0, countIncludePad: Bool = true) {
    self.init(.line(size: size, stride: stride, padding: padding), countsPadding: countIncludePad)
  }

  fileprivate init(_ window: Window, countsPadding: Bool) {
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

extension Window {
  fileprivate static func line(size: Int, stride: Int?, padding: Int) -> Window {
    Window(
      kernel: Plane(height: 1, width: size), stride: Plane(height: 1, width: stride ?? size),
      padding: .both(Plane(height: 0, width: padding)))
  }
}

extension MaxPool1D: ConfiguredLayer {
  /// `max-pool-1d: 2`, `max-pool-1d: {size: 3, stride: 2, padding: 1}`
  public init(_ settings: ConfigReader) throws { self.init(try settings.poolLine()) }
}

extension AveragePool1D: ConfiguredLayer {
  /// As `max-pool-1d`, and `count-include-pad: true`.
  public init(_ settings: ConfigReader) throws {
    let window = try settings.poolLine()
    self.init(window, countsPadding: try settings.bool("count-include-pad", default: true))
  }
}
