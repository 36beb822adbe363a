import Diagnostics
import Tables

/// The rows of a query of an SQLite database, in the order of a key.
///
/// All of them come from one transaction: what others write meanwhile is not seen. A column is of the type that it is
/// declared with in its table, where that is a type of integers, numbers, texts or booleans, else of that of most values in
/// the first rows. A value of another kind, which SQLite allows in any column, is a fault of its row. Dates and times stay the
/// texts or numbers that they are kept as.
public final class SQLiteReader: TableReader {
  public let fields: [RawField]

  /// Rows in which the type of a column without a declared one is found.
  private static let probed = 1000
  /// Bytes of values after which a chunk ends.
  private static let chunkBytes = 64 << 20

  private let statement: SQLiteStatement
  private let path: String
  private let key: (name: String, place: Int)
  private var columns: [SQLiteColumn]
  /// The key of the row before; nil before the first one.
  private var last: SQLiteKey?
  /// Rows that were read.
  private var count = 0

  /// Opens a file, for reading alone, and begins to run a query.
  ///
  /// - Parameters:
  ///   - key: a column of the query in which every row has another value, never NULL; texts are ordered by their bytes.
  ///   - columns: those that are read; nil means all.
  ///
  /// Throws a missing input (66) where there is no such file, bad data (65) where it is no database or a column holds blobs, a
  /// wrong configuration (78) where the query cannot be run, and unavailable (69) where another process has kept the database
  /// locked for five seconds.
  public convenience init(file: String, query: String, key: String, columns: Set<String>? = nil) throws {
    try self.init(file: file, query: query, key: key, columns: columns, patience: 5)
  }

  package convenience init(
    file: String, query: String, key: String, columns wanted: Set<String>?, patience: Double
  ) throws {
    try self.init(SQLiteSnapshot(file, patience: patience), query: query, key: key, columns: wanted)
  }

  /// Begins to run a query on a state of a database that others may read as well.
  public init(_ snapshot: SQLiteSnapshot, query: String, key: String, columns wanted: Set<String>? = nil) throws {
    let (file, database) = (snapshot.path, snapshot.database)
    path = file
    // First as it is, so that SQLite's message is about what the user wrote.
    let plain = try SQLiteStatement(query, query: query, in: database)
    guard let place = plain.names.firstIndex(of: key) else {
      let near = nearest(to: key, among: plain.names).map { "did you mean '\($0)'?" }
      throw Failure(
        .badConfiguration, at: file,
        "key '\(key)': expected a column of the query, found only \(plain.names.joined(separator: ", "))", cure: near)
    }
    if let twice = plain.names.first(where: { name in plain.names.filter { $0 == name }.count > 1 }) {
      throw Failure(
        .badConfiguration, at: file, "expected columns with names of their own, found '\(twice)' twice",
        cure: "rename one in the query (AS)")
    }
    self.key = (key, place)
    let quoted = key.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
    // The line break ends a comment.
    statement = try SQLiteStatement(
      "SELECT * FROM (\(plain.statement(of: query))\n) ORDER BY \"\(quoted)\" COLLATE BINARY", query: query,
      in: database)
    columns = zip(plain.names, plain.declarations).enumerated().compactMap { place, column in
      wanted?.contains(column.0) ?? true ? SQLiteColumn(name: column.0, place: place, declaration: column.1) : nil
    }
    fields = try Self.decide(&columns, by: statement, path)
  }

  /// Looks at the first rows where a column's type is to be found out, and goes back.
  private static func decide(
    _ columns: inout [SQLiteColumn], by statement: SQLiteStatement, _ path: String
  ) throws -> [RawField] {
    if columns.contains(where: { $0.type == nil }) {
      var rows = 0
      while rows < probed, try statement.step() {
        rows += 1
        for index in columns.indices { statement.withValue(columns[index].place) { columns[index].note($0) } }
      }
      statement.reset()
    }
    for index in columns.indices { try columns[index].decide(path) }
    return columns.map { RawField($0.name, $0.type ?? .text) }
  }

  public func next(most: Int) throws -> TableChunk? {
    let first = count
    var faults: [RowFault] = []
    while count - first < most, columns.reduce(0, { $0 + $1.rows.byteCount }) < Self.chunkBytes, try statement.step() {
      try checkKey()
      for index in columns.indices {
        let reason = statement.withValue(columns[index].place) { columns[index].append($0) }
        if let reason { faults.append(RowFault(row: count - first, column: columns[index].name, reason)) }
      }
      count += 1
    }
    guard count > first else { return nil }
    let read = columns.indices.map { columns[$0].rows.taken() }
    return TableChunk(
      count: count - first, columns: read, places: RowPlaces(path, first: first + 1), faults: faults)
  }

  /// Rows come in the order of the key, so that equal ones are neighbours.
  private func checkKey() throws {
    let found = statement.withValue(key.place) { SQLiteKey($0) }
    guard let found else {
      let value = statement.withValue(key.place) { $0.description }
      throw Failure(
        .badData, at: path, "key '\(key.name)': expected a number or a text in each row, found \(value)",
        cure: "name another column, or leave such rows out (WHERE \(key.name) IS NOT NULL)")
    }
    if found == last {
      let value = statement.withValue(key.place) { $0.description }
      throw Failure(
        .badData, at: path, "key '\(key.name)': expected each value once, found \(value) twice",
        cure: "name a unique column, or make one in the query")
    }
    // A damaged database may lead in a circle.
    guard last.map({ $0 < found }) ?? true else {
      throw Failure(
        .badData, at: path, "key '\(key.name)': expected rows in its order, found others: the database is damaged",
        cure: "check it (PRAGMA integrity_check), and fetch it again")
    }
    last = found
  }
}

/// A value of the key, equal to another where SQLite finds them so.
private enum SQLiteKey: Comparable {
  case integer(Int64)
  /// One that is no integer of 64 bits.
  case number(Double)
  case text([UInt8])

  /// Nil where there is no value that rows could be told apart by.
  init?(_ value: SQLiteValue) {
    switch value {
    case .integer(let value): self = .integer(value)
    case .number(let value): self = Int64(exactly: value).map { .integer($0) } ?? .number(value)
    case .text(let bytes): self = .text(Array(bytes))
    case .null, .blob: return nil
    }
  }

  /// As SQLite orders them: numbers before texts, and those by their bytes.
  static func < (first: SQLiteKey, second: SQLiteKey) -> Bool {
    switch (first, second) {
    case (.integer(let first), .integer(let second)): first < second
    case (.number(let first), .number(let second)): first < second
    // A number here is no integer of 64 bits.
    case (.integer(let first), .number(let second)):
      second >= 0x1p63 || second > -0x1p63 && first <= Int64(second.rounded(.down))
    case (.number(let first), .integer(let second)):
      first < -0x1p63 || first < 0x1p63 && Int64(first.rounded(.down)) < second
    case (.text(let first), .text(let second)): first.lexicographicallyPrecedes(second)
    case (_, .text): true
    case (.text, _): false
    }
  }
}
