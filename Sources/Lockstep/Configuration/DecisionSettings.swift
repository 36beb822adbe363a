import Configuration
import Diagnostics
import Judging

/// How a run's probabilities become decisions: `decide` of a configuration, fitted on validation rows when training has ended.
///
/// ```yaml
/// decide: {threshold: {cost: {false-positive: 1, false-negative: 5}}, calibrate: temperature, positive: bad}
/// ```
/// It touches no weight, so that a run that is gone on with may have another one.
public struct DecisionSettings: Sendable, Equatable, CustomStringConvertible {
  /// How the threshold is chosen; nil: the class with the larger probability is predicted.
  public let threshold: ThresholdRule?
  /// What is done to probabilities before; nil: nothing.
  public let calibration: Decision.CalibrationKind?
  /// The class that the threshold is for; nil: the one that is rarer in training.
  public let positive: String?
  let place: DecisionPlace

  public init(threshold: ThresholdRule?, calibration: Decision.CalibrationKind? = nil, positive: String? = nil) {
    self.init(threshold: threshold, calibration: calibration, positive: positive, place: .configuration)
  }

  init(
    threshold: ThresholdRule?, calibration: Decision.CalibrationKind?, positive: String?, place: DecisionPlace
  ) {
    (self.threshold, self.calibration, self.positive, self.place) = (threshold, calibration, positive, place)
  }

  init(_ settings: ConfigReader) throws {
    threshold = try settings.optionalChoice("threshold", ThresholdRule.kinds)
    calibration = try settings.optionalOption("calibrate")
    positive = try settings.optionalString("positive")
    place = DecisionPlace(settings)
    guard threshold != nil || calibration != nil || settings.isDescribing else {
      throw settings.failure(
        at: "threshold", "expected a threshold or a calibration to be fitted, found neither",
        cure: "set threshold: f1, or calibrate: temperature, or leave decide out")
    }
  }

  /// Its settings as text; where they stand is none of them.
  public var description: String {
    let (rule, calibrate) = (threshold.map(\.text) ?? "none", calibration?.rawValue ?? "none")
    return "threshold: \(rule), calibrate: \(calibrate), positive: \(positive ?? "the rarer class")"
  }

  public static func == (one: Self, other: Self) -> Bool { one.description == other.description }
}

/// Where the settings of a decision stand, for messages.
struct DecisionPlace: Sendable {
  let whole: String
  let threshold: String
  let calibrate: String
  let positive: String
  /// What an unfitting setting ends with.
  let code: ExitCode

  /// Of a configuration that is no file's.
  static let configuration = DecisionPlace(
    whole: "decide", threshold: "decide.threshold", calibrate: "decide.calibrate", positive: "decide.positive",
    code: .badConfiguration)

  /// Of the command, for a checkpoint.
  static func command(_ checkpoint: String) -> DecisionPlace {
    DecisionPlace(
      whole: checkpoint, threshold: "--threshold", calibrate: "--calibrate", positive: "--positive", code: .usage)
  }

  private init(whole: String, threshold: String, calibrate: String, positive: String, code: ExitCode) {
    (self.whole, self.threshold, self.calibrate, self.positive) = (whole, threshold, calibrate, positive)
    self.code = code
  }

  fileprivate init(_ settings: ConfigReader) {
    func place(_ key: String) -> String { settings.place(of: key) }
    self.init(
      whole: settings.place, threshold: place("threshold"), calibrate: place("calibrate"), positive: place("positive"),
      code: .badConfiguration)
  }
}

extension ThresholdRule {
  private static let mostCosts = -1e12...1e12

  /// How a configuration names one.
  static var kinds: ConfigCases<ThresholdRule> {
    ConfigCases([
      ("f1", "the largest F₁ of the positive class", { _ in .f1 }),
      (
        "recall", "the highest one that finds this part of the positive class",
        { .recall(try $0.double("least", in: 0...1)) }
      ),
      ("cost", "the least cost of decisions, in any unit; a gain is below 0", { .cost(try costs($0)) }),
    ])
  }

  private static func costs(_ settings: ConfigReader) throws -> DecisionCost {
    try settings.requireNames(of: "false-positive", "false-negative")
    let cost = DecisionCost(
      truePositive: try settings.double("true-positive", default: 0, in: mostCosts),
      falsePositive: try settings.double("false-positive", in: mostCosts),
      falseNegative: try settings.double("false-negative", in: mostCosts),
      trueNegative: try settings.double("true-negative", default: 0, in: mostCosts))
    let differ = cost.truePositive != cost.falseNegative || cost.falsePositive != cost.trueNegative
    guard differ else {
      throw settings.failure(
        at: "false-positive", "expected decisions that differ in what they cost, found none that do",
        cure: "set what a false alarm and a miss cost more than a right decision")
    }
    return cost
  }

  /// In one line: `cost false-positive=1.0 false-negative=5.0 …`; numbers as they tell themselves from their neighbours.
  var text: String {
    switch self {
    case .f1: "f1"
    case .recall(let least): "recall \(least)"
    case .cost(let cost):
      "cost true-positive=\(cost.truePositive) false-positive=\(cost.falsePositive) "
        + "false-negative=\(cost.falseNegative) true-negative=\(cost.trueNegative)"
    }
  }
}
