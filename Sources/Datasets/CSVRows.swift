import Diagnostics
import Tensors

/// The rows of a table as they are read, column by column of the features and targets.
struct CSVRows {
  let columns: CSVColumns
  let target: Dataset.TableTarget
  /// The features that are kept in double precision, where that is known before; nil: the rows themselves tell.
  private let wide: [Int]?
  private var numbers: [Float] = []
  private var values: [Float] = []
  private var labels: [Int32] = []
  private var classes: ClassNames
  private var wideValues: [[Double]]
  private var tallies: [RoundingTally]
  private(set) var count = 0

  /// `target` and `wide` are as in `Dataset.csv`.
  init(_ columns: CSVColumns, target: Dataset.TableTarget, wide: Set<Int>?) {
    (self.columns, self.target) = (columns, target)
    self.wide = wide?.filter(columns.features.indices.contains).sorted()
    classes = ClassNames(target.classNames)
    wideValues = Array(repeating: [], count: self.wide?.count ?? 0)
    tallies = Array(repeating: RoundingTally(), count: wide == nil ? columns.features.count : 0)
  }

  /// Pages that stay empty cost nothing; growing by doubling would take three times as much for a moment.
  mutating func reserve(_ count: Int) { numbers.reserveCapacity(count) }

  /// Reads the record that `records` is at.
  mutating func append(_ records: CSVRecords) throws(Failure) {
    guard records.cells.count == columns.names.count else {
      throw records.failure(
        "expected \(columns.names.count) cells as in the \(columns.areInFile ? "header" : "first row"), "
          + "found \(records.cells.count)",
        cure: "complete or delete the row")
    }
    count += 1
    if let wide {
      for column in columns.features { numbers.append(try records.number(column).single) }
      for (slot, place) in wide.enumerated() {
        wideValues[slot].append(try records.number(columns.features[place]).double)
      }
    } else {
      for (place, column) in columns.features.enumerated() {
        let (single, double) = try records.number(column)
        numbers.append(single)
        tallies[place].add(single, double)
      }
    }
    for column in columns.targets {
      if case .values = target {
        values.append(try records.number(column).single)
      } else {
        labels.append(try records.label(column, &classes))
      }
    }
  }

  /// The rows as samples. `start` is before the first of them: columns that turn out to be wide are read once more, of
  /// which few tables have any; it may be nil where it is known before which are.
  func dataset(_ source: String, rereading start: CSVRecords?) throws(Failure) -> Dataset {
    let targets: Dataset.Targets
    switch target {
    case .none: targets = .none
    case .values: targets = .values(values, width: columns.targets.count)
    case .classes:
      let (labels, names) = classes.ordered(labels)
      targets = .classes(labels, names: names)
    }
    return Dataset(
      source: source, shape: [columns.features.count], features: .floats(numbers), targets: targets,
      featureNames: columns.features.map { columns.names[$0] },
      targetNames: columns.targets.isEmpty ? nil : columns.targets.map { columns.names[$0] },
      wide: try wideColumns(start))
  }

  private func wideColumns(_ start: CSVRecords?) throws(Failure) -> WideColumns {
    if let wide { return WideColumns(values: Dictionary(uniqueKeysWithValues: zip(wide, wideValues))) }
    var roundings: [Int: WideColumns.Rounding] = [:]
    for (place, tally) in tallies.enumerated() { roundings[place] = tally.rounding }
    let places = roundings.keys.sorted()
    guard !places.isEmpty, let start else { return WideColumns() }
    var (records, values) = (start, [[Double]](repeating: [], count: places.count))
    while try records.next() {
      for (slot, place) in places.enumerated() {
        values[slot].append(try records.number(columns.features[place]).double)
      }
    }
    return WideColumns(values: Dictionary(uniqueKeysWithValues: zip(places, values)), roundings: roundings)
  }
}

extension Dataset.TableTarget {
  fileprivate var classNames: [String]? {
    if case .classes(_, let names) = self { names } else { nil }
  }
}
