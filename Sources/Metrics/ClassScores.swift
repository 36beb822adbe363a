/// Precision, recall and F₁ of one class, or their average over classes; each 0...1.
///
/// A score whose denominator is zero is zero, as in scikit-learn.
public struct ClassScores: Sendable, Equatable {
  /// Of the samples that were given this class, the part that has it.
  public let precision: Double
  /// Of the samples that have this class, the part that was given it.
  public let recall: Double
  /// The harmonic mean of precision and recall.
  public let f1: Double
  /// How many samples have this class.
  public let support: Int64
}

extension ClassCounts {
  /// The scores of one class.
  public func scores(of number: Int) -> ClassScores {
    let (right, support, predicted) = (Double(right(of: number)), support(of: number), predicted(of: number))
    return ClassScores(
      precision: ratio(right, Double(predicted)), recall: ratio(right, Double(support)),
      f1: ratio(2 * right, Double(predicted + support)), support: support)
  }

  /// The classes that a sample has or was given: those that scikit-learn's scores are about where nothing else is said.
  /// One that occurs nowhere, such as an ignored one, has no score to average.
  public var present: [Int] {
    (0..<classes).filter { support(of: $0) + predicted(of: $0) > 0 }
  }

  /// Every class that is present counts the same.
  public var macroAverage: ClassScores { average { _ in 1 } }

  /// Every class counts as much as it has samples.
  public var weightedAverage: ClassScores { average { Double($0.support) } }

  private func average(weight: (ClassScores) -> Double) -> ClassScores {
    let all = present.map(scores(of:))
    let weights = all.reduce(0) { $0 + weight($1) }
    func mean(_ score: (ClassScores) -> Double) -> Double {
      ratio(all.reduce(0) { $0 + weight($1) * score($1) }, weights)
    }
    return ClassScores(precision: mean(\.precision), recall: mean(\.recall), f1: mean(\.f1), support: total)
  }
}
