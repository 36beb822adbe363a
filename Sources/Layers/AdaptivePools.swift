import Configuration
import Kernels
import Tensors

// H×W input, P×Q output; T positions in, P out.

/// A pool that makes so many outputs of an input of any extents: H×W×C becomes P×Q×C, and T×C becomes P×C.
///
/// Window p of P is of the rows ⌊pH / P⌋ ..< ⌈(p + 1)H / P⌉, as in PyTorch's `AdaptiveAvgPool2d` and `AdaptiveMaxPool2d`: windows
/// overlap by a row where P does not divide H.
public protocol AdaptivePool: Layer {
  /// P×Q; of a sequence P, where both are equal.
  var size: AdaptiveSize { get }
}

/// How many outputs an adaptive pool makes.
public struct AdaptiveSize: Sendable, Hashable {
  package let plane: Plane<Int>

  /// Rows and columns, at least one of each.
  public init(height: Int, width: Int) {
    precondition(height > 0 && width > 0, "at least one output, found \(height)×\(width)")
    plane = Plane(height: height, width: width)
  }
}

extension AdaptivePool {
  public func outputShape(for input: Shape) throws -> Shape {
    let plane = size.plane
    guard plane.height == plane.width else {
      try input.requireImage(for: Self.kind)
      return [plane.height, plane.width, input[2]]
    }
    try input.requireImageOrSequence(for: Self.kind)
    return Shape((input.rank == 3 ? [plane.height, plane.width] : [plane.width]) + [input.extents.last!])
  }

  public var outputScale: OutputScale { .asInput }
  public var bfloat16Tensors: BFloat16Tensors { .alike }
  public func lastRead(at position: Int, of input: Shape) -> Int {
    Self.window(position, of: size.plane.height, over: input[0]).upperBound - 1
  }

  /// The elements of the input in window number `window` of `count`.
  package static func window(_ window: Int, of count: Int, over input: Int) -> Range<Int> {
    window * input / count..<((window + 1) * input + count - 1) / count
  }

  fileprivate func shape(_ binding: Binding) -> PoolingShape {
    let picture = binding.inputShape.asPicture
    let isSequence = binding.inputShape.rank == 2
    let output = isSequence ? Plane(height: 1, width: size.plane.width) : size.plane
    return PoolingShape(
      samples: binding.microBatch, input: picture.plane, channels: picture[2], adaptedTo: output)
  }
}

/// The mean of each of so many windows, channel by channel.
public struct AdaptiveAveragePool: AdaptivePool {
  public static let kind = "adaptive-average-pool"
  public static let summary = "the means of so many windows, whatever the input's extents"
  public let size: AdaptiveSize

  /// So many rows and columns of outputs.
  public init(_ size: AdaptiveSize) { self.size = size }
  /// As many of both, or positions of a sequence.
  public init(size: Int) { self.init(AdaptiveSize(height: size, width: size)) }

  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundAveragePool(
      shape: shape(binding), x: binding.input, y: binding.output, wantsInputGradient: binding.wantsInputGradient)
  }
}

/// The largest element of each of so many windows, channel by channel; of equals the first.
public struct AdaptiveMaxPool: AdaptivePool {
  public static let kind = "adaptive-max-pool"
  public static let summary = "the greatest of so many windows, whatever the input's extents"
  public let size: AdaptiveSize

  /// So many rows and columns of outputs.
  public init(_ size: AdaptiveSize) { self.size = size }
  /// As many of both, or positions of a sequence.
  public init(size: Int) { self.init(AdaptiveSize(height: size, width: size)) }

  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundMaxPool(
      shape: shape(binding), place: binding.index, x: binding.input, y: binding.output,
      wantsInputGradient: binding.wantsInputGradient)
  }
}

extension AdaptiveAveragePool: ConfiguredLayer {
  /// `adaptive-average-pool: 7`, `adaptive-average-pool: [7, 5]`
  public init(_ settings: ConfigReader) throws { self.init(try settings.adaptiveSize()) }
}

extension AdaptiveMaxPool: ConfiguredLayer {
  /// As `adaptive-average-pool`.
  public init(_ settings: ConfigReader) throws { self.init(try settings.adaptiveSize()) }
}

extension ConfigReader {
  fileprivate func adaptiveSize() throws -> AdaptiveSize {
    let size = try plane("size")
    return AdaptiveSize(height: size.height, width: size.width)
  }
}
