import Configuration
import Databases
import Diagnostics
import Formats
import TableChecks
import Tables
import TestSupport
import Testing

/// Databases as a configuration names them.
@Suite struct DatabaseFormatTests {
  private func format(_ yaml: String) throws -> any TableFormat {
    let reader = try ConfigReader(yaml: "source: \(yaml)", file: "run.yaml", directory: "/data")
    let format = try reader.choice("source", tableFormatKinds.cases { try $0.init($1) as any TableFormat })
    try reader.finish()
    return format
  }

  private func failure(_ body: () throws -> Void) -> String { refusal(body) }

  @Test func kindsAreKnown() {
    let names = tableFormatKinds.names
    for name in ["jsonl", "npy", "npz", "hdf5", "sqlite", "postgresql"] { #expect(names.contains(name)) }
  }

  @Test func settingsAreRead() throws {
    let sqlite = try #require(try format("{sqlite: {file: a.db, query: SELECT 1, key: id}}") as? SQLiteFormat)
    #expect(try sqlite.sources() == ["/data/a.db"] && sqlite.query == "SELECT 1" && sqlite.key == "id")
    #expect(sqlite.reading("b.db").file == "b.db")
    let yaml = "{postgresql: {host: db1, port: 5433, database: shop, user: ann, query: SELECT 1, key: id}}"
    let server = try #require(try format(yaml) as? PostgreSQLFormat)
    #expect(try server.sources() == ["postgresql host=db1 port=5433 database=shop user=ann"])
    let file = try #require(try format("{hdf5: {files: a.h5, dataset: /x}}") as? HDF5Format)
    #expect(file.files == ["/data/a.h5"] && file.dataset == "/x" && file.reading("b.h5").dataset == "/x")
  }

  @Test func aPasswordIsRefusedAndNotTold() {
    for (setting, key, fault) in [
      (
        "password: geheim", "password",
        "expected no password in a configuration, found one; set PGPASSWORD, or write a line in ~/.pgpass"
      ),
      (
        "database: \"postgresql://ann:geheim@db1/shop\"", "database",
        "expected a single name, found a URL or a list of settings; name host, port, database and user apart, and the password in PGPASSWORD or ~/.pgpass"
      ),
      (
        "host: \"host=db1 password=geheim\"", "host",
        "expected a single name, found a URL or a list of settings; name host, port, database and user apart, and the password in PGPASSWORD or ~/.pgpass"
      ),
    ] {
      let found = failure { _ = try format("{postgresql: {query: SELECT 1, key: id, \(setting)}}") }
      #expect(found == "78 run.yaml:1: source.postgresql.\(key): \(fault)")
    }
  }

  @Test func databasesAreNoFiles() {
    #expect(
      failure { _ = try PostgreSQLFormat(file: "a.csv") }
        == "64 a.csv: expected no file, as rows come from PostgreSQL, found one; leave it out, or name a source of files"
    )
    #expect(
      failure { _ = try SQLiteFormat(file: "a.db") }
        == "64 a.db: expected a file that is a table, found no query that says which part of a database is meant; name it by {sqlite: {file: …, query: …, key: …}}"
    )
  }

  /// A build without a library knows the kind, and says how to get it.
  @Test func whatABuildLeavesOutIsTold() throws {
    #if !ExternalTables
      #expect(
        failure { _ = try HDF5Format(file: "a.h5").open("a.h5", columns: nil) }
          == "69 a.h5: expected a build that reads HDF5, found one without; build Lockstep with its trait ExternalTables, as swift build does where nothing else is said"
      )
    #endif
    #if !ExternalTables
      let server = PostgreSQLFormat(PostgreSQLAddress(), query: "SELECT 1 AS id", key: "id")
      #expect(
        failure { _ = try server.open("postgresql", columns: nil) }
          == "69 postgresql: expected a build that reads PostgreSQL, found one without; build Lockstep with its trait ExternalTables, as swift build does where nothing else is said"
      )
    #endif
  }
}
