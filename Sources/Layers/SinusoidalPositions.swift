import Configuration
import Kernels
import Tensors

// T positions, D width.

/// Positions as waves: `y = x + P`, with P[t, 2j] = sin(t / base^(2j / D)) and P[t, 2j + 1] the cosine; nothing is learned.
///
/// Vaswani et al.: *Attention is all you need* (NeurIPS 2017), section 3.5.
public struct SinusoidalPositions: Layer {
  public static let kind = "sinusoidal-positions"
  public static let summary = "sines and cosines for each position, added"
  package let base: Double

  /// The longest wave is `base` times as long as the shortest, of 2π positions.
  public init(base: Double = 10_000) {
    precondition(base >= 1, "a base of at least 1, found \(base)")
    self.base = base
  }

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank == 2, input.count > 0, input[1].isMultiple(of: 2) else {
      throw ShapeError(Self.kind, expected: "samples of rank 2, positions × an even width", found: input)
    }
    return input
  }

  /// P, T×D.
  package func table(of shape: Shape) -> FlatBuffer {
    let (T, D) = (shape[0], shape[1])
    let (angles, table) = (Angles(positions: T, columns: D, base: base), FlatBuffer(count: T * D))
    for place in 0..<T * D / 2 {
      table.view[2 * place] = angles.sines.view[place]
      table.view[2 * place + 1] = angles.cosines.view[place]
    }
    return table
  }

  public var placement: Placement { .inPlace }
  public var keepsPositions: Bool { true }
  public func lastRead(at position: Int, of input: Shape) -> Int { position }
  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundSinusoidalPositions(
      x: binding.input, y: binding.output, table: table(of: binding.inputShape),
      wantsInputGradient: binding.wantsInputGradient)
  }
}

private struct BoundSinusoidalPositions: RowwiseLayer {
  let x: Int, y: Int
  let table: FlatBuffer
  let wantsInputGradient: Bool

  func forward(_ lane: borrowing Lane, rows: Rows) {
    let (x, y) = (rows.of(lane.values[x]), rows.of(lane.values[y]))
    if x.base != y.base { y.assign(x) }
    Kernels.addBias(rows.of(table.view), to: y)
  }

  func backward(_ lane: borrowing Lane) {
    guard wantsInputGradient, lane.gradients[x].base != lane.gradients[y].base else { return }
    lane.gradients[x].assign(lane.gradients[y])
  }
}

extension SinusoidalPositions: ConfiguredLayer {
  public init(_ settings: ConfigReader) throws {
    self.init(base: try settings.double("base", default: 10_000, in: 1...))
  }
}
