import Configuration
import Kernels
import Tensors

/// exp(xᵢ) / Σ exp(xⱼ) along the last axis, in place.
///
/// Not before a cross-entropy, which takes logits and has the softmax in it.
public struct Softmax: Layer {
  public static let kind = "softmax"
  public static let summary = "positive numbers that sum to 1"
  /// It has no settings.
  public init() {}

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank > 0, input.count > 0 else { throw ShapeError(Self.kind, expected: "an axis", found: input) }
    return input
  }

  public var backwardReads: BackwardReads { .output }
  public var featureFlow: FeatureFlow { .kept }
  public var outputScale: OutputScale { .probabilities }
  public func lastRead(at position: Int, of input: Shape) -> Int { input.lastReadAlongLastAxis(at: position) }
  public var placement: Placement { .inPlace }
  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundSoftmax(
      x: binding.input, y: binding.output, columns: binding.inputShape.extents.last!,
      isRowwise: binding.inputShape.rank == 2, wantsInputGradient: binding.wantsInputGradient)
  }
}

private struct BoundSoftmax: RowwiseLayer {
  let x: Int, y: Int, columns: Int
  let isRowwise: Bool
  let wantsInputGradient: Bool

  func forward(_ lane: borrowing Lane, rows: Rows) {
    Kernels.softmax(rows.of(lane.values[x]), columns: columns, into: rows.of(lane.values[y]))
  }

  func backward(_ lane: borrowing Lane) {
    guard wantsInputGradient else { return }
    Kernels.softmaxBackward(lane.gradients[y], output: lane.values[y], columns: columns, into: lane.gradients[x])
  }
}

extension Softmax: ConfiguredLayer {
  public init(_ settings: ConfigReader) { self.init() }
}
