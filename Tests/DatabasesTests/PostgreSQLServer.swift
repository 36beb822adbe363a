#if ExternalTables
  import Databases
  import Diagnostics
  import Foundation
  import TestSupport
  import Testing

  /// A PostgreSQL server of the tests' own, on a socket in a folder of its own; stopped when it is let go.
  final class PostgreSQLServer: Sendable {
    /// Why there is none on this machine; nil where there can be.
    static let missing: String? = programs == nil ? "initdb is not installed; apt-get install postgresql" : nil

    private static let programs: String? = {
      let root = "/usr/lib/postgresql"
      let versions = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).sorted()
      return versions.last { FileManager.default.isExecutableFile(atPath: "\(root)/\($0)/bin/initdb") }
        .map { "\(root)/\($0)/bin" }
    }()

    private let folder: Folder

    init() throws {
      folder = try Folder()
      // It does not run as root.
      if getuid() == 0 { _ = try Self.run("chown", ["postgres", folder.path]) }
      try administer("initdb", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--auth=trust", data)
      let rules = "local all locked scram-sha-256\nlocal all all trust\n"
      try folder.write("data/pg_hba.conf", rules)
      try start()
    }

    deinit { try? stop() }

    private var data: String { folder["data"] }

    func start() throws {
      try administer(
        "pg_ctl", "start", "-w", "-D", data, "-l", folder["data/log"], "-o",
        "-k \(folder.path) -c listen_addresses='' -c fsync=off -c max_connections=20 -c max_prepared_transactions=1 -c shared_buffers=16MB"
      )
    }

    /// Ends it and all that it does, at once.
    func stop() throws { try administer("pg_ctl", "stop", "-m", "immediate", "-D", data) }

    func address(database: String = "postgres", user: String = "postgres") -> PostgreSQLAddress {
      PostgreSQLAddress(host: folder.path, database: database, user: user)
    }

    /// Runs statements.
    func run(_ statements: String) throws {
      _ = try Self.run(
        Self.programs! + "/psql",
        ["-q", "-X", "-v", "ON_ERROR_STOP=1", "-h", folder.path, "-U", "postgres", "-d", "postgres", "-c", statements])
    }

    private func administer(_ program: String, _ arguments: String...) throws {
      let command = [Self.programs! + "/\(program)"] + arguments
      if getuid() == 0 {
        _ = try Self.run("runuser", ["-u", "postgres", "--"] + command)
      } else {
        _ = try Self.run(command[0], Array(command.dropFirst()))
      }
    }

    private static func run(_ program: String, _ arguments: [String]) throws {
      let ended = try TestSupport.run(program, arguments, deadline: 60)
      guard ended.code == 0 else {
        throw Failure(.unavailable, at: program, "code \(ended.code): \(ended.output) \(ended.errors)")
      }
    }
  }

  /// Gives a suite one server, and stops it behind the last test, also where one has failed.
  struct WithServer: SuiteTrait, TestScoping {
    @TaskLocal static var server: PostgreSQLServer?

    func provideScope(
      for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
      if let reason = PostgreSQLServer.missing {
        notTested("PostgreSQL", because: reason)
        return
      }
      let server = try PostgreSQLServer()
      try await Self.$server.withValue(server) { try await function() }
      try server.stop()
    }
  }
#endif
