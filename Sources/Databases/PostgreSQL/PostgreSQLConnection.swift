#if ExternalTables
  import CPostgreSQLSystem
  import Diagnostics
  import Glibc

  /// A connection to a PostgreSQL server, in one transaction that reads: what others write meanwhile is not seen.
  final class PostgreSQLConnection {
    let address: PostgreSQLAddress
    let handle: OpaquePointer

    /// Seconds to wait for an answer.
    private static let patience = 10.0

    /// Connects, and begins the transaction.
    ///
    /// - Parameter snapshot: of a transaction that is to be shared: see `PostgreSQLSnapshot`.
    ///
    /// Throws unavailable (69) where no server answers or it refuses the user, and a missing input (66) where it has no such
    /// database.
    init(_ address: PostgreSQLAddress, snapshot: String? = nil) throws(Failure) {
      if address.compound != nil {
        throw Failure(
          .badConfiguration, at: "postgresql", PostgreSQLAddress.refusal.fault, cure: PostgreSQLAddress.refusal.cure)
      }
      self.address = address
      guard let handle = Self.start(address) else {
        throw Failure(.unavailable, "expected memory for libpq, found none")
      }
      self.handle = handle
      try connect()
      // Messages in one form, whatever the server's settings are.
      PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
      PQsetNoticeProcessor(handle, { _, _ in }, nil)
      try run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
      if let snapshot {
        guard snapshot.allSatisfy({ $0.isASCII && ($0.isHexDigit || $0 == "-") }) else {
          throw Failure(.usage, at: "\(address)", "expected the identifier of a snapshot, found \(snapshot.shown())")
        }
        try run("SET TRANSACTION SNAPSHOT '\(snapshot)'")
      }
      // A lock is not waited for without end, where neither the server nor the user's settings say for how long.
      try run("SELECT set_config('lock_timeout', '60s', true) WHERE current_setting('lock_timeout') = '0'")
      // What a query makes of times does not depend on who asks.
      try run("SET LOCAL TimeZone = 'UTC'")
      try run("SET LOCAL DateStyle = 'ISO, YMD'")
    }

    deinit { PQfinish(handle) }

    private static func start(_ address: PostgreSQLAddress) -> OpaquePointer? {
      let words = ["database": "dbname"]
      var pairs = address.settings.map { (words[$0.name] ?? $0.name, $0.value) }
      pairs += [
        ("client_encoding", "UTF8"), ("fallback_application_name", "lockstep"),
        // A host that dies is noticed within a minute.
        ("keepalives_idle", "30"), ("keepalives_interval", "10"), ("keepalives_count", "3"),
      ]
      let names = pairs.map { strdup($0.0) } + [nil]
      let values = pairs.map { strdup($0.1) } + [nil]
      defer { for text in names + values { free(text) } }
      return PQconnectStartParams(names.map { UnsafePointer($0) }, values.map { UnsafePointer($0) }, 0)
    }

    /// Waits for the connection. Unlike `PQconnectdb` this lets the codes of errors be asked for, which are the same in all
    /// languages.
    private func connect() throws(Failure) {
      PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
      guard PQstatus(handle) != CONNECTION_BAD else { throw refused }
      let deadline = Deadline(seconds: Self.patience)
      var state = PGRES_POLLING_WRITING
      while state != PGRES_POLLING_OK {
        guard state != PGRES_POLLING_FAILED else { throw refused }
        var waiting = pollfd(
          fd: PQsocket(handle), events: Int16(state == PGRES_POLLING_READING ? POLLIN : POLLOUT), revents: 0)
        let ready = poll(&waiting, 1, Int32(max(0, deadline.remaining) * 1000))
        if ready < 0, errno == EINTR { continue }
        guard ready != 0 else {
          throw Failure(
            .unavailable, at: "\(address)", "expected a server that answers within \(Int(Self.patience)) s, found none",
            cure: "check host and port, and that the server runs")
        }
        state = PQconnectPoll(handle)
      }
    }

    /// Why there is no connection.
    private var refused: Failure {
      let text = String(cString: PQerrorMessage(handle))
      let line = text.split(separator: "\n").first.map(String.init) ?? "no reason given"
      // `connection to server … failed: FATAL:  3D000: database "shop" does not exist`
      let coded = line.firstMatch(of: #/:  ([0-9A-Z]{5}): (.*)/#)
      let (state, reason) = (coded.map { String($0.1) } ?? "", coded.map { String($0.2) } ?? line)
      if state == "3D000" {
        return Failure(
          .missingInput, at: "\(address)", "expected the database, found none: \(reason)",
          cure: "check its name (psql --list)")
      }
      if state.hasPrefix("28") || PQconnectionNeedsPassword(handle) != 0 {
        return Failure(
          .unavailable, at: "\(address)", "expected a server that lets the user in, found: \(reason)",
          cure: "check the user, and the password in PGPASSWORD or ~/.pgpass")
      }
      return Failure(
        .unavailable, at: "\(address)", "expected a server that takes connections, found: \(reason)",
        cure: "check host and port, and that the server runs")
    }

    /// Runs a statement.
    ///
    /// - Parameter query: what messages tell; nil: the statement is not the user's.
    @discardableResult
    func run(_ statement: String, query: String? = nil) throws(Failure) -> PostgreSQLResult {
      try checked(PQexec(handle, statement), query: query)
    }

    /// A result that is none of an error.
    func checked(_ result: OpaquePointer?, query: String?, rows: Int = 0) throws(Failure) -> PostgreSQLResult {
      let result = PostgreSQLResult(result)
      switch PQresultStatus(result.handle) {
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_COPY_OUT: return result
      default: throw failure(result, query: query, rows: rows)
      }
    }

    /// What the server, or libpq, says of the last call.
    ///
    /// - Parameter rows: how many were read before.
    func failure(_ result: PostgreSQLResult, query: String?, rows: Int) -> Failure {
      let state = result.field("C") ?? ""
      let reason =
        result.field("M") ?? String(cString: PQerrorMessage(handle)).split(separator: "\n").first.map(String.init)
      let found = reason ?? "no reason given"
      let place = "\(address)"
      if PQstatus(handle) == CONNECTION_BAD || state.hasPrefix("57P") || state.hasPrefix("08") {
        return Failure(
          .inputOutput, at: place, "expected more rows, found the server gone after \(grouped(rows)) (\(found))",
          cure: "start the same command again; the server's log tells why")
      }
      let asked = query.map { " in: \($0)" } ?? ""
      switch state {
      case "55P03":
        return Failure(
          .unavailable, at: place, "expected nobody to lock the table for long, found \(found)\(asked)",
          cure: "end what locks it, or try again")
      case "42501":
        return Failure(
          .missingInput, at: place, "expected to be let read, found \(found)", cure: "ask for GRANT SELECT")
      case _ where ["42", "0A", "25", "26", "34"].contains(state.prefix(2)):
        return Failure(
          .badConfiguration, at: place, "expected a query that PostgreSQL can run, found \(found)\(asked)",
          cure: "correct the query")
      case _ where ["21", "22", "23"].contains(state.prefix(2)):
        return Failure(
          .badData, at: place,
          "expected a query that all rows allow, found \(found) after \(grouped(rows)) rows\(asked)",
          cure: "correct the row, or the query")
      default:
        return Failure(
          .unavailable, at: place, "expected rows, found \(found)\(asked)", cure: "see the server's log, and try again")
      }
    }
  }

  /// What a statement gave.
  final class PostgreSQLResult {
    let handle: OpaquePointer?

    init(_ handle: OpaquePointer?) { self.handle = handle }

    deinit { PQclear(handle) }

    /// A part of an error: `C` its code, `M` its message.
    func field(_ letter: Unicode.Scalar) -> String? {
      PQresultErrorField(handle, Int32(letter.value)).map { String(cString: $0) }
    }

    /// A value as a text.
    func text(_ row: Int32, _ column: Int32) -> String { String(cString: PQgetvalue(handle, row, column)) }
  }
#endif
