import Configuration
import Tensors

/// What training makes small: the loss of a batch is Σ loss / Σ weight over its targets.
///
/// A leaf is the gradient of the *sum*; division by the batch's weight comes once, after the tree. A target weighs 1,
/// unless classes have weights or are ignored, so that the weight of a batch is the number of its samples, or of its
/// positions where a sample has several. Where samples have weights of their own, a loss is asked for one at a time, and each
/// counts so many times: Σ w · loss / Σ w · weight. All as PyTorch's functions of the same names with `reduction="mean"`.
///
/// Letters: B samples of a micro-batch, T positions of a sample, C outputs of a position, x logit, t target, e = x - t.
public protocol Loss: NamedKind, Sendable {
  /// Reads its settings.
  init(_ settings: ConfigReader) throws

  /// What outputs say, one after the other, where it compares several by losses of their own; else empty.
  var parts: [LossPart] { get }
  /// The same for such targets, in whose order it has losses; nil where it compares one thing.
  ///
  /// Throws a `LossMisfit` where they do not fit each other.
  func bound(to targets: [OutputPart]) throws -> (any Loss)?

  /// What the outputs of a network say that was trained with it.
  var meaning: OutputMeaning { get }
  /// The class of targets that have no loss, no gradient and no weight: padding; nil where none is.
  var ignored: Int32? { get }
  /// The same loss, to which such targets count for nothing; nil where it cannot leave any out.
  func ignoring(_ target: Int32) -> (any Loss)?
  /// What a target of each class weighs; nil where all weigh the same.
  var classWeights: [Float]? { get }
  /// What a target may be where targets are numbers; nil where it may be any.
  var targetRange: ClosedRange<Float>? { get }
  /// How many outputs there are for each number that is predicted, side by side; 1, if nothing else is said.
  var outputsPerTarget: Int { get }
  /// Which of them is the prediction.
  var point: Int { get }
  /// What they are called, behind the name of what is predicted; nil for the prediction itself.
  var outputNames: [String?] { get }
  /// What it applies to the outputs itself, so that they are to be logits: `softmax`; nil where it takes them as they are.
  var ownActivation: String? { get }
  /// Overwrites outputs, B×T×C and `columns` a row, with what a prediction is to show of them: probabilities of logits.
  func activate(_ outputs: FloatView, columns: Int)

  /// Whether its sum over samples of several rows, as a text has positions, is that over all rows by themselves, added in their
  /// order in double precision. Then rows may come some at a time, and `gradient` may be `outputs`.
  var isSumOverRows: Bool { get }

  /// The weight of the first `valid` of `rows` samples: what the sum of their losses is divided by for a mean.
  func weight(of targets: Targets, rows: Int, valid: Int) -> Double

  /// The sum over the first `valid` of `rows` samples, weights counted in.
  ///
  /// Overwrites `gradient`, where given, with the gradient of that sum; the rows of absent samples and of ignored targets
  /// get zero. `targets` are classes or numbers, as `meaning` says.
  func sum(_ outputs: FloatView, _ targets: Targets, rows: Int, valid: Int, gradient: FloatView?) -> Double
}

/// A loss does not fit the targets.
public struct LossMisfit: Error, CustomStringConvertible {
  public let description: String
  /// What to do.
  public let cure: String

  public init(_ description: String, cure: String) { (self.description, self.cure) = (description, cure) }
}

/// What a network's outputs say of a sample, or of each position of one.
public enum OutputMeaning: Sendable, Equatable {
  /// One score a class, the largest of which wins. Targets are classes.
  case classes
  /// A yes or no each: the first two classes, or labels of which a sample may have any number. Targets are numbers.
  case binary
  /// The numbers themselves.
  case values
}

extension Loss {
  public var parts: [LossPart] { [] }
  public func bound(to targets: [OutputPart]) throws -> (any Loss)? { nil }
  public var ignored: Int32? { nil }
  public func ignoring(_ target: Int32) -> (any Loss)? { nil }
  public var classWeights: [Float]? { nil }
  public var targetRange: ClosedRange<Float>? { nil }
  public var outputsPerTarget: Int { 1 }
  public var point: Int { 0 }
  public var outputNames: [String?] { [nil] }
  public var ownActivation: String? { nil }
  public func activate(_ outputs: FloatView, columns: Int) {}
  public var isSumOverRows: Bool { false }
  public func weight(of targets: Targets, rows: Int, valid: Int) -> Double { Double(valid) }

  /// The word for it in a configuration.
  public var kind: String { Self.kind }
  /// Whether its targets are classes; else they are numbers.
  public var takesClasses: Bool { if case .classes = meaning { true } else { false } }

  /// Of outputs, several a target, those that are predictions: side by side in the same memory, which is overwritten.
  public func points(_ outputs: FloatView) -> FloatView {
    guard outputsPerTarget > 1 else { return outputs }
    activate(outputs, columns: outputs.count)
    let count = outputs.count / outputsPerTarget
    for place in 0..<count { outputs[place] = outputs[place * outputsPerTarget + point] }
    return outputs[0..<count]
  }

  /// The sum without its gradient.
  public func sum(_ outputs: FloatView, _ targets: Targets, rows: Int, valid: Int) -> Double {
    sum(outputs, targets, rows: rows, valid: valid, gradient: nil)
  }

  /// The targets of a loss that takes classes; anything else is a programmer's mistake.
  public func classes(_ targets: Targets) -> UnsafeBufferPointer<Int32> {
    guard case .classes(let classes) = targets else { preconditionFailure("\(kind) takes classes, found numbers") }
    return classes
  }

  /// The targets of a loss that takes numbers; anything else is a programmer's mistake.
  public func values(_ targets: Targets) -> FloatView {
    guard case .values(let values) = targets else { preconditionFailure("\(kind) takes numbers, found classes") }
    return values
  }
}
