/// A score that is measured on all rows at once, as those are that sort them, rather than added up micro-batch by
/// micro-batch: nothing of it is counted while a network is trained. `evaluate` has it, and a run where it is watched by it or at
/// its end. How it is computed is told in the room `Judging`.
///
/// A protocol of its own beside `Metric`'s tallies, since a sorted order has no sum of fixed width; a metric all the same,
/// so that `metrics:` of a configuration, reports and JSON have one list of names.
public protocol WholeMetric: Metric {
  /// Whether it says something of such targets.
  static func fits(_ task: LearningTask) -> Bool
}

extension WholeMetric {
  public func tally(of task: LearningTask) -> (any Tally)? { Self.fits(task) ? NoTally() : nil }
  public func score(of task: LearningTask, _ totals: Totals) -> Double? { nil }
}

extension LearningTask {
  /// Whether each sample has one class of several.
  var hasClasses: Bool {
    switch self {
    case .classes, .binary: true
    case .labels, .tokens, .values: false
    }
  }

  var hasNumbers: Bool { if case .values = self { true } else { false } }
}
