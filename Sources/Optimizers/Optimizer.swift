import Configuration
import Tensors

/// How a gradient becomes a step: a kind of optimizer, with its settings.
///
/// A step is prepared once, and then updates many parts of the parameters, by several threads at the same time. What it
/// writes of a part may depend on that part alone: no bit of a result may depend on where parts begin and end.
public protocol Optimizer: NamedKind, Sendable {
  /// The learning rate where none is set.
  static var usualRate: Double { get }

  /// Reads its settings, but for the learning rate, which all kinds have, and for what weight decay applies to.
  init(_ settings: ConfigReader) throws

  /// The state that it keeps of parameters which are laid out so; a checkpoint stores it under these names.
  func state(for layout: ParameterLayout) -> [StateSlot]

  /// The numbers of a step.
  associatedtype Step: Sendable

  /// What all parts of step `step`, from 0, have in common.
  ///
  /// - Parameter decays: whether weight decay applies to the part.
  func prepared(step: Int, rate: Double, decays: Bool) -> Step

  /// Moves the replicated state at the beginning of step `step`, from 0, before it is prepared for `update`: of what
  /// every rank knows alike. One thread of each rank calls it.
  func advance(_ replicated: [FlatBuffer], step: Int, rate: Double)

  /// Updates a slice of the parameters, in place, from the same slice of `gradient · scale`.
  ///
  /// - Parameters:
  ///   - state: the same slice of each sharded buffer, and the replicated ones, in the order of `state(for:)`.
  ///   - scale: 1 / weight of the batch, times the clipping factor.
  func update(_ parameters: FloatView, state: OptimizerSlice, gradient: FloatView, scale: Float, _ step: Step)

  /// An update of the parameters by it.
  func makeUpdate() -> any ParameterUpdate

  /// The same with another weight decay, for some slots; nil: it has none that could be another.
  func with(weightDecay: Double) -> Self?
}

/// An optimizer of which a step of a float depends on its whole slot: `update` moves the sharded state alone, `squareSums`
/// gives what the norms are made of, `ratio` makes a number a slot of them, and `apply` moves the parameters.
public protocol LayerwiseOptimizer: Optimizer {
  /// The sums of the squares of a block of parameters and of its update, in double.
  func squareSums(
    _ parameters: FloatView, state: OptimizerSlice, _ step: Step
  ) -> (parameters: Double, update: Double)

  /// How far a slot is moved, of the sums over all of it; it may keep what it needs in the replicated state. Every rank
  /// calls it with the same sums, once a step for each learned slot that is not empty, `slot` counting these from 0.
  func ratio(ofSlot slot: Int, parameters: Double, update: Double, replicated: [FlatBuffer]) -> Double

  /// Moves a part of a slot, in place, by the slot's `ratio`.
  func apply(_ parameters: FloatView, state: OptimizerSlice, ratio: Double, _ step: Step)
}

extension Optimizer {
  public func advance(_ replicated: [FlatBuffer], step: Int, rate: Double) {}
  public func makeUpdate() -> any ParameterUpdate { OptimizerUpdate(self) }
  public func with(weightDecay: Double) -> Self? { nil }
}

extension LayerwiseOptimizer {
  public func makeUpdate() -> any ParameterUpdate { LayerwiseOptimizerUpdate(self) }
}

/// base^exponent of an exponent in 0..<1, by repeated roots for its bits, which are exact in IEEE arithmetic: the same bits on every host.
/// A base of 0 is 0, unless the exponent is.
func root(_ base: Double, _ exponent: Double) -> Double {
  var (result, root, rest) = (1.0, base, exponent)
  while rest > 0 {
    root.formSquareRoot()
    rest *= 2
    guard rest >= 1 else { continue }
    result *= root
    rest -= 1
  }
  return result
}

/// base^exponent by repeated squaring: the same bits on every host, unlike libm's `pow`.
func power(_ base: Double, _ exponent: Int) -> Double {
  var (result, square, rest) = (1.0, base, exponent)
  while rest > 0 {
    if rest & 1 == 1 { result *= square }
    square *= square
    rest >>= 1
  }
  return result
}
