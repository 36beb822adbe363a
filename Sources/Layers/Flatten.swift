import Configuration
import Tensors

/// Makes samples of any shape one row each: [28, 28, 1] becomes [784], last axis fastest.
///
/// In memory a picture's features stay in the order height, width, channels. A checkpoint has the slots behind it in
/// PyTorch's order: channels, height, width.
public struct Flatten: Layer {
  public static let kind = "flatten"
  public static let summary = "all axes as one"
  /// It has no settings.
  public init() {}

  public func outputShape(for input: Shape) -> Shape { [input.count] }
  public var placement: Placement { .alias }
  public var bfloat16Tensors: BFloat16Tensors { .alike }
  public var featureFlow: FeatureFlow { .reshaped }
  public var outputScale: OutputScale { .asInput }
  public func columns(_ columns: Range<Int>, of input: Shape) -> Range<Int>? { columns }
  public func lastRead(at position: Int, of input: Shape) -> Int {
    input.lastPosition(holding: position, of: outputShape(for: input))
  }
  public func bind(_ binding: Binding) -> any BoundLayer { BoundFlatten() }
}

/// Nothing to do: input and output are the same memory.
private struct BoundFlatten: BoundLayer {
  func forward(_ lane: borrowing Lane) {}
  func backward(_ lane: borrowing Lane) {}
}

extension Flatten: ConfiguredLayer {
  public init(_ settings: ConfigReader) { self.init() }
}
