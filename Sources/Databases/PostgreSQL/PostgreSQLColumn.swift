#if ExternalTables
  import CPostgreSQLSystem
  import Diagnostics
  import Tables

  /// A column of a query, and its rows as they are read.
  struct PostgreSQLColumn {
    let name: String
    let type: PostgreSQLType
    var rows: RawColumnBuilder

    /// Its name, as SQL takes it.
    var quoted: String { Self.quoted(name) }

    static func quoted(_ name: String) -> String {
      "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    /// The columns of a query that are wanted, and in front of them the key.
    ///
    /// Throws a wrong configuration (78) where the query cannot be run or has no such key, and bad data (65) where a column is
    /// of a type that has no place in a table.
    static func all(
      of query: String, key: String, wanted: Set<String>?, in connection: PostgreSQLConnection
    ) throws(Failure) -> [PostgreSQLColumn] {
      let place = "\(connection.address)"
      _ = try connection.checked(PQprepare(connection.handle, "", query, 0, nil), query: query)
      let described = try connection.checked(PQdescribePrepared(connection.handle, ""), query: query)
      let numbers = 0..<PQnfields(described.handle)
      let names = numbers.map { String(cString: PQfname(described.handle, $0)) }
      guard !names.isEmpty else {
        throw Failure(.badConfiguration, at: place, "expected one SELECT, found: \(query)", cure: "correct the query")
      }
      if let twice = names.first(where: { name in names.filter { $0 == name }.count > 1 }) {
        throw Failure(
          .badConfiguration, at: place, "expected columns with names of their own, found '\(twice)' twice",
          cure: "rename one in the query (AS)")
      }
      guard names.contains(key) else {
        let near = nearest(to: key, among: names).map { "did you mean '\($0)'?" }
        throw Failure(
          .badConfiguration, at: place,
          "key '\(key)': expected a column of the query, found only \(names.joined(separator: ", "))", cure: near)
      }
      var columns: [PostgreSQLColumn] = []
      for (number, name) in zip(numbers, names) where name == key || wanted?.contains(name) ?? true {
        let type = try type(PQftype(described.handle, number), of: name, in: connection)
        let column = PostgreSQLColumn(name: name, type: type, rows: RawColumnBuilder(type.raw))
        columns.insert(column, at: name == key ? 0 : columns.count)
      }
      return columns
    }

    private static func type(
      _ number: UInt32, of name: String, in connection: PostgreSQLConnection
    ) throws(Failure) -> PostgreSQLType {
      if let type = PostgreSQLType(number) { return type }
      let found = try connection.run(
        "SELECT typtype, pg_catalog.format_type(oid, NULL) FROM pg_catalog.pg_type WHERE oid = \(number)")
      let isKnown = PQntuples(found.handle) > 0
      // Labels come as texts.
      if isKnown, found.text(0, 0) == "e" { return .text }
      throw Failure(
        .badData, at: "\(connection.address)",
        "column '\(name)': expected a number, a truth, a text, a date or a timestamp, found the type "
          + (isKnown ? found.text(0, 1) : "\(number)"),
        cure: "make one of these of it in the query (\(name)::text), or leave it out")
    }
  }
#endif
