/// What comes of one threshold for a class against all others: what the rows weigh whose score is at least it, and the others.
public struct ThresholdCounts: Codable, Equatable, Sendable {
  public let threshold: Double
  public let truePositive: Double
  public let falsePositive: Double
  public let falseNegative: Double
  public let trueNegative: Double

  private enum CodingKeys: String, CodingKey {
    case threshold
    case truePositive = "true-positive"
    case falsePositive = "false-positive"
    case falseNegative = "false-negative"
    case trueNegative = "true-negative"
  }

  public init(
    threshold: Double, truePositive: Double, falsePositive: Double, falseNegative: Double, trueNegative: Double
  ) {
    (self.threshold, self.truePositive, self.falsePositive) = (threshold, truePositive, falsePositive)
    (self.falseNegative, self.trueNegative) = (falseNegative, trueNegative)
  }

  /// Of the class, what is found; nil where no row has it.
  public var recall: Double? { Self.share(truePositive, beside: falseNegative) }
  /// Of those that are given the class, those that have it; nil where none is given it.
  public var precision: Double? { Self.share(truePositive, beside: falsePositive) }
  /// Of the others, those that are given the class; nil where there are none.
  public var falsePositiveRate: Double? { Self.share(falsePositive, beside: trueNegative) }
  /// Of all rows, those that are given the class; nil where nothing weighs anything.
  public var flagged: Double? { Self.share(truePositive + falsePositive, beside: falseNegative + trueNegative) }

  private static func share(_ part: Double, beside rest: Double) -> Double? {
    part + rest > 0 ? part / (part + rest) : nil
  }
}
