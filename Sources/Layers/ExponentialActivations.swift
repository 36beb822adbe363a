import Configuration
import Kernels
import Tensors

/// x where it is above 0, else α (exp(x) - 1); elementwise, in place.
///
/// Clevert, Unterthiner, Hochreiter: *Fast and accurate deep network learning by exponential linear units* (ICLR 2016).
public struct ELU: ElementwiseLayer {
  public static let kind = "elu"
  public static let summary = "x, and alpha (exp(x) - 1) where it is negative"
  public let activation: Activation
  package let alpha: Float

  /// `alpha` is at least 0: backward knows the input's sign by the output's.
  public init(alpha: Float = 1) {
    precondition(alpha >= 0, "alpha must be at least 0, found \(alpha)")
    self.alpha = alpha
    activation = .elu(alpha: alpha)
  }
}

/// log(1 + exp(βx)) / β, elementwise: a smooth max(x, 0).
public struct Softplus: ElementwiseLayer {
  public static let kind = "softplus"
  public static let summary = "log(1 + exp(beta x)) / beta"
  public let activation: Activation
  package let beta: Float

  /// `beta`, more than 0, is how sharp its bend is.
  public init(beta: Float = 1) {
    precondition(beta > 0, "beta must be more than 0, found \(beta)")
    self.beta = beta
    activation = .softplus(beta: beta)
  }
}

/// x tanh(log(1 + exp(x))), elementwise.
///
/// Misra: *Mish: a self regularized non-monotonic activation function* (BMVC 2020).
public struct Mish: ElementwiseLayer {
  public static let kind = "mish"
  public static let summary = "x tanh(log(1 + exp(x)))"
  public let activation = Activation.mish
  /// It has no settings.
  public init() {}
}

extension ELU: ConfiguredLayer {
  public init(_ settings: ConfigReader) throws {
    self.init(alpha: Float(try settings.double("alpha", default: 1, in: 0...1e6)))
  }
}

extension Softplus: ConfiguredLayer {
  public init(_ settings: ConfigReader) throws {
    self.init(beta: Float(try settings.double("beta", default: 1, in: 1e-6...1e6)))
  }
}

extension Mish: ConfiguredLayer {
  public init(_ settings: ConfigReader) { self.init() }
}
