import Diagnostics
import Tensors

/// A transform with what it took from the training data: how features are changed wherever they are read, in training, in
/// evaluation and in prediction.
///
/// It keeps the shape of a sample. Letters: S samples, F features of a sample.
public protocol FittedTransform: Sendable, CustomStringConvertible {
  /// What makes it, as a checkpoint keeps it: the same arrays give the same bits.
  var arrays: [FittedArray] { get }

  /// Overwrites `features` (S×F, row-major) with what it makes of them. The same bits on every host; must not allocate, as
  /// training steps call it. Several threads may at the same time.
  func apply(to features: FloatView, samples: Int)

  /// Overwrites `features` (S×F) with what it makes of `samples` (S) of `dataset`, of which it is the first transform.
  ///
  /// Where it is not implemented, the features are gathered as they are, and then changed by `apply`.
  func gather(_ samples: UnsafeBufferPointer<Int>, of dataset: Dataset, into features: FloatView)

  /// Throws bad data where this was taken from samples of another form than those of `dataset`.
  func check(fits dataset: Dataset) throws(Failure)

  /// The columns that it wants in double precision: see `WideColumns`.
  var wideColumns: Set<Int> { get }
  /// Whether it subtracts from columns in double precision before they are rounded.
  var readsInDouble: Bool { get }
}

extension FittedTransform {
  public var wideColumns: Set<Int> { [] }
  public var readsInDouble: Bool { false }
  public func check(fits dataset: Dataset) throws(Failure) {}

  public func gather(_ samples: UnsafeBufferPointer<Int>, of dataset: Dataset, into features: FloatView) {
    dataset.gatherRaw(samples, into: features)
    apply(to: features, samples: samples.count)
  }
}

/// One of the arrays that make a fitted transform.
public struct FittedArray: Sendable, Equatable {
  public let name: String
  /// As many numbers as there is need of, in an order of the transform's own.
  public let values: [Float]

  /// Names numbers, as a checkpoint keeps them.
  public init(_ name: String, _ values: [Float]) { (self.name, self.values) = (name, values) }
}
