import Configuration
import Kernels
import Tensors

// N rows (samples, or the positions of all samples), I inputs, O outputs (units). W is O×I and b is O, as in PyTorch's
// Linear.

/// A fully connected layer: `y = x Wᵀ + b`, W of shape O×I.
///
/// Works on the last axis: samples of rank 1, or T×I, which become T×O. Put a `Flatten` before it for images.
///
/// The last layer of a model of text may have the table of its embedding for W, which is then one slot: see `tied`. Press, Wolf:
/// *Using the output embedding to improve language models* (EACL 2017).
public struct Dense: Layer {
  public static let kind = "dense"
  public static let summary = "y = Wx + b: every output from every input"
  package let units: Int
  package let hasBias: Bool
  package let initialiser: Initialiser
  /// The place of the embedding whose table is W, `0`; nil: W is its own.
  package let tied: String?

  /// `units` is the length of the output's last axis.
  ///
  /// Where it is `tied` to an embedding, by the place in the names of its slots, W is the table of that: it has as many rows as
  /// there are units, each as wide as the input, and starts as the embedding says.
  public init(units: Int, bias hasBias: Bool = true, initialiser: Initialiser = .he, tied: String? = nil) {
    precondition(units > 0, "units must be positive, found \(units)")
    self.units = units
    self.hasBias = hasBias
    self.initialiser = initialiser
    self.tied = tied
  }

  public func outputShape(for input: Shape) throws -> Shape {
    guard 1...2 ~= input.rank, input.count > 0 else {
      throw ShapeError(Self.kind, expected: "samples of rank 1 or 2 (put a flatten before it)", found: input)
    }
    return Shape(input.extents.dropLast() + [units])
  }

  public func parameters(for input: Shape) -> [Parameter] {
    let inputs = input.extents.last!
    let weight = Parameter(
      "weight", [units, inputs], initialiser, fanIn: inputs, fanOut: units, axes: [.output, .input], tied: tied)
    let bias = Parameter(
      "bias", [units], .zeros, fanIn: inputs, fanOut: units, role: .bias, axes: [.output])
    return hasBias ? [weight, bias] : [weight]
  }

  public var backwardReads: BackwardReads { .input }
  public var bfloat16Tensors: BFloat16Tensors { [.input, .output] }
  public var featureFlow: FeatureFlow { .made }
  public var keepsPositions: Bool { true }
  public func lastRead(at position: Int, of input: Shape) -> Int { input.lastReadAlongLastAxis(at: position) }
  public func multiplyAdds(for input: Shape) -> Int { input.count * units }

  public func bind(_ binding: Binding) -> any BoundLayer { bound(binding) }

  func bound(_ binding: Binding) -> any RowwiseLayer {
    BoundDense(
      x: binding.input, y: binding.output, weight: binding.slots[0], bias: hasBias ? binding.slots[1] : nil,
      N: binding.microBatch * binding.outputShape.count / units, I: binding.inputShape.extents.last!, O: units,
      precision: binding.precision, isRowwise: binding.inputShape.rank == 2,
      isBegun: binding.begunSlots.contains(binding.slots[0]),
      wantsInputGradient: binding.wantsInputGradient)
  }
}

private struct BoundDense: RowwiseLayer, FusingLayer {
  let x: Int, y: Int, weight: Int, bias: Int?
  let N: Int, I: Int, O: Int
  let precision: NumberFormat
  let isRowwise: Bool
  /// Whether a later layer has begun the gradient of W, which this one adds to.
  let isBegun: Bool
  let wantsInputGradient: Bool
  var behind: Follower?
  var before: Follower?

