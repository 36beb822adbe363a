import Diagnostics
import Tensors

/// The description of a layer: immutable, owning no memory, the same for every rank, lane and micro-batch.
///
/// Given an input shape it says its parameters and its output shape. A `Plan` binds it to memory; the bound layer has
/// forward and backward side by side.
public protocol Layer: Sendable {
  /// The word for it in a configuration: `dense`.
  static var kind: String { get }

  /// The shape of a sample's output; throws a `ShapeError` where the input does not fit.
  func outputShape(for input: Shape) throws -> Shape

  /// What it learns, in declaration order.
  func parameters(for input: Shape) -> [Parameter]

  /// What its backward pass reads besides the gradient of its output; decides how long memory is kept.
  var backwardReads: BackwardReads { get }

  /// Whether its output may lie where its input lies.
  var placement: Placement { get }

  /// Binds it: `input` and `output` say where its tensors lie, `parameters` are places in the layout's slots.
  func bind(_ binding: Binding) -> any BoundLayer
}

extension Layer {
  public func parameters(for input: Shape) -> [Parameter] { [] }
  public var backwardReads: BackwardReads { [] }
  public var placement: Placement { .apart }
}

/// A slot that a layer asks for.
public struct Parameter: Sendable {
  /// `weight`, `bias`
  public let name: String
  public let shape: Shape
  public let initialiser: Initialiser
  /// How many inputs and outputs one weight's row joins, for the initialisers that scale with them.
  public let fanIn: Int
  public let fanOut: Int

  public init(_ name: String, _ shape: Shape, _ initialiser: Initialiser, fanIn: Int, fanOut: Int) {
    self.name = name
    self.shape = shape
    self.initialiser = initialiser
    self.fanIn = fanIn
    self.fanOut = fanOut
  }
}

/// What a backward pass reads of the forward pass.
public struct BackwardReads: OptionSet, Sendable {
  public let rawValue: Int
  public init(rawValue: Int) { self.rawValue = rawValue }
  public static let input = BackwardReads(rawValue: 1)
  public static let output = BackwardReads(rawValue: 2)
}

/// Where a layer's output may lie.
public enum Placement: Sendable {
  /// Input and output share no memory.
  case apart
  /// The output may overwrite the input, and the input's gradient the output's.
  case inPlace
  /// The output is the input under another shape: always the same memory.
  case alias
}

/// What a layer is bound to. Indices are places in a lane's tables, so that one bound layer serves every lane.
public struct Binding: Sendable {
  /// Samples a pass.
  public let microBatch: Int
  public let inputShape: Shape
  public let outputShape: Shape
  /// Places of the tensors in `Lane.values` and `Lane.gradients`.
  public let input: Int
  public let output: Int
  /// Places of its slots in `Lane.parameters` and `Lane.parameterGradients`, as `parameters(for:)` lists them.
  public let slots: [Int]
  /// False where nothing before it learns: the gradient of its input is not wanted.
  public let wantsInputGradient: Bool
  /// Its number in the network, from 0: part of the key of its random numbers.
  public let index: Int
}

/// A layer with places: forward overwrites its output, backward its input's gradient and its parameters' gradients.
public protocol BoundLayer: Sendable {
  func forward(_ lane: borrowing Lane)
  func backward(_ lane: borrowing Lane)
}

/// An input does not fit a layer.
public struct ShapeError: Error, Equatable, CustomStringConvertible {
  public let layer: String
  public let expected: String
  public let found: Shape
  public init(_ layer: String, expected: String, found: Shape) {
    self.layer = layer
    self.expected = expected
    self.found = found
  }
  public var description: String { "\(layer): expected \(expected), found \(found)" }
}
