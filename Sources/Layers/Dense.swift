import Kernels
import Tensors

// B micro-batch, I inputs, O outputs (units). W is O×I and b is O, as in PyTorch's Linear.

/// A fully connected layer: `y = x Wᵀ + b`, W of shape O×I.
///
/// Takes samples of rank 1; put a `Flatten` before it for others.
public struct Dense: Layer {
  public static let kind = "dense"
  public let units: Int
  public let hasBias: Bool
  public let initialiser: Initialiser

  public init(units: Int, bias hasBias: Bool = true, initialiser: Initialiser = .he) {
    precondition(units > 0, "units must be positive, found \(units)")
    self.units = units
    self.hasBias = hasBias
    self.initialiser = initialiser
  }

  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank == 1, input.count > 0 else {
      throw ShapeError(Self.kind, expected: "samples of rank 1 (put a flatten before it)", found: input)
    }
    return [units]
  }

  public func parameters(for input: Shape) -> [Parameter] {
    let weight = Parameter("weight", [units, input.count], initialiser, fanIn: input.count, fanOut: units)
    let bias = Parameter("bias", [units], .zeros, fanIn: input.count, fanOut: units)
    return hasBias ? [weight, bias] : [weight]
  }

  public var backwardReads: BackwardReads { .input }

  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundDense(
      x: binding.input, y: binding.output, weight: binding.slots[0], bias: hasBias ? binding.slots[1] : nil,
      B: binding.microBatch, I: binding.inputShape.count, O: units, wantsInputGradient: binding.wantsInputGradient)
  }
}

private struct BoundDense: BoundLayer {
  let x: Int, y: Int, weight: Int, bias: Int?
  let B: Int, I: Int, O: Int
  let wantsInputGradient: Bool

  func forward(_ lane: borrowing Lane) {
    let x = Matrix(lane.values[x], rows: B, columns: I)
    let W = Matrix(lane.parameters[weight], rows: O, columns: I)
    Kernels.multiply(x, W.transposed, into: Matrix(lane.values[y], rows: B, columns: O))
    if let bias { Kernels.addBias(lane.parameters[bias], to: lane.values[y]) }
  }

  func backward(_ lane: borrowing Lane) {
    let x = Matrix(lane.values[self.x], rows: B, columns: I)
    let dy = Matrix(lane.gradients[y], rows: B, columns: O)
    let dW = Matrix(lane.parameterGradients[weight], rows: O, columns: I)
    Kernels.multiply(dy.transposed, x, into: dW)
    if let bias { Kernels.sumRows(of: lane.gradients[y], into: lane.parameterGradients[bias]) }
    guard wantsInputGradient else { return }
    let W = Matrix(lane.parameters[weight], rows: O, columns: I)
    Kernels.multiply(dy, W, into: Matrix(lane.gradients[self.x], rows: B, columns: I))
  }
}
