import Tensors

/// The outputs of a micro-batch beside its targets: what metrics look at.
///
/// Letters: B rows, T positions of a sample, C outputs of a position, W numbers of a sample.
public struct ScoredBatch {
  /// B×T×C, or B×W: what the network gives, before a softmax or a sigmoid.
  public let outputs: FloatView
  public let targets: Targets
  /// B, of which the first `valid` are samples.
  public let rows: Int
  public let valid: Int
  /// The class of targets that do not count; nil where all do.
  public let ignored: Int32?

  /// A micro-batch of `rows` samples, of which the first `valid` count.
  public init(outputs: FloatView, targets: Targets, rows: Int, valid: Int, ignored: Int32? = nil) {
    (self.outputs, self.targets, self.rows, self.valid, self.ignored) = (outputs, targets, rows, valid, ignored)
  }

  /// Calls `body` with the class of each target that counts and the one that was predicted, in their order.
  ///
  /// Of classes, the one with the largest output was predicted, the first of equals. Of numbers, those of at least one
  /// half are class 1, and outputs above zero predict it.
  public func forEachClass(_ body: (_ truth: Int, _ prediction: Int) -> Void) {
    switch targets {
    case .classes(let classes):
      let width = outputs.count / classes.count
      for row in 0..<valid * (classes.count / rows) where classes[row] != ignored {
        body(Int(classes[row]), largest(outputs[row * width..<(row + 1) * width]))
      }
    case .values(let values):
      for index in 0..<valid * (values.count / rows) { body(values[index] >= 0.5 ? 1 : 0, outputs[index] > 0 ? 1 : 0) }
    }
  }

  /// The numbers of the samples that are there, `valid`×W, and the outputs beside them; classes are a programmer's mistake.
  public var numbers: (truths: FloatView, predictions: FloatView) {
    guard case .values(let values) = targets else { preconditionFailure("expected numbers, found classes") }
    let count = valid * (values.count / rows)
    return (values[0..<count], outputs[0..<count])
  }

  /// How many targets count: one a sample, or one a position.
  public var targetCount: Int {
    guard case .classes(let classes) = targets else { return valid }
    let present = classes[..<(valid * (classes.count / rows))]
    return ignored == nil ? present.count : present.count { $0 != ignored }
  }
}

/// The place of the largest number, the first of equals.
public func largest(_ values: FloatView) -> Int {
  var best = 0
  for index in 1..<max(1, values.count) where values[index] > values[best] { best = index }
  return best
}
