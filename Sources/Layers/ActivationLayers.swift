import Configuration
import Kernels
import Tensors

/// max(x, 0), elementwise.
public struct ReLU: ElementwiseLayer {
  public static let kind = "relu"
  public static let summary = "max(x, 0)"
  public let activation = Activation.relu
  /// It has no settings.
  public init() {}
  public var outputScale: OutputScale { .asInput }
}

/// 1 / (1 + exp(-x)), elementwise.
public struct Sigmoid: ElementwiseLayer {
  public static let kind = "sigmoid"
  public static let summary = "1 / (1 + exp(-x))"
  public let activation = Activation.sigmoid
  /// It has no settings.
  public init() {}
  public var outputScale: OutputScale { .probabilities }
}

/// The hyperbolic tangent, elementwise.
public struct Tanh: ElementwiseLayer {
  public static let kind = "tanh"
  public static let summary = "the hyperbolic tangent"
  public let activation = Activation.tanh
  /// It has no settings.
  public init() {}
}

/// x Φ(x), Φ the normal distribution function, elementwise.
///
/// Hendrycks, Gimpel: *Gaussian error linear units* (2016).
public struct GELU: ElementwiseLayer {
  public static let kind = "gelu"
  public static let summary = "x times the normal distribution function of x"
  public let activation: Activation

  /// How Φ is computed, with PyTorch's words.
  public enum Approximation: String, Sendable, CaseIterable {
    /// By the error function.
    case exact = "none"
    /// By ½ (1 + tanh(√(2/π) (x + 0.044715 x³))), as in GPT-2: about twice as fast.
    case tanh
  }

  /// With the error function, or its approximation by tanh.
  public init(approximation: Approximation = .exact) { activation = approximation == .exact ? .gelu : .geluTanh }
}

/// x / (1 + exp(-x)), elementwise; also called swish.
public struct SiLU: ElementwiseLayer {
  public static let kind = "silu"
  public static let summary = "x times the sigmoid of x"
  public let activation = Activation.silu
  /// It has no settings.
  public init() {}
}

/// A layer that applies one function to each element, any shape; in place where backward does not need the input.
///
/// A product beside it may compute `activation` in its place: it does nothing else.
public protocol ElementwiseLayer: Layer {
  var activation: Activation { get }
}

extension ElementwiseLayer {
  public func outputShape(for input: Shape) -> Shape { input }
  public var featureFlow: FeatureFlow { .kept }
  public func lastRead(at position: Int, of input: Shape) -> Int { position }
  public var backwardReads: BackwardReads { activation.derivativeSource == .input ? .input : .output }
  public var bfloat16Tensors: BFloat16Tensors { [.input, .output] }
  public var placement: Placement { activation.derivativeSource == .input ? .apart : .inPlace }
  public var gradientPlacement: Placement { .inPlace }
  public func bind(_ binding: Binding) -> any BoundLayer {
    BoundActivation(
      activation: activation, x: binding.input, y: binding.output, wantsInputGradient: binding.wantsInputGradient)
  }
}

private struct BoundActivation: RowwiseLayer {
  let activation: Activation
  let x: Int, y: Int
  let wantsInputGradient: Bool

  func forward(_ lane: borrowing Lane, rows: Rows) {
    Kernels.forward(activation, rows.of(lane.tensor(x)), into: rows.of(lane.tensor(y)))
  }

  func backward(_ lane: borrowing Lane) {
    guard wantsInputGradient else { return }
    let source = lane.tensor(activation.derivativeSource == .input ? x : y)
    Kernels.backward(activation, lane.gradient(y), from: source, into: lane.gradient(x))
  }
}

extension ReLU: ConfiguredLayer {
  public init(_ settings: ConfigReader) { self.init() }
}

extension Sigmoid: ConfiguredLayer {
  public init(_ settings: ConfigReader) { self.init() }
}

extension Tanh: ConfiguredLayer {
  public init(_ settings: ConfigReader) { self.init() }
}

extension SiLU: ConfiguredLayer {
  public init(_ settings: ConfigReader) { self.init() }
}

extension GELU: ConfiguredLayer {
  public init(_ settings: ConfigReader) throws {
    self.init(approximation: try settings.option("approximation", default: .exact))
  }
}
