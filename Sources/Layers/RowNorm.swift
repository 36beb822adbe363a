import Configuration
import Tensors

/// A layer that brings each row along the last axis to one scale.
protocol RowNorm: ConfiguredLayer {
  /// What is added before the root, where nothing else is said.
  static var usualEpsilon: Double { get }
  init(epsilon: Float)
}

extension RowNorm {
  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank > 0, input.count > 0 else { throw ShapeError(Self.kind, expected: "an axis", found: input) }
    return input
  }

  public var backwardReads: BackwardReads { .input }
  public var bfloat16Tensors: BFloat16Tensors { .output }
  public var featureFlow: FeatureFlow { .kept }
  public func lastRead(at position: Int, of input: Shape) -> Int { input.lastReadAlongLastAxis(at: position) }

  public init(_ settings: ConfigReader) throws {
    // A bare number would be the momentum of a batch-norm.
    try settings.requireNames(of: "epsilon")
    let range = Double(Float.leastNormalMagnitude)...1
    self.init(epsilon: Float(try settings.double("epsilon", default: Self.usualEpsilon, in: range)))
  }
}
