import Diagnostics

/// Where a PostgreSQL database is, as libpq takes it: what is nil comes from the environment (`PGHOST`, …), or is its default.
///
/// There is no password among it: that comes from `PGPASSWORD` or `~/.pgpass`.
public struct PostgreSQLAddress: Equatable, Sendable, CustomStringConvertible {
  /// A section of `~/.pg_service.conf`.
  public var service: String?
  /// A name, an address, or the folder of a socket.
  public var host: String?
  public var port: Int?
  public var database: String?
  public var user: String?

  public init(
    service: String? = nil, host: String? = nil, port: Int? = nil, database: String? = nil, user: String? = nil
  ) {
    (self.service, self.host, self.port) = (service, host, port)
    (self.database, self.user) = (database, user)
  }

  /// `postgresql host=db1 database=shop`
  public var description: String {
    (["postgresql"] + settings.map { "\($0.name)=\($0.value)" }).joined(separator: " ")
  }

  /// What is set, by its word.
  var settings: [(name: String, value: String)] {
    let all = [
      ("service", service), ("host", host), ("port", port.map(String.init)), ("database", database), ("user", user),
    ]
    return all.compactMap { name, value in value.map { (name, $0) } }
  }

  /// The setting that holds a URL or a list of settings, and with it perhaps a password; nil: none does.
  package var compound: String? {
    settings.first { _, value in value.contains("://") || value.lowercased().contains("password") && value.contains("=")
    }?
    .name
  }

  /// How a compound setting is refused: it is not told, as there may be a password in it.
  package static let refusal = (
    fault: "expected a single name, found a URL or a list of settings",
    cure: "name host, port, database and user apart, and the password in PGPASSWORD or ~/.pgpass"
  )
}
