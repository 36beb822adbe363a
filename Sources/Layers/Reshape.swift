import Configuration
import Tensors

/// Gives samples another shape of as many elements; nothing moves, the last axis stays the fastest.
///
/// Between a row and a picture, features flow as through `Flatten`: a picture made of what a dense layer computes is
/// PyTorch's `Unflatten` to C×H×W, one made of a table's columns reads them as H×W×C.
public struct Reshape: Layer {
  public static let kind = "reshape"
  public static let summary = "the same numbers in another shape"
  package let shape: Shape

  /// `shape` is that of the output, which has as many numbers as the input.
  public init(_ shape: Shape) { self.shape = shape }

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.count == shape.count else {
      throw ShapeError(Self.kind, expected: "\(shape.count) elements, for \(shape)", found: input)
    }
    return shape
  }

  public var placement: Placement { .alias }
  public var bfloat16Tensors: BFloat16Tensors { .alike }
  public var featureFlow: FeatureFlow { .reshaped }
  public var outputScale: OutputScale { .asInput }
  public func columns(_ columns: Range<Int>, of input: Shape) -> Range<Int>? { columns }
  public func lastRead(at position: Int, of input: Shape) -> Int { input.lastPosition(holding: position, of: shape) }
  public func bind(_ binding: Binding) -> any BoundLayer { BoundReshape() }
}

/// Nothing to do: input and output are the same memory.
private struct BoundReshape: BoundLayer {
  func forward(_ lane: borrowing Lane) {}
  func backward(_ lane: borrowing Lane) {}
}

extension Reshape: ConfiguredLayer {
  public init(_ settings: ConfigReader) throws {
    self.init(Shape(try settings.list("shape", count: 1...8) { try $0.int(in: 1...(1 << 24)) }))
  }
}
