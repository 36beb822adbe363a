import Diagnostics
import Files
import Tables
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

  /// A table in CSV format (RFC 4180, UTF-8), packed by gzip or zstd or not, as its content says.
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
    if let format = ForeignFormat(bytes) { throw format.failure(at: path, insteadOf: CSVStream.expected) }
    var records = CSVRecords(path: path, bytes: bytes)
    guard try records.next() else { throw CSVStream.empty(path) }
    let columns = try CSVColumns(records, target: target, features: features, header: header)
    if columns.areInFile { records.columns = columns.names } else { records.rewind() }
    let start = records
    var rows = CSVRows(columns, target: target, wide: wide)
    rows.reserve(bytes.count / 2 + 1)
    while try records.next() { try rows.append(records) }
    guard rows.count > 0 else { throw CSVStream.noRows(path) }
    return try rows.dataset(path, rereading: start)
  }

  /// A table like the training data's: with the names of its classes, features and targets, and its wide columns.
  public static func csv(
    _ path: String, target: TableTarget, header: Bool? = nil, like schema: Schema
  ) throws(Failure) -> Dataset {
    try csv(
      path, target: target.naming(classes: schema.classes, columns: schema.targets), features: schema.features,
      header: header, wide: schema.wide)
  }
}

extension Dataset.TableTarget {
  /// The same columns, with the names of the training data's classes, or of its `columns` of numbers: which of them is
  /// the last may differ from file to file.
  func naming(classes: [String]?, columns: [String]?) -> Dataset.TableTarget {
    switch self {
    case .classes(let column, _): .classes(column: column, names: classes)
    case .values(columns: nil): .values(columns: columns)
    case .values, .none: self
    }
  }
}
