import Configuration
import Databases
import Diagnostics
import Tables

/// What a query finds in a PostgreSQL database, in the order of a unique column.
///
/// A password is in no configuration, which others read: it comes from `PGPASSWORD` or `~/.pgpass`.
public struct PostgreSQLFormat: TableFormat {
  public static let kind = "postgresql"
  public static let summary = "what a query finds in a PostgreSQL database, in the order of a unique column"

  public static let pathSettings = ["service", "host", "port", "database", "user"]
  public static let identity = TableIdentity.rows

  package let address: PostgreSQLAddress
  package let query: String
  package let key: String
  #if ExternalTables
    private var snapshot: PostgreSQLSnapshot?
  #endif

  /// See `PostgreSQLReader`.
  package init(_ address: PostgreSQLAddress, query: String, key: String) {
    (self.address, self.query, self.key) = (address, query, key)
  }

  public init(_ settings: ConfigReader) throws {
    query = try settings.string("query")
    key = try settings.string("key")
    guard !settings.contains("password") else {
      throw settings.failure(
        at: "password", "expected no password in a configuration, found one",
        cure: "set PGPASSWORD, or write a line in ~/.pgpass")
    }
    address = PostgreSQLAddress(
      service: try settings.optionalString("service"), host: try settings.optionalString("host"),
      port: try settings.optionalInt("port", in: 1...65_535), database: try settings.optionalString("database"),
      user: try settings.optionalString("user"))
    if let name = address.compound {
      throw settings.failure(at: name, PostgreSQLAddress.refusal.fault, cure: PostgreSQLAddress.refusal.cure)
    }
  }

  /// Refused (64): it reads no files.
  public init(file: String) throws { throw Self.noFile(file) }

  public func sources() throws -> [String] { ["\(address)"] }

  public func open(_ source: String, columns: Set<String>?) throws -> any TableReader {
    #if ExternalTables
      try PostgreSQLReader(address, query: query, key: key, columns: columns, snapshot: snapshot?.identifier)
    #else
      throw Self.leftOut(source)
    #endif
  }

  public func pinned() throws -> PostgreSQLFormat {
    #if ExternalTables
      var other = self
      other.snapshot = try snapshot ?? PostgreSQLSnapshot(address)
      return other
    #else
      throw Self.leftOut("\(address)")
    #endif
  }

  #if !ExternalTables
    private static func leftOut(_ source: String) -> Failure {
      Failure(
        .unavailable, at: source, "expected a build that reads PostgreSQL, found one without",
        cure: "build Lockstep with its trait ExternalTables, as swift build does where nothing else is said")
    }
  #endif

  /// Refused (64): it reads no files.
  public func reading(_ file: String) throws -> PostgreSQLFormat { throw Self.noFile(file) }

  private static func noFile(_ file: String) -> Failure {
    Failure(
      .usage, at: file, "expected no file, as rows come from PostgreSQL, found one",
      cure: "leave it out, or name a source of files")
  }
}
