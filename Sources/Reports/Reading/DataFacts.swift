import Diagnostics
import Preparation

/// What is known of a run's data: files, rows, columns.
package struct DataFacts: Sendable {
  /// `credit.csv sha256:…`
  package var sources: [String] = []
  /// Rows of each part, in the order train, validation, test.
  package var rows: [(part: String, count: Int)] = []
  /// Training rows before some were left out or repeated.
  package var drawnFrom: Int?
  package var aside: SetAside?
  package var leaks: [String] = []
  package var targets: [String] = []
  package var columns: [Column] = []
  /// How rows were divided, as the configuration says.
  package var split = ""

  package init() {}

  /// A column as its training rows are.
  package struct Column: Sendable {
    package var name: String
    /// The word of its kind: `number`, `category`.
    package var kind: String
    /// The share of rows without a value.
    package var missing: Double?
    /// Of numbers, or of microseconds since 1970.
    package var least: Double?
    package var largest: Double?
    package var median: Double?
    package var mean: Double?
    /// Ends of bins and the share of rows in each; or words with their shares, behind them that of all others.
    package var bounds: [Double] = []
    package var words: [String] = []
    package var shares: [Double] = []
    /// Words that it tells apart; nil: none.
    package var vocabulary: Int?

    package init(name: String, kind: String) { (self.name, self.kind) = (name, kind) }

    package var isDate: Bool { kind == "date" }
  }
}

extension DataFacts {
  /// What was fitted to a table's columns.
  init(_ table: FittedTable) {
    targets = table.targets
    columns = table.columns.map(Column.init)
  }

  mutating func add(_ summary: PreparedTable.Summary) {
    sources = summary.sources
    rows = Part.allCases.compactMap { part in summary.rows["\(part)"].map { ("\(part)", $0) } }
    (drawnFrom, aside, leaks) = (summary.drawnFrom, summary.aside, summary.leaks)
  }
}

extension DataFacts.Column {
  fileprivate init(_ column: FittedTable.NamedColumn) {
    self.init(name: column.name, kind: column.kind)
    let words = column.fitted.words["words"]?.count
    vocabulary = words.flatMap { $0 > 0 ? $0 : nil }
    mean = kind == "number" && column.fitted.numbers["scale"] != nil ? column.fitted.numbers["offset"]?.first : nil
    guard let found = column.distribution, let last = found.shares.last else { return }
    missing = last
    let others = Array(found.shares.dropLast())
    if let bounds = found.bounds, let range = found.range, range.count == 2, others.count == bounds.count + 1 {
      (least, largest) = (range[0], range[1])
      median = bounds.count == 9 ? bounds[4] : nil
      (self.bounds, shares) = ([range[0]] + bounds + [range[1]], others)
    } else if let words = found.words {
      (self.words, shares) = (words, others)
    }
  }
}
