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
  /// What was fitted to a table's columns, by the values of a configuration.
  init(_ table: FittedTable, _ settings: [(path: String, text: String)]) {
    targets = table.targets
    columns = table.columns.map(Column.init)
    let means = Self.areMeans(settings)
    for (place, column) in table.columns.enumerated() where place < means.count && means[place] {
      columns[place].mean = column.fitted.numbers["offset"]?.first
    }
  }

  /// Whether what each column was centred by is the mean of its values: of numbers that are brought to mean 0, not clipped, and
  /// filled in by that mean.
  private static func areMeans(_ settings: [(path: String, text: String)]) -> [Bool] {
    var groups: [(key: Substring, names: Int, values: [String])] = []
    for (path, text) in settings where path.hasPrefix("data.table.columns.") {
      let parts = path.split(separator: ".")
      guard parts.count > 3 else { continue }
      if groups.last?.key != parts[3] { groups.append((parts[3], 0, [])) }
      guard parts.count > 5 else { continue }
      let key = parts[5...].joined(separator: ".")
      if parts[5] == "columns" {
        groups[groups.count - 1].names += 1
      } else {
        groups[groups.count - 1].values.append("\(parts[4]).\(key)=\(text)")
      }
    }
    let wanted: Set<String> = ["number.scale=standard", "number.missing=mean", "number.clip=[]"]
    return groups.flatMap { group in Array(repeating: wanted.isSubset(of: group.values), count: max(1, group.names)) }
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
