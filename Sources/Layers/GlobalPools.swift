import Configuration
import Kernels
import Tensors

/// The mean of each channel over the whole sample: H×W×C, or T×C, becomes C. Lin et al.: *Network in network* (2013).
public struct GlobalAveragePool: Layer {
  public static let kind = "global-average-pool"
  public static let summary = "the mean of each channel over height and width, or over positions"
  /// It has no settings.
  public init() {}

  public func outputShape(for input: Shape) throws -> Shape {
    try input.requireImageOrSequence(for: Self.kind)
    return [input.extents.last!]
  }

  public var outputScale: OutputScale { .asInput }
  public var bfloat16Tensors: BFloat16Tensors { .alike }

  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundAveragePool(
      shape: .whole(binding), x: binding.input, y: binding.output, wantsInputGradient: binding.wantsInputGradient)
  }
}

/// The largest element of each channel over the whole sample: H×W×C, or T×C, becomes C. Of equals the first is it.
public struct GlobalMaxPool: Layer {
  public static let kind = "global-max-pool"
  public static let summary = "the greatest of each channel over height and width, or over positions"
  /// It has no settings.
  public init() {}

  public func outputShape(for input: Shape) throws -> Shape {
    try input.requireImageOrSequence(for: Self.kind)
    return [input.extents.last!]
  }

  public var outputScale: OutputScale { .asInput }
  public var bfloat16Tensors: BFloat16Tensors { .alike }

  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundMaxPool(
      shape: .whole(binding), place: binding.index, x: binding.input, y: binding.output,
      wantsInputGradient: binding.wantsInputGradient)
  }
}

extension PoolingShape {
  /// One window, as large as a sample.
  fileprivate static func whole(_ binding: Binding) -> PoolingShape {
    let shape = binding.inputShape
    return PoolingShape(shape, Window(kernel: shape.asPicture.plane), binding.microBatch)
  }
}

extension GlobalAveragePool: ConfiguredLayer {
  public init(_ settings: ConfigReader) { self.init() }
}

extension GlobalMaxPool: ConfiguredLayer {
  public init(_ settings: ConfigReader) { self.init() }
}
