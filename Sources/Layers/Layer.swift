import Diagnostics
import Tensors

/// The description of a layer: immutable, owning no memory, the same for every rank, lane and micro-batch.
///
/// Given an input shape it says its parameters and its output shape. A `Plan` binds it to memory; the bound layer has
/// forward and backward side by side.
public protocol Layer: Sendable {
  /// The word for it in a configuration: `dense`.
  static var kind: String { get }

  /// What the names of its slots begin with; nil: its place among the layers that have no name of their own, `0`.
  var ownName: String? { get }

  /// The shape of a sample's output; throws a `ShapeError` where the input does not fit.
  func outputShape(for input: Shape) throws -> Shape

  /// What it learns, and the running statistics it keeps, in declaration order.
  func parameters(for input: Shape) -> [Parameter]

  /// What its backward pass reads besides the gradient of its output; decides how long memory is kept.
  var backwardReads: BackwardReads { get }

  /// Whether its output may lie where its input lies.
  var placement: Placement { get }

  /// Whether the gradient of its input may lie where that of its output lies.
  var gradientPlacement: Placement { get }

  /// Which of its tensors may be of bfloat16 numbers; the others are of floats, whatever the network computes with.
  var bfloat16Tensors: BFloat16Tensors { get }

  /// Multiplications that are added up in the forward pass of one sample: the work that a bench counts, two
  /// floating-point operations each.
  func multiplyAdds(for input: Shape) -> Int

  /// Whether its output has the features of its input where they were; decides in which order checkpoints have slots.
  var featureFlow: FeatureFlow { get }

  /// What its outputs are as numbers.
  var outputScale: OutputScale { get }

  /// Of how many tokens its input is one each, so that it has to read the data as they are; nil where any number will do.
  var tokenVocabulary: Int? { get }

  /// The token behind the last real one of a sequence, where its input is tokens that may end so; nil: all are real. It then writes
  /// `Lane.lengths`.
  var paddingToken: Int? { get }

  /// Whether position t of its output is what it makes of position t of its input, so that a sequence ends behind it where it
  /// ended before it.
  var keepsPositions: Bool { get }

  /// The same layer, which takes what its settings leave open of the tokens that samples are made of.
  func reading(_ tokens: TokenAlphabet) -> any Layer

  /// Which of a sample's features of the data its output holds as they are, where its input, of shape `input`, holds
  /// `columns`; nil where it computes.
  func columns(_ columns: Range<Int>, of input: Shape) -> Range<Int>?

  /// The last position of the input, along the first axis, that position `position` of the output depends on in
  /// evaluation; it may depend on any before.
  func lastRead(at position: Int, of input: Shape) -> Int

  /// Binds it: `input` and `output` say where its tensors lie, `slots` where its parameters do.
  ///
  /// Throws a `ShapeError` where what it computes with does not take these extents.
  func bind(_ binding: Binding) throws -> any BoundLayer
}

extension Layer {
  public var ownName: String? { nil }
  public func parameters(for input: Shape) -> [Parameter] { [] }
  public var backwardReads: BackwardReads { [] }
  public var placement: Placement { .apart }
  public var gradientPlacement: Placement { placement }
  public var bfloat16Tensors: BFloat16Tensors { [] }
  public func multiplyAdds(for input: Shape) -> Int { 0 }
  public var featureFlow: FeatureFlow { .counted }
  public var outputScale: OutputScale { .free }
  public var tokenVocabulary: Int? { nil }
  public var paddingToken: Int? { nil }
  public var keepsPositions: Bool { if case .kept = featureFlow { true } else { false } }
  public func reading(_ tokens: TokenAlphabet) -> any Layer { self }
  public func columns(_ columns: Range<Int>, of input: Shape) -> Range<Int>? { nil }
  public func lastRead(at position: Int, of input: Shape) -> Int { (input.extents.first ?? 1) - 1 }
}

/// A slot that a layer asks for: learned, or a running statistic.
public struct Parameter: Sendable {
  /// `weight`, `bias`
  public let name: String
  /// In the layer's own order of axes.
  public let shape: Shape
  /// What it starts from.
  public let initialiser: Initialiser
  /// How many inputs and outputs one weight's row joins, for the initialisers that scale with them.
  public let fanIn: Int
  public let fanOut: Int
  /// What a step does to it: biases and the parameters of normalisations are no weights.
  public let role: SlotRole
  /// What its first and second axis run along, where that is features of input or output; a checkpoint has them in
  /// PyTorch's order.
  public let axes: [SlotAxis]
  /// The place of an embedding before it, `0`, whose table it is; nil: it has a slot of its own.
  public let tied: String?

  public init(
    _ name: String, _ shape: Shape, _ initialiser: Initialiser, fanIn: Int = 1, fanOut: Int = 1,
    role: SlotRole = .weight, axes: [SlotAxis] = [], tied: String? = nil
  ) {
    self.name = name
    self.shape = shape
    self.initialiser = initialiser
    self.fanIn = fanIn
    self.fanOut = fanOut
    self.role = role
    self.axes = axes
    self.tied = tied
  }
}

/// What a backward pass reads of the forward pass.
public struct BackwardReads: OptionSet, Sendable {
  public let rawValue: Int
  /// A set of them, as an option set makes it.
  public init(rawValue: Int) { self.rawValue = rawValue }
  /// The layer's input.
  public static let input = BackwardReads(rawValue: 1)
  /// The layer's output.
  public static let output = BackwardReads(rawValue: 2)
}

/// What a layer takes as bfloat16 numbers: a tensor, and its gradient with it.
public struct BFloat16Tensors: OptionSet, Sendable {
  public let rawValue: Int
  /// A set of them, as an option set makes it.
  public init(rawValue: Int) { self.rawValue = rawValue }
  /// Its input.
  public static let input = BFloat16Tensors(rawValue: 1)
  /// Its output.
  public static let output = BFloat16Tensors(rawValue: 2)
  /// Both or neither, whichever those before and behind take: the numbers of its output are of the kind of its input's.
  public static let alike = BFloat16Tensors(rawValue: 4)
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

/// An input does not fit a layer.
public struct ShapeError: Error, Equatable, CustomStringConvertible {
  /// The kind of the layer.
  public let layer: String
  /// What inputs the layer takes, in words.
  public let expected: String
  /// The shape that came.
  public let found: Shape
  /// Says which layer takes what, and what came.
  public init(_ layer: String, expected: String, found: Shape) {
    self.layer = layer
    self.expected = expected
    self.found = found
  }
  public var description: String { "\(layer): expected \(expected), found \(found)" }
}
