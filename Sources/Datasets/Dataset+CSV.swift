import Diagnostics
import Files
import Tensors

extension Dataset {
  /// What a table's target columns hold.
  public enum TableTarget: Sendable, Equatable {
    /// There is none, or it does not matter: the data are there to be predicted.
    case none
    /// Labels, numbers or not; `column` nil means the last one, `names` nil the labels found, sorted.
    case classes(column: String? = nil, names: [String]? = nil)
    /// Numbers: one or several distinct columns, a target each, in this order; nil means the last one.
    case values(columns: [String]? = nil)
  }

  /// A table in CSV format (RFC 4180, UTF-8), gzipped or not, as its content says.
  ///
  /// ```swift
  /// let iris = try Dataset.csv("iris.csv", target: .classes(column: "species"))
  /// iris.featureNames  // ["sepal_length", "sepal_width", "petal_length", "petal_width"]
  /// iris.classNames    // ["setosa", "versicolor", "virginica"]
  /// let fresh = try Dataset.csv("new.csv", target: .none, features: iris.featureNames)
  /// ```
  ///
  /// `features` picks columns by name and gives their order; nil means all but the target. Other columns are ignored.
  /// Empty lines are passed over.
  ///
  /// `header` says whether the first record names the columns; nil: it does, and one that looks like a row of data is
  /// refused. Where there is none, the columns are named by their numbers, from `1`.
  ///
  /// Numbers are rounded to the nearest float. Features of which that would take more than 1/4096 of the deviation are
  /// kept in double precision too, so that they can be standardised before they are rounded; `wide` says instead which
  /// features are kept so, as the training data decided.
  ///
  /// Throws missing input (66) for a file that is not there or cannot be read, and bad data (65), naming file, line and
  /// column, for anything that is not such a table of finite numbers.
  public static func csv(
    _ path: String, target: TableTarget, features: [String]? = nil, header: Bool? = nil, wide: Set<Int>? = nil,
    limit: Int = .max
  ) throws(Failure) -> Dataset {
    // A number takes two bytes at least, and four as a float.
    let bytes = try ByteReader(path).contents(limit: limit, memory: 3, fewer: "rows")
    if let format = ForeignFormat(bytes) { throw format.failure(at: path, insteadOf: "a table in CSV format (UTF-8)") }
    var records = CSVRecords(path: path, bytes: bytes)
    guard try records.next() else {
      throw Failure(.badData, at: path, "expected a table with a header, found an empty file", cure: "fetch it again")
    }
    let columns = try CSVColumns(records, target: target, features: features, header: header)
    if columns.areInFile { records.columns = columns.names } else { records.rewind() }

    let start = records
    var tallies = [RoundingTally](repeating: RoundingTally(), count: columns.features.count)
    var (numbers, values, labels) = ([Float](), [Float](), [Int32]())
    // Pages that stay empty cost nothing; growing by doubling would take three times as much for a moment.
    numbers.reserveCapacity(bytes.count / 2 + 1)
    var classes = ClassNames(target.classNames)
    while try records.next() {
      guard records.cells.count == columns.names.count else {
        throw records.failure(
          "expected \(columns.names.count) cells as in the \(columns.areInFile ? "header" : "first row"), "
            + "found \(records.cells.count)",
          cure: "complete or delete the row")
      }
      for (place, column) in columns.features.enumerated() {
        let (single, double) = try records.number(column)
        numbers.append(single)
        tallies[place].add(single, double)
      }
      for column in columns.targets {
        if case .values = target {
          values.append(try records.number(column).single)
        } else {
          labels.append(try records.label(column, &classes))
        }
      }
    }
    guard !numbers.isEmpty else {
      throw Failure(.badData, at: path, "expected samples after the header, found none", cure: "add rows")
    }
    let targets: Targets
    switch target {
    case .none: targets = .none
    case .values: targets = .values(values, width: columns.targets.count)
    case .classes:
      let (labels, names) = classes.ordered(labels)
      targets = .classes(labels, names: names)
    }
    return Dataset(
      source: path, shape: [columns.features.count], features: .floats(numbers), targets: targets,
      featureNames: columns.features.map { columns.names[$0] },
      targetNames: columns.targets.isEmpty ? nil : columns.targets.map { columns.names[$0] },
      wide: try wideColumns(start, columns.features, tallies, chosen: wide))
  }
}

extension Dataset {
  /// Reads the rows behind `start` a second time, and of them only the columns that are wide: few tables have any.
  private static func wideColumns(
    _ start: CSVRecords, _ columns: [Int], _ tallies: [RoundingTally], chosen: Set<Int>?
  ) throws(Failure) -> WideColumns {
    var roundings: [Int: WideColumns.Rounding] = [:]
    if chosen == nil { for (place, tally) in tallies.enumerated() { roundings[place] = tally.rounding } }
    let places = (chosen ?? Set(roundings.keys)).filter(columns.indices.contains).sorted()
    guard !places.isEmpty else { return WideColumns() }
    var (records, values) = (start, [[Double]](repeating: [], count: places.count))
    while try records.next() {
      for (slot, place) in places.enumerated() { values[slot].append(try records.number(columns[place]).double) }
    }
    return WideColumns(values: Dictionary(uniqueKeysWithValues: zip(places, values)), roundings: roundings)
  }
}

extension Dataset.TableTarget {
  fileprivate var classNames: [String]? {
    if case .classes(_, let names) = self { names } else { nil }
  }
}
