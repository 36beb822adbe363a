/// How often each of several labels was predicted right, where a sample may have any number of them.
///
/// ```swift
/// var counts = [Int64](repeating: 0, count: LabelMetrics.countWidth(labels: 2))
/// LabelMetrics.count(labels: 2, truth: { $0 == 0 }, prediction: { _ in true }) { counts[$0] += 1 }
/// let metrics = LabelMetrics(counts: counts, labels: 2)
/// metrics.accuracy    // 0.5
/// metrics.exactMatch  // 0.0
/// ```
///
/// Counts are integers, so those of lanes and ranks add up to the same ones in any order.
public struct LabelMetrics: Sendable, Equatable {
  /// Of each label: class 0 without it, class 1 with it.
  public let labels: [ConfusionMatrix]
  /// Samples all of whose labels were predicted right.
  package let exact: Int64

  private static let countsPerLabel = 4

  /// How many counts `labels` labels have: four each, truth × prediction, and the samples that match exactly.
  public static func countWidth(labels: Int) -> Int { labels * countsPerLabel + 1 }

  /// Calls `body` with each place in the counts where one sample counts one more.
  public static func count(
    labels: Int, truth: (_ label: Int) -> Bool, prediction: (_ label: Int) -> Bool, body: (_ place: Int) -> Void
  ) {
    var isExact = true
    for label in 0..<labels {
      let (truth, prediction) = (truth(label), prediction(label))
      body(label * countsPerLabel + (truth ? 2 : 0) + (prediction ? 1 : 0))
      isExact = isExact && truth == prediction
    }
    if isExact { body(labels * countsPerLabel) }
  }

  /// The metrics of counts that were taken elsewhere.
  public init(counts: [Int64], labels: Int) {
    precondition(
      labels > 0 && counts.count == Self.countWidth(labels: labels),
      "expected 4·\(labels) + 1 counts, found \(counts.count)")
    self.labels = (0..<labels).map {
      ConfusionMatrix(counts: Array(counts[$0 * Self.countsPerLabel..<($0 + 1) * Self.countsPerLabel]), classes: 2)
    }
    exact = counts[labels * Self.countsPerLabel]
  }

  /// How many samples were counted.
  public var samples: Int64 { labels[0].perClass.total }
  /// The part of the samples whose labels were all predicted right, 0...1; 0 without samples.
  public var exactMatch: Double { ratio(Double(exact), Double(samples)) }
  /// The part of all labels that was predicted right, 0...1; 0 without samples.
  public var accuracy: Double { mean { $0.accuracy } }

  /// The mean over the labels, each label counting the same.
  func mean(_ score: (ConfusionMatrix) -> Double) -> Double {
    labels.reduce(0) { $0 + score($1) } / Double(labels.count)
  }

  /// A table of the scores of each label, as `RegressionMetrics.report`.
  public func report(names: [String], digits: Int = 2) -> String {
    precondition(names.count == labels.count, "expected \(labels.count) names, found \(names.count)")
    return outputReport(names: names, columns: ["accuracy", "precision", "recall", "f1-score"], digits: digits) {
      let scores = labels[$0].perClass.scores(of: 1)
      return [labels[$0].accuracy, scores.precision, scores.recall, scores.f1]
    }
  }
}
