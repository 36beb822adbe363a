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
    /// `names` of outputs that are measured one by one; nil where there is one, or all are taken together.
    case values(RegressionMetrics, names: [String]?)
    case labels(LabelMetrics, names: [String])
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
    case .values(let metrics, _):
      [
        ("loss", loss), ("mean squared error", metrics.meanSquaredError),
        ("mean absolute error", metrics.meanAbsoluteError), ("r squared", metrics.rSquared),
      ]
    case .labels(let labels, _):
      [
        ("loss", loss), ("accuracy", labels.accuracy), ("exact match", labels.exactMatch),
        ("precision", labels.precision), ("recall", labels.recall), ("f1", labels.f1),
      ]
    case .tokens(let correct, let count):
      [("loss", loss), ("perplexity", exp(loss)), ("accuracy", Double(correct) / Double(max(1, count)))]
    }
  }

  /// What each output scores by itself, where several are measured one by one; else empty.
  public var outputs: [(name: String, metrics: [(name: String, value: Double)])] {
    switch tally {
    case .values(let metrics, let names?):
      names.enumerated().map { output, name in
        let scores = metrics.scores(of: output)
        return (
          name,
          [
            ("mean squared error", scores.meanSquaredError), ("mean absolute error", scores.meanAbsoluteError),
            ("r squared", scores.rSquared),
          ]
        )
      }
    case .labels(let labels, let names):
      zip(names, labels.labels).map { name, matrix in
        let scores = matrix.scores(of: 1)
        return (
          name,
          [
            ("accuracy", matrix.accuracy), ("precision", scores.precision), ("recall", scores.recall),
            ("f1", scores.f1),
          ]
        )
      }
    case .values(_, nil), .classes, .tokens: []
    }
  }

  /// A table of what each class, label or output scores; nil where there is one score for all.
  public func report(digits: Int) -> String? {
    switch tally {
    case .classes(let matrix, let names): matrix.report(names: names, digits: digits)
    case .labels(let labels, let names): labels.report(names: names, digits: digits)
    case .values(let metrics, let names?): metrics.report(names: names, digits: digits)
    case .values(_, nil), .tokens: nil
    }
  }

  /// The one score that says most: accuracy, R², or perplexity.
  public var headline: (name: String, value: Double) {
    switch tally {
    case .classes, .labels, .tokens: metrics[1]
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

  /// Names of the labels that an evaluation counts, any number of which a sample may have; nil where they are no labels.
  private static func labelNames(_ loss: Loss, _ dataset: Dataset) -> [String]? {
    if case .sigmoidCrossEntropy = loss { dataset.measuredOutputs } else { nil }
  }

  private static func reference(_ dataset: Dataset) -> [Double]? {
    guard case .values(let values, _) = dataset.targets else { return nil }
    return values.prefix(dataset.measuredWidth ?? 1).map(Double.init)
  }

  /// How many integers are counted over all samples, and how many sums a micro-batch has.
  static func widths(loss: Loss, dataset: Dataset) -> (counts: Int, sums: Int) {
    if dataset.isText { return (2, 0) }
    if let labels = labelNames(loss, dataset) { return (LabelMetrics.countWidth(labels: labels.count), 0) }
    if let names = classNames(loss, dataset) { return (names.count * names.count, 0) }
    return (0, RegressionMetrics(width: dataset.measuredWidth ?? 1).sums.count)
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
      guard dataset.measuredWidth == nil else {
        for row in stride(from: 0, to: valid * width, by: width) {
          LabelMetrics.count(
            labels: width, truth: { values[row + $0] >= 0.5 }, prediction: { outputs[row + $0] > 0 }, body: count)
        }
        return
      }
      for index in 0..<valid * width { count((values[index] >= 0.5 ? 2 : 0) + (outputs[index] > 0 ? 1 : 0)) }
    case (.values(let values), _):
      let width = dataset.valueWidth ?? 1
      var metrics = RegressionMetrics(width: dataset.measuredWidth ?? 1, reference: reference(dataset))
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
    } else if let names = Self.labelNames(loss, dataset) {
      self = .labels(LabelMetrics(counts: counts, labels: names.count), names: names)
    } else if let names = Self.classNames(loss, dataset) {
      self = .classes(ConfusionMatrix(counts: counts, classes: names.count), names: names)
    } else {
      let names = dataset.measuredOutputs
      self = .values(
        RegressionMetrics(sums: sums, width: names?.count ?? 1, reference: Self.reference(dataset)), names: names)
    }
  }
}

extension Dataset {
  /// More outputs than anybody reads the scores of.
  private static let mostMeasured = 128

  /// How many outputs are measured one by one.
  ///
  /// Nil where there is one output, and where all are taken together as one with as many samples: the elements of a
  /// picture, and rows of more than 128.
  var measuredWidth: Int? {
    guard let targetShape, targetShape.rank == 1, (2...Self.mostMeasured).contains(targetShape.count) else {
      return nil
    }
    return targetShape.count
  }

  /// Their names: the columns of a table, or numbers from 0. Made anew for each who asks: lanes ask for the width.
  var measuredOutputs: [String]? {
    guard let measuredWidth else { return nil }
    return targetNames ?? (0..<measuredWidth).map(String.init)
  }
}

/// The place of the largest number, the first of equals.
public func largest(_ values: FloatView) -> Int {
  var best = 0
  for index in 1..<max(1, values.count) where values[index] > values[best] { best = index }
  return best
}
