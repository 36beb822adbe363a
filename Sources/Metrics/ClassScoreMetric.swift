import Configuration

/// A score of each class or label, averaged over those that are present: each counting the same, if nothing else is said, as
/// scikit-learn's `average="macro"`. Of labels, each always counts the same.
public protocol ClassScoreMetric: Metric {
  init(average: ClassAverage)
  /// How the classes' scores become one.
  var average: ClassAverage { get }
  /// Of the scores of a class, the one that it is.
  static func value(_ scores: ClassScores) -> Double
}

extension ClassScoreMetric {
  public init() { self.init(average: .macro) }
  public init(_ settings: ConfigReader) throws {
    self.init(average: try settings.option("average", default: ClassAverage.macro))
  }

  public var name: String { average == .macro ? Self.kind : "\(Self.kind) \(average.rawValue)" }

  public func tally(of task: LearningTask) -> (any Tally)? { ClassTally(task) ?? LabelTally(task) }

  public func score(of task: LearningTask, _ totals: Totals) -> Double? {
    guard case .labels(let names) = task else {
      let counts = ClassCounts(totals.counts)
      switch average {
      case .macro: return Self.value(counts.macroAverage)
      case .micro: return counts.accuracy
      case .weighted: return Self.value(counts.weightedAverage)
      }
    }
    return LabelMetrics(counts: totals.counts, labels: names.count).mean { Self.value($0.perClass.scores(of: 1)) }
  }

  public func score(of output: Int, of task: LearningTask, _ totals: Totals) -> Double? {
    guard case .labels(let names) = task else { return nil }
    return Self.value(LabelMetrics(counts: totals.counts, labels: names.count).labels[output].perClass.scores(of: 1))
  }
}
