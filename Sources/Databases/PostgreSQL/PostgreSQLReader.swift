#if ExternalTables
  import CPostgreSQLSystem
  import Diagnostics
  import Tables

  /// The rows of a query of a PostgreSQL database, in the order of a key.
  ///
  /// All of them come from one transaction that reads: what others write meanwhile is not seen. They come in binary, one after
  /// the other as they are asked for. Booleans, `int`, `float` and `numeric` (to the nearest double), texts, `char(n)` without
  /// its filling, labels, `uuid`, dates and timestamps are known; a timestamp without a time zone is taken for UTC. An infinite
  /// date or timestamp is a fault of its row.
  public final class PostgreSQLReader: TableReader {
    public let fields: [RawField]

    /// Bytes of values after which a chunk ends.
    private static let chunkBytes = 64 << 20
    /// What a binary copy begins with.
    private static let signature: [UInt8] = Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0]

    private let connection: PostgreSQLConnection
    private let query: String
    /// The key, whether it is wanted or not, and the others.
    private var columns: [PostgreSQLColumn]
    private let isKeyWanted: Bool
    /// Of `columns`, in the order of the query.
    private let order: [Int]
    /// What tells the key of the row before from others.
    private var last: [UInt8]?
    /// Rows that were read.
    private var count = 0
    private var isAtStart = true
    private var isAtEnd = false

    /// Connects, and begins to run a query.
    ///
    /// - Parameters:
    ///   - key: a column of the query in which every row has another value, never NULL; texts are ordered by their bytes.
    ///   - columns: those that are read; nil means all.
    ///   - snapshot: what is read, where others read the same: see `PostgreSQLSnapshot`.
    ///
    /// Throws unavailable (69) where no server answers or it refuses the user, a missing input (66) where there is no such
    /// database or it may not be read, a wrong configuration (78) where the query cannot be run, and bad data (65) where a
    /// column is of a type that has no place in a table.
    public init(
      _ address: PostgreSQLAddress, query: String, key: String, columns wanted: Set<String>? = nil,
      snapshot: String? = nil
    ) throws {
      self.query = query
      connection = try PostgreSQLConnection(address, snapshot: snapshot)
      columns = try PostgreSQLColumn.all(of: query, key: key, wanted: wanted, in: connection)
      isKeyWanted = wanted?.contains(key) ?? true
      order = Array(isKeyWanted ? columns.indices : columns.indices.dropFirst())
      fields = order.map { [columns] in RawField(columns[$0].name, columns[$0].type.raw) }
      var plain = Substring(query)
      while let end = plain.last, end == ";" || end.isWhitespace { plain.removeLast() }
      let collation = columns[0].type.isCollated ? " COLLATE \"C\"" : ""
      // The line break ends a comment.
      try connection.run(
        """
        COPY (SELECT \(columns.map(\.quoted).joined(separator: ", ")) FROM (\(plain)
        ) AS rows ORDER BY \(columns[0].quoted)\(collation) NULLS FIRST) TO STDOUT (FORMAT binary)
        """, query: query)
    }

    public func next(most: Int) throws -> TableChunk? {
      let first = count
      var faults: [RowFault] = []
      while count - first < most, columns.reduce(0, { $0 + $1.rows.byteCount }) < Self.chunkBytes,
        try readRow(count - first, &faults)
      {
        count += 1
      }
      guard count > first else { return nil }
      let read = columns.indices.map { columns[$0].rows.taken() }
      return TableChunk(
        count: count - first, columns: order.map { read[$0] },
        places: RowPlaces("\(connection.address)", first: first + 1), faults: faults)
    }

    /// Reads the next row; false where there is none.
    private func readRow(_ row: Int, _ faults: inout [RowFault]) throws(Failure) -> Bool {
      while !isAtEnd {
        var memory: UnsafeMutablePointer<CChar>?
        let size = PQgetCopyData(connection.handle, &memory, 0)
        defer { PQfreemem(memory) }
        guard size > 0, let memory else {
          try end(size)
          return false
        }
        var bytes = PostgreSQLBytes(UnsafeRawBufferPointer(start: memory, count: Int(size)))
        if isAtStart { try readHeader(&bytes) }
        // The header may have come alone.
        if bytes.count == 0 { continue }
        guard let width = bytes.takeInt16() else { throw torn }
        // The end of the rows; the end of the copy follows.
        if width == -1 { continue }
        guard width == columns.count else { throw torn }
        for index in columns.indices {
          guard let length = bytes.takeInt32() else { throw torn }
          if length == -1 {
            if index == 0 { throw keyIsNull }
            columns[index].rows.appendMissing()
            continue
          }
          guard let found = bytes.take(length), let value = columns[index].type.value(found) else { throw torn }
          if index == 0 { try check(value, columns[0].type.identity(found)) }
          if let reason = value.append(to: &columns[index].rows), index > 0 || isKeyWanted {
            faults.append(RowFault(row: row, column: columns[index].name, reason))
          }
        }
        guard bytes.count == 0 else { throw torn }
        return true
      }
      return false
    }

    private func readHeader(_ bytes: inout PostgreSQLBytes) throws(Failure) {
      guard let signature = bytes.take(Self.signature.count), signature.rest.elementsEqual(Self.signature),
        bytes.takeInt32() == 0, let more = bytes.takeInt32(), bytes.take(more) != nil
      else { throw torn }
      isAtStart = false
    }

    /// Asks how the copy ended.
    private func end(_ code: Int32) throws(Failure) {
      isAtEnd = true
      let result = PQgetResult(connection.handle)
      if code == -2 { throw connection.failure(PostgreSQLResult(result), query: query, rows: count) }
      _ = try connection.checked(result, query: query, rows: count)
    }

    /// Rows come in the order of the key, so that equal ones are neighbours.
    private func check(_ value: PostgreSQLValue, _ identity: [UInt8]) throws(Failure) {
      if identity == last {
        throw Failure(
          .badData, at: "\(connection.address)",
          "key '\(columns[0].name)': expected each value once, found \(value.description) twice",
          cure: "name a unique column, or make one in the query")
      }
      last = identity
    }

    private var keyIsNull: Failure {
      Failure(
        .badData, at: "\(connection.address)", "key '\(columns[0].name)': expected a value in each row, found NULL",
        cure: "name another column, or leave such rows out (WHERE \(columns[0].quoted) IS NOT NULL)")
    }

    private var torn: Failure {
      Failure(
        .inputOutput, at: "\(connection.address)",
        "expected a row of a binary copy, found other bytes after \(grouped(count)) rows",
        cure: "check what stands between here and the server")
    }
  }
#endif