  func forward(_ lane: borrowing Lane, rows: Rows) {
    let (x, y) = (rows.of(lane.tensor(x)), rows.of(lane.tensor(y)))
    let W = Matrix(lane.parameters[weight], rows: O, columns: I)
    Kernels.multiply(
      Matrix(x, rows: x.count / I, columns: I), W.transposed, into: Matrix(y, rows: y.count / O, columns: O),
      in: precision, bias: bias.map { lane.parameters[$0] }, packed: lane.packed(weight, isTransposed: true),
      then: behind?.forward(lane, rows: rows))
  }

  func backward(_ lane: borrowing Lane) {
    let dy = Matrix(lane.gradient(y), rows: N, columns: O)
    if learns(lane) {
      let x = Matrix(lane.tensor(self.x), rows: N, columns: I)
      let dW = Matrix(lane.parameterGradients[weight], rows: O, columns: I)
      Kernels.multiply(
        dy.transposed, x, into: dW, adds: isBegun, in: precision,
        rowSums: bias.map { Kernels.RowSums(lane.parameterGradients[$0]) })
    }
    guard wantsInputGradient else { return }
    let W = Matrix(lane.parameters[weight], rows: O, columns: I)
    Kernels.multiply(
      dy, W, into: Matrix(lane.gradient(self.x), rows: N, columns: I), in: precision,
      packed: lane.packed(weight, isTransposed: false), then: before?.backward(lane))
  }
}

extension BoundDense: ChunkedLayer {
  func forward(_ lane: borrowing Lane, rows: Range<Int>, into y: FloatView) {
    let W = Matrix(lane.parameters[weight], rows: O, columns: I)
    Kernels.multiply(
      part(lane.tensor(x), rows), W.transposed, into: Matrix(y, rows: rows.count, columns: O), in: precision,
      bias: bias.map { lane.parameters[$0] }, packed: lane.packed(weight, isTransposed: true))
  }

  func backward(_ lane: borrowing Lane, rows: Range<Int>, from gradient: FloatView) {
    let (x, dy) = (part(lane.tensor(self.x), rows), Matrix(gradient, rows: rows.count, columns: O))
    if learns(lane) {
      let dW = Matrix(lane.parameterGradients[weight], rows: O, columns: I)
      Kernels.multiply(
        dy.transposed, x, into: dW, adds: isBegun || rows.lowerBound > 0, in: precision,
        rowSums: bias.map { Kernels.RowSums(lane.parameterGradients[$0], goesOn: rows.lowerBound > 0) })
    }
    guard wantsInputGradient else { return }
    let W = Matrix(lane.parameters[weight], rows: O, columns: I)
    Kernels.multiply(
      dy, W, into: part(lane.gradient(self.x), rows), in: precision, packed: lane.packed(weight, isTransposed: false))
  }

  /// Whether W or b learns: then both gradients are computed, with the same product.
  private func learns(_ lane: borrowing Lane) -> Bool {
    lane.learns(weight) || (bias.map { lane.learns($0) } ?? false)
  }

  private func part(_ view: TensorView, _ rows: Range<Int>) -> Matrix {
    Matrix(view[rows.lowerBound * I..<rows.upperBound * I], rows: rows.count, columns: I)
  }
}

extension BoundDense: WeightProductLayer {
  var weightProducts: [WeightProduct] {
    (wantsInputGradient ? [true, false] : [true]).map {
      WeightProduct(slot: weight, rows: O, columns: I, isTransposed: $0, otherRows: N)
    }
  }
}

extension Dense: ConfiguredLayer {
  public init(_ settings: ConfigReader) throws {
    let units = try settings.int("units", in: 1...(1 << 24))
    let bias = try settings.bool("bias", default: true)
    guard let tied = try settings.laterString("tied") else {
      self.init(units: units, bias: bias, initialiser: try settings.initialiser(default: "he"))
      return
    }
    guard !settings.contains("initialiser") else {
      throw settings.failure(
        at: "initialiser", "expected none, as the weights are those of the embedding at \(tied), found one",
        cure: "give it to the embedding")
    }
    self.init(units: units, bias: bias, tied: tied)
  }
}
