#if ExternalTables
  import Databases
  import Diagnostics
  import Foundation
  import TableChecks
  import Tables
  import TestSupport
  import Testing

  @Suite(.serialized, WithServer()) struct PostgreSQLTests {
    private let server: PostgreSQLServer

    init() throws { server = try #require(WithServer.server) }

    private func read(_ query: String, key: String = "id", columns: Set<String>? = nil) throws -> ReadTable {
      try ReadTable(try PostgreSQLReader(server.address(), query: query, key: key, columns: columns))
    }

    /// What a reader throws, without where the server is.
    private func failure(_ server: PostgreSQLServer? = nil, _ body: () throws -> Void) -> String {
      do {
        try body()
        return "none"
      } catch {
        let place = (server ?? self.server).address()
        return "\((error as? Failure)?.code.rawValue ?? -1) \(error)".replacing("\(place)", with: "pg")
          .replacing(place.host ?? "", with: "HOST")
      }
    }

    @Test func everyTypeIsRead() throws {
      try server.run(
        """
        CREATE TYPE mood AS ENUM ('sad', 'glad');
        CREATE DOMAIN share AS float8;
        CREATE TABLE types (id int8 PRIMARY KEY, b bool, s int2, i int4, f float4, d float8, n numeric, t text, v varchar(9),
          c char(4), m mood, u uuid, day date, ts timestamp, tz timestamptz, name name, one "char", share share);
        INSERT INTO types VALUES
          (9223372036854775807, true, -32768, 2147483647, 0.1, 0.1, 123456789.0123456789, 'größer', '', 'ab', 'glad',
            'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '2024-02-29', '2024-02-29 12:00:00.000001', '1969-12-31 23:00:00-01', 'n',
            'x', 0.5),
          (-1, false, 0, -1, 'nan', '-infinity', 'NaN', '', 'x', '', 'sad', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12',
            '0044-03-15 BC', '1970-01-01', '2000-01-01 00:00:00+00', '', '', -1);
        INSERT INTO types (id) VALUES (5);
        """)
      let table = try read("TABLE types;")
      #expect(
        words(table.fields) == [
          "id: integer", "b: boolean", "s: integer", "i: integer", "f: number", "d: number", "n: number", "t: text",
          "v: text",
          "c: text", "m: text", "u: text", "day: day", "ts: instant", "tz: instant", "name: text", "one: text",
          "share: number",
        ])
      #expect(table["id"] == ["-1", "5", "9223372036854775807"] && table["b"] == ["false", nil, "true"])
      #expect(table["s"] == ["0", nil, "-32768"] && table["i"] == ["-1", nil, "2147483647"])
      #expect(table["f"] == ["nan", nil, "\(Double(Float(0.1)))"] && table["d"] == ["-inf", nil, "0.1"])
      #expect(table["n"] == ["nan", nil, "\(123456789.0123456789)"])
      #expect(table["t"] == ["", nil, "größer"] && table["v"] == ["x", nil, ""] && table["c"] == ["", nil, "ab"])
      #expect(table["m"] == ["sad", nil, "glad"])
      #expect(table["u"] == ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12", nil, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"])
      #expect(table["day"] == ["-735160", nil, "19782"])
      #expect(table["ts"] == ["0", nil, "1709208000000001"] && table["tz"] == ["946684800000000", nil, "0"])
      #expect(table["name"] == ["", nil, "n"] && table["share"] == ["-1.0", nil, "0.5"] && table.faults == [])
      for most in [1, 2] {
        let reader = try PostgreSQLReader(server.address(), query: "SELECT * FROM types -- all", key: "id")
        #expect(try ReadTable(reader, most: most).columns == table.columns)
      }
      let part = try read("SELECT * FROM types", columns: ["t", "none of this name"])
      #expect(words(part.fields) == ["t: text"] && part["t"] == table["t"])
      #expect(try read("SELECT * FROM types", columns: []).rows == 3)
      #expect(try read("SELECT 1 AS id WHERE false").rows == 0)
    }

    /// To the bit what the standard library makes of the digits.
    @Test func numericsAreTheNearest() throws {
      let texts = [
        "0", "-0.1", "1e22", "1e23", "9007199254740993", "0.1000000000000000055511151231257827", "1e-320",
        "12345.678901",
        "10000", "99999999.99999999", "1e300", "0.00001", "-123456789012345678901234567890.123456789",
      ]
      let rows = texts.enumerated().map { "(\($0.offset), \($0.element)::numeric)" }.joined(separator: ", ")
      let found = try read("SELECT * FROM (VALUES \(rows)) AS v (id, n)")["n"]
      for (text, found) in zip(texts, found) {
        #expect(found.flatMap(Double.init)?.bitPattern == Double(text)?.bitPattern, "\(text)")
      }
      #expect(found.count == texts.count)
    }

    @Test func whatIsInfiniteIsAFault() throws {
      let table = try read(
        "SELECT 1 AS id, 'infinity'::date AS day, '-infinity'::timestamp AS ts, 'infinity'::numeric AS n")
      #expect(
        table.faults == [
          "\(server.address()), row 1: column 'day': expected a time, found infinity",
          "\(server.address()), row 1: column 'ts': expected a time, found -infinity",
        ])
    }

    @Test func theKeyTellsRowsApart() throws {
      // By bytes, whatever the order of the column is.
      let words = "SELECT * FROM (VALUES ('b' COLLATE \"und-x-icu\"), ('B'), ('a'), ('é')) AS v (k)"
      #expect(try read(words, key: "k")["k"] == ["B", "a", "b", "é"])
      let large = "SELECT * FROM (VALUES (12345678901234567890), (12345678901234567891)) AS v (k)"
      #expect(try read(large, key: "k").rows == 2)
      for (values, value) in [
        ("(1), (NULL), (2)", "NULL"), ("(1), (2), (1)", "1"), ("('x'), ('x')", "'x'"), ("(1.0), (1.00)", "1.0"),
        ("(0::float8), ('-0'::float8)", "-0.0"), ("('nan'::float8), ('nan')", "nan"),
        ("('a'::char(3)), ('a'::char(3))", "'a'"), ("('2024-02-29'::date), ('2024-02-29')", "2024-02-29"),
        ("('1969-12-31 23:59:58.5'::timestamp), ('1969-12-31 23:59:58.5')", "1969-12-31 23:59:58"),
      ] {
        let found = failure { _ = try read("SELECT * FROM (VALUES \(values)) AS v (k)", key: "k") }
        #expect(
          found
            == (value == "NULL"
              ? "65 pg: key 'k': expected a value in each row, found NULL; name another column, or leave such rows out (WHERE \"k\" IS NOT NULL)"
              : "65 pg: key 'k': expected each value once, found \(value) twice; name a unique column, or make one in the query")
        )
      }
      #expect(
        failure { _ = try read("SELECT 1 AS key", key: "kei") }
          == "78 pg: key 'kei': expected a column of the query, found only key; did you mean 'key'?")
      #expect(
        failure { _ = try read("SELECT 1 AS k, 2 AS k", key: "k") }
          == "78 pg: expected columns with names of their own, found 'k' twice; rename one in the query (AS)")
    }

    @Test(arguments: [
      (
        "SELECT * FROM none",
        "78 pg: expected a query that PostgreSQL can run, found relation \"none\" does not exist in: SELECT * FROM none; correct the query"
      ),
      (
        "SELEC 1",
        "78 pg: expected a query that PostgreSQL can run, found syntax error at or near \"SELEC\" in: SELEC 1; correct the query"
      ),
      (
        "SELECT 1 AS id; SELECT 2",
        "78 pg: expected a query that PostgreSQL can run, found cannot insert multiple commands into a prepared statement in: SELECT 1 AS id; SELECT 2; correct the query"
      ),
      ("", "78 pg: expected one SELECT, found: ; correct the query"),
      ("CREATE TABLE x (id int)", "78 pg: expected one SELECT, found: CREATE TABLE x (id int); correct the query"),
      (
        "SELECT 1 / (g - 3) AS id FROM generate_series(1, 5) g",
        "65 pg: expected a query that all rows allow, found division by zero after 0 rows in: SELECT 1 / (g - 3) AS id FROM generate_series(1, 5) g; correct the row, or the query"
      ),
      (
        "SELECT nextval('s') AS id",
        "78 pg: expected a query that PostgreSQL can run, found cannot execute nextval() in a read-only transaction in: SELECT nextval('s') AS id; correct the query"
      ),
    ]) func queriesAreChecked(query: String, expected: String) throws {
      try server.run("CREATE SEQUENCE IF NOT EXISTS s")
      #expect(failure { _ = try read(query) } == expected)
    }

    @Test(arguments: [
      ("'{}'::jsonb", "jsonb"), ("ARRAY[1]", "integer[]"), ("'1 day'::interval", "interval"), ("'x'::bytea", "bytea"),
      ("ROW(1)", "record"),
    ]) func typesWithoutAPlaceAreRefused(value: String, type: String) throws {
      #expect(
        failure { _ = try read("SELECT 1 AS id, \(value) AS x") }
          == "65 pg: column 'x': expected a number, a truth, a text, a date or a timestamp, found the type \(type); make one of these of it in the query (x::text), or leave it out"
      )
      #expect(try read("SELECT 1 AS id, \(value) AS x", columns: ["id"]).rows == 1)
    }

    /// How long a lock is waited for is what the database says, here, else a minute.
    @Test func aLockIsNotWaitedForWithoutEnd() throws {
      try server.run(
        "DROP TABLE IF EXISTS held; CREATE TABLE held (id int); ALTER DATABASE postgres SET lock_timeout = '200ms'")
      defer { try? server.run("ALTER DATABASE postgres RESET lock_timeout") }
      // It holds its lock when whoever has begun it is gone.
      try server.run("BEGIN; LOCK TABLE held IN ACCESS EXCLUSIVE MODE; PREPARE TRANSACTION 'holder'")
      #expect(
        failure { _ = try read("SELECT * FROM held") }
          == "69 pg: expected nobody to lock the table for long, found canceling statement due to lock timeout in: SELECT * FROM held; end what locks it, or try again"
      )
      try server.run("ROLLBACK PREPARED 'holder'")
      #expect(try read("SELECT * FROM held").rows == 0)
    }

    @Test func whoMayNotReadIsTold() throws {
      try server.run(
        """
        DROP ROLE IF EXISTS locked; DROP ROLE IF EXISTS guest; CREATE ROLE locked LOGIN PASSWORD 'secret';
        CREATE ROLE guest LOGIN; CREATE TABLE IF NOT EXISTS closed (id int)
        """)
      func connect(_ change: (inout PostgreSQLAddress) -> Void) -> String {
        var address = server.address()
        change(&address)
        return failure { _ = try PostgreSQLReader(address, query: "SELECT * FROM closed", key: "id") }
          .replacing("\(address)", with: "pg")
      }
      #expect(
        connect { $0.user = "guest" }.hasSuffix(
          ": expected to be let read, found permission denied for table closed; ask for GRANT SELECT")
      )
      #expect(
        connect { $0.database = "none" }.hasSuffix(
          ": expected the database, found none: database \"none\" does not exist; check its name (psql --list)"))
      #expect(
        connect { $0.user = "nobody" }.contains(
          "expected a server that lets the user in, found: role \"nobody\" does not exist;"))
      let noPassword = connect { $0.user = "locked" }
      #expect(
        noPassword.hasPrefix("69 ")
          && noPassword.hasSuffix("; check the user, and the password in PGPASSWORD or ~/.pgpass"))
      let wrong = try folder("wrong")
      setenv("PGPASSFILE", wrong, 1)
      let wrongPassword = connect { $0.user = "locked" }
      #expect(wrongPassword.contains("found: password authentication failed for user \"locked\";"), "\(wrongPassword)")
      setenv("PGPASSFILE", try folder("secret"), 1)
      // Let in, and told what it may not.
      #expect(connect { $0.user = "locked" }.contains("permission denied for table closed"))
      unsetenv("PGPASSFILE")
      for text in [noPassword, wrongPassword] { #expect(!text.contains("secret") && !text.contains("wrong")) }
      #expect(
        connect { ($0.host, $0.port) = ("127.0.0.1", 1) }
          .contains(
            "expected a server that takes connections, found: connection to server at \"127.0.0.1\", port 1 failed: Connection refused; check host and port, and that the server runs"
          )
      )
      #expect(
        connect { $0.database = "postgresql://ann:secret@db/shop" }
          == "78 postgresql: expected a single name, found a URL or a list of settings; name host, port, database and user apart, and the password in PGPASSWORD or ~/.pgpass"
      )
    }

    private let passwords = try? Folder()

    /// A file of passwords that only its owner reads.
    private func folder(_ password: String) throws -> String {
      let path = try #require(passwords).write("pgpass-\(password)", "*:*:*:*:\(password)\n")
      chmod(path, 0o600)
      return path
    }

    @Test func severalReadOneState() throws {
      try server.run("DROP TABLE IF EXISTS shared; CREATE TABLE shared AS SELECT 1 AS id")
      let snapshot = try PostgreSQLSnapshot(server.address())
      try server.run("INSERT INTO shared VALUES (2)")
      let old = try PostgreSQLReader(
        server.address(), query: "TABLE shared", key: "id", snapshot: snapshot.identifier)
      #expect(try ReadTable(old)["id"] == ["1"])
      #expect(try read("TABLE shared")["id"] == ["1", "2"])
      #expect(
        failure {
          _ = try PostgreSQLReader(
            server.address(), query: "TABLE shared", key: "id", snapshot: "x'; DROP TABLE shared --")
        } == "64 pg: expected the identifier of a snapshot, found x'; DROP TABLE shared --")
      let stale = failure {
        _ = try PostgreSQLReader(server.address(), query: "TABLE shared", key: "id", snapshot: "00000001-00000001-1")
      }
      #expect(stale.contains("found invalid snapshot identifier") || stale.contains("does not exist"), "\(stale)")
    }

    @Test func aServerThatGoesAwayIsTold() throws {
      let other = try PostgreSQLServer()
      let query = "SELECT g AS id, repeat('x', 2000) AS t FROM generate_series(1, 20000) g"
      let reader = try PostgreSQLReader(other.address(), query: query, key: "id")
      #expect(try reader.next(most: 10)?.count == 10)
      try other.stop()
      let reason = failure(other) { while try reader.next(most: 10) != nil {} }
      #expect(reason.hasPrefix("74 pg: expected more rows, found the server gone after "), "\(reason)")
      #expect(reason.hasSuffix("; start the same command again; the server's log tells why"), "\(reason)")
      let gone = failure(other) { _ = try PostgreSQLReader(other.address(), query: query, key: "id") }
      #expect(gone.hasPrefix("69 pg: expected a server that takes connections, found: "), "\(gone)")
      // Its end stops it again, and that fails in silence.
    }
  }
#endif
