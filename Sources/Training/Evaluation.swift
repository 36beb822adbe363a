import Datasets
import Foundation
import Layers
import Metrics
import Tensors

/// What an evaluation found.
public struct Evaluation: Sendable {
  /// Without those whose only target is ignored.
  public let samples: Int
  /// Targets that were left out, as the loss says.
  public let ignored: Int
  /// The weighted mean over the targets, as in training; 0 where they weigh nothing.
  public let loss: Double
  public let tally: Tally

  /// The counts that scores are made of.
  public enum Tally: Sendable {
    case classes(ConfusionMatrix, names: [String])
    case values(RegressionMetrics)
    /// Tokens whose successor was predicted right, and all tokens.
    case tokens(correct: Int, count: Int)
  }

  /// The scores by name, in the order of a report.
  public var metrics: [(name: String, value: Double)] {
    switch tally {
    case .classes(let matrix, _):
      [
        ("loss", loss), ("accuracy", matrix.accuracy), ("precision", matrix.macroAverage.precision),
        ("recall", matrix.macroAverage.recall), ("f1", matrix.macroAverage.f1),
      ]
    case .values(let metrics):
      [
        ("loss", loss), ("mean squared error", metrics.meanSquaredError),
        ("mean absolute error", metrics.meanAbsoluteError), ("r squared", metrics.rSquared),
      ]
    case .tokens(let correct, let count):
      [("loss", loss), ("perplexity", exp(loss)), ("accuracy", Double(correct) / Double(max(1, count)))]
    }
  }

  /// The one score that says most: accuracy, R², or perplexity.
  public var headline: (name: String, value: Double) {
    switch tally {
    case .classes, .tokens: metrics[1]
    case .values: metrics[3]
    }
  }
}

extension Evaluation.Tally {
  /// Names of the classes that an evaluation counts; nil where it measures errors of numbers.
  private static func classNames(_ loss: Loss, _ dataset: Dataset) -> [String]? {
    switch loss {
    case .softmaxCrossEntropy: dataset.classNames ?? []
    case .sigmoidCrossEntropy: dataset.classNames ?? ["0", "1"]
    case .meanSquaredError, .meanAbsoluteError, .huber: nil
    }
  }

  private static func reference(_ dataset: Dataset) -> [Double]? {
    guard case .values(let values, let width) = dataset.targets else { return nil }
    return values.prefix(width).map(Double.init)
  }

  /// How many integers are counted over all samples, and how many sums a micro-batch has.
  static func widths(loss: Loss, dataset: Dataset) -> (counts: Int, sums: Int) {
    if dataset.isText { return (2, 0) }
    if let names = classNames(loss, dataset) { return (names.count * names.count, 0) }
    return (0, RegressionMetrics(width: dataset.valueWidth ?? 1).sums.count)
  }

  /// Looks at the first `valid` of `rows` samples, ignored targets left out. Calls `count` with a place where one more is
  /// counted, `add` with a place and what is added there.
  static func take(
    _ outputs: FloatView, _ targets: Loss.Targets, rows: Int, valid: Int, loss: Loss, dataset: Dataset,
    count: (Int) -> Void, add: (Int, Double) -> Void
  ) {
    switch (targets, loss) {
    case (.classes(let classes), _) where dataset.isText:
      let width = outputs.count / classes.count
      for row in 0..<valid * (classes.count / rows) where !loss.ignores(classes[row]) {
        if largest(outputs[row * width..<(row + 1) * width]) == Int(classes[row]) { count(0) }
        count(1)
      }
    case (.classes(let classes), _):
      let width = outputs.count / classes.count
      for row in 0..<valid * (classes.count / rows) where !loss.ignores(classes[row]) {
        count(Int(classes[row]) * width + largest(outputs[row * width..<(row + 1) * width]))
      }
    case (.values(let values), .sigmoidCrossEntropy):
      let width = dataset.valueWidth ?? 1
      for index in 0..<valid * width { count((values[index] >= 0.5 ? 2 : 0) + (outputs[index] > 0 ? 1 : 0)) }
    case (.values(let values), _):
      let width = dataset.valueWidth ?? 1
      var metrics = RegressionMetrics(width: width, reference: reference(dataset))
      metrics.add(truths: values[0..<valid * width], predictions: outputs[0..<valid * width])
      for (place, sum) in metrics.sums.enumerated() { add(place, sum) }
    }
  }

  /// How many targets were not counted, as the loss ignores their class.
  func ignored(of dataset: Dataset, _ loss: Loss) -> Int {
    switch (self, loss) {
    case (.classes(let matrix, _), .softmaxCrossEntropy): dataset.count - Int(matrix.total)
    case (.tokens(_, let count), _): dataset.count * dataset.shape.count - count
    default: 0
    }
  }

  /// The tally of all samples' counts and all micro-batches' sums.
  init(counts: [Int64], sums: [Double], loss: Loss, dataset: Dataset) {
    if dataset.isText {
      self = .tokens(correct: Int(counts[0]), count: Int(counts[1]))
    } else if let names = Self.classNames(loss, dataset) {
      self = .classes(ConfusionMatrix(counts: counts, classes: names.count), names: names)
    } else {
      self = .values(
        RegressionMetrics(sums: sums, width: dataset.valueWidth ?? 1, reference: Self.reference(dataset)))
    }
  }
}

/// The place of the largest number, the first of equals.
public func largest(_ values: FloatView) -> Int {
  var best = 0
  for index in 1..<max(1, values.count) where values[index] > values[best] { best = index }
  return best
}
