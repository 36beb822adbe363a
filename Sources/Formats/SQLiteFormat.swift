import Configuration
import Databases
import Diagnostics
import Tables

/// What a query finds in an SQLite database, in the order of a unique column.
public struct SQLiteFormat: TableFormat {
  public static let kind = "sqlite"
  public static let summary = "what a query finds in an SQLite database, in the order of a unique column"
  public static let pathSettings = ["file"]
  public static let identity = TableIdentity.rows

  package let file: String
  package let query: String
  package let key: String
  private var snapshot: SQLiteSnapshot?

  /// See `SQLiteReader`.
  package init(file: String, query: String, key: String) { (self.file, self.query, self.key) = (file, query, key) }

  public init(_ settings: ConfigReader) throws {
    file = try settings.filePath("file")
    query = try settings.string("query")
    key = try settings.string("key")
  }

  /// Refused (64): which of a database's rows are meant, a query must say.
  public init(file: String) throws {
    throw Failure(
      .usage, at: file, "expected a file that is a table, found no query that says which part of a database is meant",
      cure: "name it by {sqlite: {file: …, query: …, key: …}}")
  }

  public func sources() throws -> [String] { [file] }

  public func open(_ source: String, columns: Set<String>?) throws -> any TableReader {
    try SQLiteReader(snapshot ?? SQLiteSnapshot(source), query: query, key: key, columns: columns)
  }

  public func pinned() throws -> SQLiteFormat {
    var other = self
    other.snapshot = try snapshot ?? SQLiteSnapshot(file)
    return other
  }

  public func reading(_ file: String) -> SQLiteFormat { SQLiteFormat(file: file, query: query, key: key) }
}
