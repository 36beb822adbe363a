import Diagnostics

/// A state of an SQLite database that several readers read, while others write.
///
/// Others can write where the database has a write-ahead log; else they wait until this is gone.
// SQLite's own lock guards the connection.
public final class SQLiteSnapshot: @unchecked Sendable {
  public let path: String
  let database: SQLiteDatabase

  /// Opens a file; throws as `SQLiteReader` does.
  public convenience init(_ path: String) throws { try self.init(path, patience: 5) }

  package init(_ path: String, patience: Double) throws(Failure) {
    self.path = path
    database = try SQLiteDatabase(path, patience: patience)
    // The state is that of the first time that the transaction reads.
    let query = "SELECT count(*) FROM sqlite_schema"
    _ = try SQLiteStatement(query, query: query, in: database).step()
  }
}
