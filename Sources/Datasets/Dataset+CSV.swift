import Diagnostics
import Tensors

extension Dataset {
  /// What a table's target column holds.
  public enum TableTarget: Sendable, Equatable {
    /// There is none, or it does not matter: the data are there to be predicted.
    case none
    /// Labels, numbers or not; `column` nil means the last one, `names` nil the labels found, sorted.
    case classes(column: String? = nil, names: [String]? = nil)
    /// Numbers; `column` nil means the last one.
    case values(column: String? = nil)
  }

  /// A table in CSV format (RFC 4180, UTF-8) with a header, gzipped or not, as its content says.
  ///
  /// ```swift
  /// let iris = try Dataset.csv("iris.csv", target: .classes(column: "species"))
  /// iris.featureNames  // ["sepal_length", "sepal_width", "petal_length", "petal_width"]
  /// iris.classNames    // ["setosa", "versicolor", "virginica"]
  /// let fresh = try Dataset.csv("new.csv", target: .none, features: iris.featureNames)
  /// ```
  ///
  /// `features` picks columns by name and gives their order; nil means all but the target. Other columns are ignored.
  /// Numbers are rounded to the nearest float. Empty lines are passed over.
  ///
  /// Throws missing input (66) for a file that is not there or cannot be read, and bad data (65), naming file, line and
  /// column, for anything that is not such a table of finite numbers.
  public static func csv(
    _ path: String, target: TableTarget, features: [String]? = nil, limit: Int = 1 << 32
  ) throws(Failure) -> Dataset {
    var records = CSVRecords(path: path, bytes: try bytes(of: path, limit: limit))
    guard !records.bytes.starts(with: [0xFF, 0xFE]), !records.bytes.starts(with: [0xFE, 0xFF]) else {
      throw records.failure("expected UTF-8, found UTF-16", cure: "save the file as UTF-8")
    }
    guard try records.next() else {
      throw Failure(.badData, at: path, "expected a table with a header, found an empty file", cure: "fetch it again")
    }
    let columns = try CSVColumns(records, target: target, features: features)
    records.columns = columns.names

    var (numbers, values, labels) = ([Float](), [Float](), [Int32]())
    var classes = ClassNames(target.classNames)
    while try records.next() {
      guard records.cells.count == columns.names.count else {
        throw records.failure(
          "expected \(columns.names.count) cells as in the header, found \(records.cells.count)",
          cure: "complete or delete the row")
      }
      for column in columns.features { numbers.append(try records.number(column)) }
      guard let column = columns.target else { continue }
      if case .values = target {
        values.append(try records.number(column))
      } else {
        labels.append(try records.label(column, &classes))
      }
    }
    guard !numbers.isEmpty else {
      throw Failure(.badData, at: path, "expected samples after the header, found none", cure: "add rows")
    }
    let targets: Targets
    switch target {
    case .none: targets = .none
    case .values: targets = .values(values, width: 1)
    case .classes:
      let (labels, names) = classes.ordered(labels)
      targets = .classes(labels, names: names)
    }
    return Dataset(
      source: path, shape: [columns.features.count], features: .floats(numbers), targets: targets,
      featureNames: columns.features.map { columns.names[$0] }, targetName: columns.target.map { columns.names[$0] })
  }

  private static func bytes(of path: String, limit: Int) throws(Failure) -> [UInt8] {
    let reader = try ByteReader(path)
    let limit = min(limit, ByteReader.hostBytes / 2)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(reader.size, limit))
    let part = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { part.deallocate() }
    while true {
      let found = try reader.read(into: part)
      bytes.append(contentsOf: part.prefix(found))
      guard bytes.count <= limit else {
        throw Failure(.badData, at: path, "expected at most \(limit) bytes, found more", cure: "split the file")
      }
      guard bytes.count <= reader.mostBytes || !reader.isPacked else {
        throw Failure(
          .badData, at: path,
          "expected at most \(reader.mostBytes) bytes from a gzip stream of \(reader.size), found more",
          cure: "unpack the file first if you trust it")
      }
      if found < part.count { break }
    }
    guard !reader.isCutOff else {
      throw Failure(
        .badData, at: path, "expected a whole gzip stream, found it cut off after \(bytes.count) unpacked bytes",
        cure: "the file is truncated: fetch it again")
    }
    return bytes
  }
}

extension Dataset.TableTarget {
  fileprivate var classNames: [String]? {
    if case .classes(_, let names) = self { names } else { nil }
  }
}

extension CSVRecords {
  /// The finite number in a cell of this record.
  fileprivate func number(_ column: Int) throws(Failure) -> Float {
    let value = bytes.withUnsafeBufferPointer { DecimalFloat.parse($0[cells[column].range]) }
    guard let value else { throw unexpected("a number", column) }
    guard value.isFinite else { throw unexpected("a finite number", column) }
    return value
  }

  /// The class of the label in a cell of this record.
  fileprivate func label(_ column: Int, _ classes: inout ClassNames) throws(Failure) -> Int32 {
    let label = text(column)
    guard !label.isEmpty else { throw unexpected("a label", column) }
    if let number = classes.number(of: label) { return number }
    let near = nearest(to: label, among: classes.names)
    throw failure(
      "\(name(column)): expected one of \(classes.names.count) classes, found '\(label.prefix(40))'",
      cure: near.map { "did you mean '\($0)'?" } ?? "correct the label, or add its name to the classes")
  }

  private func unexpected(_ expected: String, _ column: Int) -> Failure {
    let found = text(column)
    return failure(
      "\(name(column)): expected \(expected), found \(found.isEmpty ? "an empty cell" : "'\(found.prefix(40))'")",
      cure: "correct or delete the row")
  }
}
