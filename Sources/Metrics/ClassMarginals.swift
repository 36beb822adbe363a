/// How much each class weighs among the truths, among the predictions, and among both at once: what scores of classes are
/// made of, of rows that have weights.
///
/// Letters: K classes; t truths, p predictions, r right ones of a class; c all right ones, s all rows.
public struct ClassMarginals: Sendable, Equatable {
  /// K each.
  public let support: [Double]
  public let predicted: [Double]
  public let right: [Double]

  /// Sums that were added elsewhere: K of the truths, K of the predictions, K of both.
  public init(_ sums: [Double]) {
    let classes = sums.count / 3
    precondition(classes > 0 && sums.count == 3 * classes, "expected 3 sums a class, found \(sums.count)")
    support = Array(sums[..<classes])
    predicted = Array(sums[classes..<2 * classes])
    right = Array(sums[(2 * classes)...])
  }

  /// Of counts.
  public init(_ counts: ClassCounts) {
    let all = 0..<counts.classes
    support = all.map { Double(counts.support(of: $0)) }
    predicted = all.map { Double(counts.predicted(of: $0)) }
    right = all.map { Double(counts.right(of: $0)) }
  }

  public var classes: Int { support.count }
  /// What all rows weigh.
  public var total: Double { support.reduce(0, +) }
  /// What those weigh that were predicted right.
  public var correct: Double { right.reduce(0, +) }

  /// The part that was predicted right; nil without rows.
  public var accuracy: Double? { total > 0 ? correct / total : nil }

  /// The mean of r / t over the classes that truths have; nil without rows.
  public var balancedAccuracy: Double? {
    let present = (0..<classes).filter { support[$0] > 0 }
    guard !present.isEmpty else { return nil }
    return present.reduce(0) { $0 + right[$1] / support[$1] } / Double(present.count)
  }

  /// The correlation of truths and predictions, (c·s - Σ t·p) / √((s² - Σ p²)(s² - Σ t²)), -1...1; nil where either has
  /// one class alone (Matthews 1975; for K classes Gorodkin 2004).
  public var matthewsCorrelation: Double? {
    let s = total
    var (both, truths, predictions) = (0.0, 0.0, 0.0)
    for k in 0..<classes {
      both += support[k] * predicted[k]
      truths += support[k] * support[k]
      predictions += predicted[k] * predicted[k]
    }
    let (own, its) = (s * s - predictions, s * s - truths)
    return own > 0 && its > 0 ? (correct * s - both) / (own * its).squareRoot() : nil
  }

  /// Agreement beyond chance, (a - e) / (1 - e) with a = c / s and e = Σ t·p / s² (Cohen 1960); nil where chance alone agrees.
  public var cohensKappa: Double? {
    let s = total
    var both = 0.0
    for k in 0..<classes { both += support[k] * predicted[k] }
    let rest = s * s - both
    return rest > 0 ? (correct * s - both) / rest : nil
  }

  /// Precision, recall and F₁ of a class; a score whose denominator is zero is zero, as in scikit-learn.
  public func scores(of number: Int) -> (precision: Double, recall: Double, f1: Double) {
    let (t, p, r) = (support[number], predicted[number], right[number])
    return (ratio(r, p), ratio(r, t), ratio(2 * r, p + t))
  }

  /// The mean of a score of the classes that are present; nil without rows.
  public func average(
    _ average: ClassAverage, of score: (_ scores: (precision: Double, recall: Double, f1: Double)) -> Double
  ) -> Double? {
    let total = total
    guard total > 0 else { return nil }
    if average == .micro {
      // Of rows with one class each, all three are the part that is right.
      return correct / total
    }
    var (sum, weights) = (0.0, 0.0)
    for k in 0..<classes where support[k] + predicted[k] > 0 {
      let weight = average == .macro ? 1 : support[k]
      sum += weight * score(scores(of: k))
      weights += weight
    }
    return ratio(sum, weights)
  }
}

/// How scores of classes become one.
public enum ClassAverage: String, CaseIterable, Sendable {
  /// Every class that is present counts the same.
  case macro
  /// Every row counts the same.
  case micro
  /// Every class counts as much as it has rows.
  case weighted
}
