import Configuration

/// How often each class was predicted for each true class, as a table: K² counts, for which somebody has to ask.
public struct Confusion: Metric {
  public static let kind = "confusion-matrix"
  public static let summary = "a table of how often each class was taken for each"

  /// It has no settings.
  public init() {}
  public init(_ settings: ConfigReader) {}

  public func tally(of task: LearningTask) -> (any Tally)? { ConfusionTally(task) }
  public func score(of task: LearningTask, _ totals: Totals) -> Double? { nil }
}

/// Counts truth × prediction, row-major.
struct ConfusionTally: Tally {
  private let names: [String]

  /// Nil where there are no classes.
  init?(_ task: LearningTask) {
    switch task {
    case .classes(let names), .binary(let names): self.names = names
    case .labels, .tokens, .values: return nil
    }
  }

  var countWidth: Int { names.count * names.count }

  func add(_ batch: ScoredBatch, to cells: TallyCells) {
    batch.forEachClass { cells.count($0 * names.count + $1) }
  }

  func report(_ totals: Totals, digits: Int) -> String? {
    ConfusionMatrix(counts: totals.counts, classes: names.count).table(names: names)
  }
}
