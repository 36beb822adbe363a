#if ExternalTables
  import Diagnostics

  /// A state of a database that several connections read, each for itself, while others write.
  ///
  /// ```swift
  /// let snapshot = try PostgreSQLSnapshot(address)
  /// let orders = try PostgreSQLReader(address, query: "TABLE orders", key: "id", snapshot: snapshot.identifier)
  /// let people = try PostgreSQLReader(address, query: "TABLE people", key: "id", snapshot: snapshot.identifier)
  /// ```
  ///
  /// It has a connection of its own, and can be taken for as long as that stands. What has taken it keeps it.
  // The connection is asked nothing after the beginning.
  public final class PostgreSQLSnapshot: @unchecked Sendable {
    /// What `SET TRANSACTION SNAPSHOT` takes; other processes and hosts may take it as well.
    public let identifier: String
    private let connection: PostgreSQLConnection

    /// Throws as `PostgreSQLReader` does.
    public init(_ address: PostgreSQLAddress) throws {
      connection = try PostgreSQLConnection(address)
      identifier = try connection.run("SELECT pg_catalog.pg_export_snapshot()").text(0, 0)
    }
  }
#endif
