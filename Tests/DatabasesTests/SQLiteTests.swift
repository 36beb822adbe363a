import CSQLiteSystem
import Databases
import Diagnostics
import Foundation
import TableChecks
import Tables
import TestSupport
import Testing

@Suite struct SQLiteTests {
  private let folder: Folder
  private let path: String

  init() throws {
    folder = try Folder()
    path = folder["a.db"]
  }

  private func read(_ query: String, key: String = "id", columns: Set<String>? = nil) throws -> ReadTable {
    try ReadTable(try SQLiteReader(file: path, query: query, key: key, columns: columns))
  }

  /// What a reader throws, without the folder.
  private func failure(_ body: () throws -> Void) -> String { refusal(in: folder.path, body) }

  @Test func everyTypeIsFound() throws {
    let writer = try Writer(path)
    try writer.run(
      """
      CREATE TABLE t (id INTEGER PRIMARY KEY, i BIGINT, x DOUBLE PRECISION, t VARCHAR(8), b BOOLEAN, n DECIMAL(8, 2),
        d DATE, "w ""x"" y" STRING);
      INSERT INTO t VALUES (3, 9007199254740993, 2.5, 'größer', 1, 7, '2024-02-29', 1), (1, -1, 3, '', 0, 7.25, NULL, 2),
        (2, NULL, NULL, NULL, NULL, NULL, '2024-03-01', 2.5);
      """)
    let table = try read("SELECT *, i + 1 AS sum, NULL AS empty, upper(t) AS up FROM t WHERE id > 0; -- all")
    #expect(
      words(table.fields) == [
        "id: integer", "i: integer", "x: number", "t: text", "b: boolean", "n: number", "d: text", "w \"x\" y: number",
        "sum: integer", "empty: text", "up: text",
      ])
    #expect(table["id"] == ["1", "2", "3"] && table["i"] == ["-1", nil, "9007199254740993"])
    #expect(
      table["x"] == ["3.0", nil, "2.5"] && table["t"] == ["", nil, "größer"] && table["b"] == ["false", nil, "true"])
    #expect(table["n"] == ["7.25", nil, "7.0"] && table["d"] == [nil, "2024-03-01", "2024-02-29"])
    #expect(table["w \"x\" y"] == ["2.0", "2.5", "1.0"] && table["sum"] == ["0", nil, "9007199254740994"])
    #expect(table["empty"] == [nil, nil, nil] && table.faults == [])

    let part = try read("SELECT * FROM t", columns: ["x"])
    #expect(words(part.fields) == ["x: number"] && part["x"] == ["3.0", nil, "2.5"])
    #expect(try read("SELECT * FROM t -- a comment", columns: []).rows == 3)
    for most in [1, 2] {
      let reader = try SQLiteReader(file: path, query: "SELECT * FROM t", key: "id")
      #expect(try ReadTable(reader, most: most)["x"] == table["x"])
    }
  }

  @Test func aValueOfAnotherKindIsAFault() throws {
    let writer = try Writer(path)
    try writer.run(
      """
      CREATE TABLE t (id INTEGER PRIMARY KEY, i INTEGER, x REAL, t TEXT, b BOOLEAN, f);
      INSERT INTO t VALUES (1, 'x', 'y', x'00', 2, 1), (2, 2.5, 1, 'a', 1, 'z'), (3, 3, 1, CAST(x'ff' AS TEXT), 0, 2);
      """)
    let table = try read("SELECT * FROM t")
    #expect(
      table.faults == [
        "\(path), row 1: column 'i': expected an integer, found 'x'",
        "\(path), row 1: column 'x': expected a number, found 'y'",
        "\(path), row 1: column 't': expected a text, found a blob",
        "\(path), row 1: column 'b': expected 0 or 1, found 2",
        "\(path), row 2: column 'i': expected an integer, found 2.5",
        "\(path), row 2: column 'f': expected an integer, found 'z'",
        "\(path), row 3: column 't': expected UTF-8, found other bytes",
      ])
    #expect(
      failure { _ = try read("SELECT id, x'00' AS photo FROM t") }
        == "65 a.db: column 'photo': expected numbers or texts, found blobs; leave it out of the query, or make a number or a text of it there"
    )
    #expect(try read("SELECT id, x'00' AS photo FROM t", columns: ["id"]).rows == 3)
  }

  @Test func theKeyTellsRowsApart() throws {
    let writer = try Writer(path)
    try writer.run(
      """
      CREATE TABLE t (k TEXT COLLATE NOCASE, n); INSERT INTO t VALUES ('b', 2), ('B', 2.0), ('a', NULL), ('é', x'01');
      """)
    // By bytes, whatever the order of the column is.
    #expect(try read("SELECT k FROM t", key: "k")["k"] == ["B", "a", "b", "é"])
    #expect(
      failure { _ = try read("SELECT * FROM t", key: "n") }
        == "65 a.db: key 'n': expected a number or a text in each row, found NULL; name another column, or leave such rows out (WHERE n IS NOT NULL)"
    )
    #expect(
      failure { _ = try read("SELECT * FROM t WHERE n IS NOT NULL", key: "n") }
        == "65 a.db: key 'n': expected each value once, found 2.0 twice; name a unique column, or make one in the query"
    )
    #expect(
      failure { _ = try read("SELECT x'01' AS n", key: "n") }
        == "65 a.db: column 'n': expected numbers or texts, found blobs; leave it out of the query, or make a number or a text of it there"
    )
    #expect(
      failure { _ = try read("SELECT k, 'x' AS c FROM t", key: "c") }
        == "65 a.db: key 'c': expected each value once, found 'x' twice; name a unique column, or make one in the query"
    )
    #expect(
      failure { _ = try read("SELECT k AS key FROM t", key: "kei") }
        == "78 a.db: key 'kei': expected a column of the query, found only key; did you mean 'key'?")
    #expect(
      failure { _ = try read("SELECT k, n AS k FROM t", key: "k") }
        == "78 a.db: expected columns with names of their own, found 'k' twice; rename one in the query (AS)")
  }

  @Test(arguments: [
    ("SELECT * FROM none", "expected a query that SQLite can run, found no such table: none in: SELECT * FROM none"),
    ("SELEC 1", "expected a query that SQLite can run, found near \"SELEC\": syntax error in: SELEC 1"),
    ("SELECT 1 AS id; SELECT 2", "expected one SELECT, found: SELECT 1 AS id; SELECT 2"),
    ("DELETE FROM t", "expected one SELECT, found: DELETE FROM t"), ("", "expected one SELECT, found: "),
    (
      "SELECT 1 AS id) --",
      "expected a query that SQLite can run, found near \")\": syntax error in: SELECT 1 AS id) --"
    ),
  ]) func queriesAreChecked(query: String, fault: String) throws {
    try Writer(path).run("CREATE TABLE t (id INTEGER)")
    #expect(failure { _ = try read(query) } == "78 a.db: \(fault); correct the query")
  }

  @Test func whatIsNoDatabaseIsRefused() throws {
    #expect(
      failure { _ = try read("SELECT 1 AS id") }
        == "66 a.db: open: No such file or directory; check the path and its permissions")
    try folder.write("a.db", String(repeating: "no database ", count: 100))
    #expect(
      failure { _ = try read("SELECT 1 AS id") }
        == "65 a.db: expected a sound SQLite database, found none (file is not a database); check that this is the right file"
    )
    try folder.remove("a.db")
    let writer = try Writer(path)
    try writer.run("CREATE TABLE t (id INTEGER, t TEXT)")
    for id in 0..<500 { try writer.run("INSERT INTO t VALUES (\(id), '\(String(repeating: "x", count: 200))')") }
    writer.close()
    var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    bytes.removeLast(bytes.count / 2)
    try folder.write("a.db", bytes)
    #expect(
      failure { _ = try read("SELECT * FROM t") }.hasPrefix("65 a.db: expected a sound SQLite database, found none ("))
  }

  /// Whatever is damaged, a failure or rows come of it.
  @Test func damagedDatabases() throws {
    let writer = try Writer(path)
    try writer.run(
      """
      PRAGMA page_size = 512; CREATE TABLE t (id INTEGER PRIMARY KEY, x REAL, t TEXT);
      INSERT INTO t VALUES (1, 2.5, 'a'), (2, NULL, 'größer');
      """)
    writer.close()
    let whole = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    var (values, failures) = (0, 0)
    for place in whole.indices {
      var bytes = whole
      bytes[place] ^= place % 2 == 0 ? 0xff : 1 << UInt8(place % 8)
      for bytes in place % 16 == 0 ? [bytes, Array(whole[..<place])] : [bytes] {
        try folder.write("a.db", bytes)
        do {
          _ = try read("SELECT * FROM t")
          values += 1
        } catch let failure as Failure {
          failures += 1
          #expect(!failure.description.contains("\n"), "\(place): \(failure)")
        }
      }
    }
    #expect(values > 0 && failures > 0)
  }

  @Test func aLockIsWaitedForAndTold() throws {
    let writer = try Writer(path)
    try writer.run("CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (1); BEGIN EXCLUSIVE")
    let reason = failure {
      _ = try SQLiteReader(file: path, query: "SELECT * FROM t", key: "id", columns: nil, patience: 0.2)
    }
    #expect(
      reason
        == "69 a.db: expected nobody to write to it for long, found it locked for 0.2 s (database is locked); end what writes to it, or try again"
    )
    let ends = Thread { [writer] in
      Thread.sleep(forTimeInterval: 0.2)
      try? writer.run("COMMIT")
    }
    ends.start()
    #expect(try read("SELECT * FROM t")["id"] == ["1"])
  }

  /// What another writes between two rows is not seen.
  @Test func oneStateIsRead() throws {
    let writer = try Writer(path)
    try writer.run("PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER); INSERT INTO t VALUES (1), (2), (3)")
    let reader = try SQLiteReader(file: path, query: "SELECT * FROM t", key: "id")
    #expect(try reader.next(most: 1)?.count == 1)
    try writer.run("INSERT INTO t VALUES (4); DELETE FROM t WHERE id = 2")
    #expect(try reader.next(most: 10)?.count == 2)
    #expect(try reader.next(most: 10) == nil)
    #expect(try read("SELECT * FROM t")["id"] == ["1", "3", "4"])
  }
}

/// Somebody else who writes to a database.
private final class Writer: @unchecked Sendable {
  private var handle: OpaquePointer?

  init(_ path: String) throws {
    guard sqlite3_open(path, &handle) == SQLITE_OK else { throw Failure(.inputOutput, at: path, "expected to open it") }
  }

  deinit { close() }

  func close() {
    sqlite3_close(handle)
    handle = nil
  }

  func run(_ statements: String) throws {
    guard sqlite3_exec(handle, statements, nil, nil, nil) == SQLITE_OK else {
      throw Failure(.inputOutput, "\(statements): \(String(cString: sqlite3_errmsg(handle)))")
    }
  }
}
