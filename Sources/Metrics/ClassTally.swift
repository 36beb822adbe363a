/// Counts, for each class, the samples that have it, those that were given it, and those that rightly were.
public struct ClassTally: Tally {
  private let names: [String]

  /// Nil where there are no classes.
  public init?(_ task: LearningTask) {
    switch task {
    case .classes(let names), .binary(let names): self.names = names
    case .labels, .tokens, .values: return nil
    }
  }

  public var countWidth: Int { ClassCounts.width(classes: names.count) }

  public func add(_ batch: ScoredBatch, to cells: TallyCells) {
    batch.forEachClass { ClassCounts.count(truth: $0, prediction: $1) { cells.count($0) } }
  }

  public func report(_ totals: Totals, digits: Int) -> String? {
    ClassCounts(totals.counts).report(names: names, digits: digits)
  }
}

/// Counts of each label, and of the samples that match exactly: see `LabelMetrics`.
struct LabelTally: Tally {
  private let names: [String]

  /// Nil where there are no labels.
  init?(_ task: LearningTask) {
    guard case .labels(let names) = task else { return nil }
    self.names = names
  }

  var countWidth: Int { LabelMetrics.countWidth(labels: names.count) }

  func add(_ batch: ScoredBatch, to cells: TallyCells) {
    let ((truths, predictions), width) = (batch.numbers, names.count)
    for row in stride(from: 0, to: truths.count, by: width) {
      LabelMetrics.count(
        labels: width, truth: { truths[row + $0] >= 0.5 }, prediction: { predictions[row + $0] > 0 }
      ) { cells.count($0) }
    }
  }

  func report(_ totals: Totals, digits: Int) -> String? {
    LabelMetrics(counts: totals.counts, labels: names.count).report(names: names, digits: digits)
  }
}
