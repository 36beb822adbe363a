/// How a threshold is chosen.
public enum ThresholdRule: Equatable, Sendable {
  /// The largest F₁ of the positive class.
  case f1
  /// The least Σ of what decisions cost.
  case cost(DecisionCost)
  /// The highest one that finds at least this part of the positive class, 0...1.
  case recall(Double)
}

/// What a decision costs, of a row that has the positive class or not, in any unit; a gain is below 0.
public struct DecisionCost: Codable, Equatable, Sendable {
  public var truePositive = 0.0
  public var falsePositive = 1.0
  public var falseNegative = 1.0
  public var trueNegative = 0.0

  public init(
    truePositive: Double = 0, falsePositive: Double = 1, falseNegative: Double = 1, trueNegative: Double = 0
  ) {
    (self.truePositive, self.falsePositive) = (truePositive, falsePositive)
    (self.falseNegative, self.trueNegative) = (falseNegative, trueNegative)
  }

  private enum CodingKeys: String, CodingKey {
    case truePositive = "true-positive"
    case falsePositive = "false-positive"
    case falseNegative = "false-negative"
    case trueNegative = "true-negative"
  }
}

extension ThresholdRule: Codable {
  private enum Key: String, CodingKey { case f1, cost, recall }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    if let cost = try container.decodeIfPresent(DecisionCost.self, forKey: .cost) {
      self = .cost(cost)
    } else if let recall = try container.decodeIfPresent(Double.self, forKey: .recall) {
      self = .recall(recall)
    } else {
      _ = try container.decode(Bool.self, forKey: .f1)
      self = .f1
    }
  }

  /// `{"f1": true}`, `{"cost": {…}}`, `{"recall": 0.9}`
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .f1: try container.encode(true, forKey: .f1)
    case .cost(let cost): try container.encode(cost, forKey: .cost)
    case .recall(let recall): try container.encode(recall, forKey: .recall)
    }
  }
}
