import CSQLiteSystem
import Diagnostics
import Files

/// An SQLite database in one transaction that reads: what others write meanwhile is not seen.
final class SQLiteDatabase {
  let path: String
  fileprivate let handle: OpaquePointer
  private let patience: Double

  /// Opens a file.
  ///
  /// - Parameter patience: seconds to wait for somebody who writes.
  ///
  /// Throws a missing input (66) where there is no such file or it cannot be read.
  init(_ path: String, patience: Double) throws(Failure) {
    (self.path, self.patience) = (path, patience)
    // SQLite tells less of what is wrong.
    _ = try RegularFile(path, cure: "check the path and its permissions")
    var found: OpaquePointer?
    let code = sqlite3_open_v2(path, &found, SQLITE_OPEN_READONLY | SQLITE_OPEN_FULLMUTEX, nil)
    guard let found else { throw Failure(.unavailable, at: path, "expected memory for SQLite, found none") }
    handle = found
    guard code == SQLITE_OK else { throw failure(code) }
    sqlite3_busy_timeout(handle, Int32(patience * 1000))
    // Functions that a file brings along in its views are not trusted.
    for statement in ["PRAGMA trusted_schema = OFF", "PRAGMA query_only = ON", "BEGIN"] {
      let code = sqlite3_exec(handle, statement, nil, nil, nil)
      guard code == SQLITE_OK else { throw failure(code) }
    }
  }

  deinit { sqlite3_close_v2(handle) }

  /// What SQLite says of the last call.
  ///
  /// - Parameter query: what the call was about; nil: the file as a whole.
  func failure(_ code: Int32, query: String? = nil) -> Failure {
    let reason = String(cString: sqlite3_errmsg(handle))
    switch code & 0xff {
    case SQLITE_BUSY, SQLITE_LOCKED:
      return Failure(
        .unavailable, at: path,
        "expected nobody to write to it for long, found it locked for \(fixed(patience, 1)) s (\(reason))",
        cure: "end what writes to it, or try again")
    case SQLITE_NOTADB, SQLITE_CORRUPT, SQLITE_FORMAT:
      return Failure(
        .badData, at: path, "expected a sound SQLite database, found none (\(reason))",
        cure: "check that this is the right file")
    case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH:
      return Failure(.missingInput, at: path, "open: \(reason)", cure: "check its permissions and its folder's")
    case SQLITE_IOERR, SQLITE_FULL, SQLITE_NOMEM: return Failure(.inputOutput, at: path, "read: \(reason)")
    default:
      guard let query else { return Failure(.inputOutput, at: path, "SQLite: \(reason)") }
      return Failure(
        .badConfiguration, at: path, "expected a query that SQLite can run, found \(reason) in: \(query)",
        cure: "correct the query")
    }
  }
}

/// One statement, and the row where it is.
final class SQLiteStatement {
  let database: SQLiteDatabase
  let names: [String]
  /// How a column is declared in its table; nil where it comes from none, or is not.
  let declarations: [String?]
  private let query: String
  private let handle: OpaquePointer
  /// The query up to where its first statement ends.
  private let length: Int
  private var isAtEnd = false

  /// - Parameter query: what messages tell of `text`.
  init(_ text: String, query: String, in database: SQLiteDatabase) throws(Failure) {
    (self.database, self.query) = (database, query)
    var (found, length, isWhole) = (nil as OpaquePointer?, 0, true)
    let code = text.withCString { start in
      var rest: UnsafePointer<CChar>?
      let code = sqlite3_prepare_v2(database.handle, start, -1, &found, &rest)
      guard code == SQLITE_OK, let rest else { return code }
      length = rest - start
      // What follows may be a comment.
      var second: OpaquePointer?
      isWhole = sqlite3_prepare_v2(database.handle, rest, -1, &second, nil) == SQLITE_OK && second == nil
      sqlite3_finalize(second)
      return code
    }
    guard code == SQLITE_OK else { throw database.failure(code, query: query) }
    let width = found.map(sqlite3_column_count) ?? 0
    guard let found, width > 0, sqlite3_stmt_readonly(found) != 0, isWhole else {
      sqlite3_finalize(found)
      throw Failure(
        .badConfiguration, at: database.path, "expected one SELECT, found: \(query)", cure: "correct the query")
    }
    (handle, self.length) = (found, length)
    names = (0..<width).map { sqlite3_column_name(found, $0).map { String(cString: $0) } ?? "" }
    declarations = (0..<width).map { sqlite3_column_decltype(found, $0).map { String(cString: $0) } }
  }

  deinit { sqlite3_finalize(handle) }

  /// The text of the first statement, without a semicolon and what stands behind it.
  func statement(of text: String) -> String {
    var statement = Substring(decoding: text.utf8.prefix(length), as: UTF8.self)
    while let last = statement.last, last == ";" || last.isWhitespace { statement.removeLast() }
    return String(statement)
  }

  /// Goes to the next row; false where there is none.
  func step() throws(Failure) -> Bool {
    // SQLite would begin again.
    guard !isAtEnd else { return false }
    let code = sqlite3_step(handle)
    guard code == SQLITE_ROW || code == SQLITE_DONE else { throw database.failure(code, query: query) }
    isAtEnd = code == SQLITE_DONE
    return !isAtEnd
  }

  /// Goes before the first row, in the same transaction.
  func reset() {
    sqlite3_reset(handle)
    isAtEnd = false
  }

  /// The value of a column in this row. A text is valid inside of `body` alone.
  func withValue<Result>(_ column: Int, _ body: (SQLiteValue) -> Result) -> Result {
    let column = Int32(column)
    switch sqlite3_column_type(handle, column) {
    case SQLITE_INTEGER: return body(.integer(sqlite3_column_int64(handle, column)))
    case SQLITE_FLOAT: return body(.number(sqlite3_column_double(handle, column)))
    case SQLITE_TEXT:
      let bytes = sqlite3_column_text(handle, column)
      return body(.text(UnsafeBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(handle, column)))))
    case SQLITE_NULL: return body(.null)
    default: return body(.blob)
    }
  }
}

/// A value, which in SQLite has a type of its own.
enum SQLiteValue {
  case null, integer(Int64), number(Double), text(UnsafeBufferPointer<UInt8>), blob
}
