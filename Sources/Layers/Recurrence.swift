import Configuration
import Kernels
import Tensors

// B micro-batch, T positions, I inputs, H hidden units, G gates, D directions.

/// What recurrent layers have in common: how many units and layers, and what they give.
public struct RecurrentForm: Sendable {
  /// H
  package let units: Int
  /// Layers upon each other, each of which reads the outputs of the one below.
  package let layers: Int
  /// Whether each has a second half that goes from the last position to the first; outputs lie side by side.
  package let isBidirectional: Bool
  /// The share of outputs between layers that become zero in training.
  package let dropout: Double
  package let returned: RecurrentReturn
  package let hasBias: Bool
  /// Of all weights, with H for their inputs.
  package let initialiser: Initialiser

  /// D
  package var directions: Int { isBidirectional ? 2 : 1 }
  /// D H: the width of the outputs.
  package var width: Int { directions * units }

  init(
    units: Int, layers: Int, bidirectional: Bool, dropout: Double, returning: RecurrentReturn, bias: Bool,
    initialiser: Initialiser
  ) {
    precondition(units > 0 && layers > 0, "\(layers) layers of \(units) units")
    precondition(dropout >= 0 && dropout < 1, "dropout must be in 0..<1, found \(dropout)")
    (self.units, self.layers, isBidirectional) = (units, layers, bidirectional)
    (self.dropout, returned, hasBias, self.initialiser) = (dropout, returning, bias, initialiser)
  }
}

/// What a recurrent layer gives of a sequence.
public enum RecurrentReturn: String, CaseIterable, Sendable {
  /// The state at each position: T×I becomes T×H.
  case sequence
  /// The last state of each direction: H numbers, which know all positions.
  case last
}

/// A layer that goes from position to position with a state: T×I becomes T×H, or H.
///
/// With `bidirectional` outputs are 2H wide, those of the way back behind those of the way there. Names and shapes are PyTorch's:
/// `weight_ih_l0` G·H×I, `weight_hh_l0` G·H×H, `bias_ih_l0` and `bias_hh_l0` G·H, `_l1` of the next layer, and `_reverse` behind them. Of a
/// sequence that ends before position T states behind the end are 0, the last state is that of the last real position, and the way back
/// begins there.
///
/// Products of inputs go over all positions at once, and so do the gradients of all weights, as chains over positions, ascending, in each
/// over the samples.
public protocol RecurrentLayer: ConfiguredLayer {
  /// Its equations.
  static var cell: RecurrentCell { get }
  /// Its sizes, directions and what it gives.
  var form: RecurrentForm { get }
  init(_ form: RecurrentForm)
}

extension RecurrentLayer {
  public func outputShape(for input: Shape) throws -> Shape {
    guard input.rank == 2, input.count > 0 else {
      throw ShapeError(Self.kind, expected: "samples of rank 2, positions × width", found: input)
    }
    // Draws are numbered by 32 bits, four of them each.
    guard form.dropout == 0 || input[0] * ((form.width + 63) / 64 * 64) < 1 << 34 else {
      throw ShapeError(Self.kind, expected: "fewer than 2³⁴ outputs a sample to draw for", found: input)
    }
    return form.returned == .sequence ? [input[0], form.width] : [form.width]
  }

  public func parameters(for input: Shape) -> [Parameter] {
    let (H, rows) = (form.units, Self.cell.gates * form.units)
    return (0..<form.layers).flatMap { layer in
      (0..<form.directions).flatMap { direction in
        let suffix = "_l\(layer)" + (direction == 1 ? "_reverse" : "")
        let I = layer == 0 ? input[1] : form.width
        func weight(_ name: String, _ columns: Int) -> Parameter {
          Parameter(name + suffix, [rows, columns], form.initialiser, fanIn: H, fanOut: H)
        }
        func bias(_ name: String) -> Parameter {
          Parameter(name + suffix, [rows], .zeros, fanIn: H, fanOut: H, role: .bias)
        }
        let weights = [weight("weight_ih", I), weight("weight_hh", H)]
        return form.hasBias ? weights + [bias("bias_ih"), bias("bias_hh")] : weights
      }
    }
  }

  public var bfloat16Tensors: BFloat16Tensors { [.input, .output] }
  public var keepsPositions: Bool { form.returned == .sequence }
  public func lastRead(at position: Int, of input: Shape) -> Int {
    form.returned == .sequence && !form.isBidirectional ? position : input[0] - 1
  }

  /// The products of inputs and of states.
  public func multiplyAdds(for input: Shape) -> Int {
    let (T, rows) = (input[0], Self.cell.gates * form.units)
    return (0..<form.layers).reduce(0) {
      $0 + form.directions * T * rows * (($1 == 0 ? input[1] : form.width) + form.units)
    }
  }

  public func bind(_ binding: Binding) -> any BoundLayer { BoundRecurrence(Self.cell, form, binding) }
}

extension RecurrentLayer {
  /// `units` for each direction of each of `layers`; `dropout` is between layers, in training.
  public init(
    units: Int, layers: Int = 1, bidirectional: Bool = false, dropout: Double = 0,
    returning: RecurrentReturn = .sequence, bias: Bool = true, initialiser: Initialiser = .kaimingUniform
  ) {
    self.init(
      RecurrentForm(
        units: units, layers: layers, bidirectional: bidirectional, dropout: dropout, returning: returning, bias: bias,
        initialiser: initialiser))
  }

  /// `lstm: 128`, `lstm: {units: 128, layers: 2, bidirectional: true, dropout: 0.2, return: last}`
  public init(_ settings: ConfigReader) throws {
    let units = try settings.int("units", in: 1...(1 << 16))
    let layers = try settings.int("layers", default: 1, in: 1...64)
    let dropout = try settings.double("dropout", default: 0, in: 0..<1)
    guard dropout == 0 || layers > 1 else {
      throw settings.failure(
        at: "dropout", "expected several layers, between which outputs are dropped, found one",
        cure: "add layers: 2, or put a dropout behind this one")
    }
    self.init(
      units: units, layers: layers, bidirectional: try settings.bool("bidirectional", default: false),
      dropout: dropout, returning: try settings.option("return", default: .sequence),
      bias: try settings.bool("bias", default: true), initialiser: try settings.initialiser(default: "uniform"))
  }
}
