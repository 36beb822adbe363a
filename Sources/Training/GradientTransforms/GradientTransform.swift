import Configuration
import Reduction
import Tensors

/// What happens to a gradient between its sum and the update: clipping, noise, compression. A kind, with its settings.
///
/// The gradient lies with its owners, chunk by chunk; a transform never sees running statistics. No bit of what it does may
/// depend on where chunks begin and end, hence neither on ranks, lanes and buckets: sums over chunks go through
/// `PieceSums`, and randomness through `Philox`, by the seed, the step and the place in the flat buffer.
///
/// ```swift
/// gradientTransformKinds.add(Noise.self)   // and configurations know `gradient-transforms: [{noise: 0.01}]`
/// ```
public protocol GradientTransform: NamedKind, Sendable {
  /// Reads its settings.
  init(_ settings: ConfigReader) throws

  /// What does it in a trainer, with all memory that steps take; every rank makes one.
  func bound(to binding: GradientBinding) -> any BoundGradientTransform
}

extension GradientTransform {
  /// The word for it in a configuration.
  public var kind: String { Self.kind }
}

/// The gradient transforms that `gradient-transforms` in a configuration can name.
public let gradientTransformKinds = Registry<any GradientTransform.Type>(
  [ClipByGlobalNorm.self], named: { $0.kind }, summary: { $0.summary })

/// What a gradient transform is made for.
public struct GradientBinding {
  /// Where each slot lies in the flat buffer.
  public let layout: ParameterLayout
  /// Of the run.
  public let seed: UInt64
  /// For sums over what several ranks own.
  public let reducer: GradientReducer
}

/// A gradient transform at work.
///
/// Memory holds the sum over the batch; the gradient is that sum times `GradientStep.scale`. A chunk is an owned part of
/// the flat buffer that begins on a block's first float; lanes bring different ones at the same time.
public protocol BoundGradientTransform: AnyObject, Sendable {
  /// Whether it sees the whole gradient before any of it changes: `note` is then called with each chunk, before `factor`.
  var seesWholeGradient: Bool { get }

  /// Keeps what it needs of a chunk, `range` of the flat buffer.
  func note(_ sum: FloatView, at range: Range<Int>, in step: GradientStep)

  /// What the gradient is multiplied by, along with the update; all ranks call it, once a step, and get the same.
  func factor(in step: GradientStep) throws -> Double

  /// Changes a part of a chunk, in place, before it is multiplied: `range` lies in one slot and may begin anywhere in it.
  func rewrite(_ sum: FloatView, at range: Range<Int>, in step: GradientStep)

  /// The norm, over all that is learned, of the gradient that came to it in the last step; nil where it knows none.
  var gradientNorm: Double? { get }
}

extension BoundGradientTransform {
  public func note(_ sum: FloatView, at range: Range<Int>, in step: GradientStep) {}
  public func factor(in step: GradientStep) throws -> Double { 1 }
  public func rewrite(_ sum: FloatView, at range: Range<Int>, in step: GradientStep) {}
  public var gradientNorm: Double? { nil }
}

/// A step, as a transform of its gradient comes to it.
public struct GradientStep: Sendable {
  /// From 0.
  public let number: Int
  /// What the batch's targets weigh; 0 where they weigh nothing, and the gradient is zero.
  public let weight: Double
  /// The product of the factors of the transforms before.
  public private(set) var factor = 1.0
  /// What makes the sum the gradient: `factor` / `weight`.
  public private(set) var scale: Float

  init(_ number: Int, weight: Double) {
    (self.number, self.weight) = (number, weight)
    scale = weight > 0 ? 1 / Float(weight) : 0
  }

  mutating func multiply(by factor: Double) {
    self.factor *= factor
    scale *= Float(factor)
  }
}
