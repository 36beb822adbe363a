import Configuration
import Kernels
import Tensors

// B micro-batch, T positions, D width.

/// Learned positions: `y = x + P`, P of shape T×D, the same for every sample.
///
/// Without it attention does not know the order. Gehring et al.: *Convolutional sequence to sequence learning* (2017).
public struct Positions: Layer {
  public static let kind = "positions"
  public static let summary = "a learned row for each position, added"
  package let initialiser: Initialiser

  /// What the table of positions starts from.
  public init(initialiser: Initialiser = .normal(mean: 0, deviation: 0.01)) { self.initialiser = initialiser }

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank == 2, input.count > 0 else {
      throw ShapeError(
        Self.kind, expected: "samples of rank 2, positions × width (put an embedding before it)", found: input)
    }
    return input
  }

  public func parameters(for input: Shape) -> [Parameter] {
    [Parameter("weight", input, initialiser, fanIn: input[0], fanOut: input[1])]
  }

  public var placement: Placement { .inPlace }
  public var keepsPositions: Bool { true }
  public func lastRead(at position: Int, of input: Shape) -> Int { position }
  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundPositions(
      x: binding.input, y: binding.output, weight: binding.slots[0], wantsInputGradient: binding.wantsInputGradient)
  }
}

private struct BoundPositions: RowwiseLayer {
  let x: Int, y: Int, weight: Int
  let wantsInputGradient: Bool

  func forward(_ lane: borrowing Lane, rows: Rows) {
    let (x, y) = (rows.of(lane.values[x]), rows.of(lane.values[y]))
    if x.base != y.base { y.assign(x) }
    Kernels.addBias(rows.of(lane.parameters[weight]), to: y)
  }

  var leavesFrozenSlots: Bool { true }

  func backward(_ lane: borrowing Lane) {
    if lane.learns(weight) { Kernels.sumRows(of: lane.gradients[y], into: lane.parameterGradients[weight]) }
    guard wantsInputGradient, lane.gradients[x].base != lane.gradients[y].base else { return }
    lane.gradients[x].assign(lane.gradients[y])
  }
}

extension Positions: ConfiguredLayer {
  public init(_ settings: ConfigReader) throws {
    self.init(initialiser: try settings.initialiser(default: "normal"))
  }
}
