import Foundation

/// Hosts on this machine, as `scripts/virtual-cluster` makes them; gone when the test lets go of them.
///
/// ```swift
/// guard let cluster = try VirtualCluster(hosts: 3) else { return }
/// let ended = try cluster.run(["-np", "3", program], deadline: 60)
/// ```
public final class VirtualCluster: Sendable {
  /// `node1` and so on.
  public let hosts: [String]
  private let name = "test-\(UUID().uuidString.prefix(8))"

  /// Nil where this machine allows no such hosts, which is said.
  public init?(hosts count: Int, slots: Int = 1, file: String = #fileID, function: String = #function) throws {
    hosts = (1...count).map { "node\($0)" }
    let ended = try script(["up", "\(count)", "\(slots)"], deadline: 120)
    if ended.code == 69 {
      notTested("\(count) hosts", because: ended.errors, file: file, function: function)
      return nil
    }
    guard ended.code == 0 else { throw SystemError(call: "start \(count) hosts", subject: ended.errors, code: EIO) }
  }

  deinit { _ = try? script(["down"], deadline: 60) }

  /// What Open MPI reads.
  public var hostfile: String { "/run/lockstep-cluster/\(name)/hostfile" }

  /// The program and arguments that run a command on a host, or on `head`, in the folder of the test.
  public func command(on host: String, _ arguments: [String]) -> (executable: String, arguments: [String]) {
    ("env", ["LOCKSTEP_CLUSTER=\(name)", Self.path, "on", host] + arguments)
  }

  /// mpirun across the hosts.
  public func run(
    _ arguments: [String], environment: [String: String] = [:], deadline: TimeInterval
  ) throws -> (code: Int32, output: String, errors: String) {
    try script(["run"] + arguments, environment: environment, deadline: deadline)
  }

  /// Any of the script's commands, such as `kill node2`.
  @discardableResult
  public func script(
    _ arguments: [String], environment: [String: String] = [:], deadline: TimeInterval = 60
  ) throws -> (code: Int32, output: String, errors: String) {
    try TestSupport.run(
      Self.path, arguments, environment: environment.merging(["LOCKSTEP_CLUSTER": name]) { $1 }, deadline: deadline)
  }

  private static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../../scripts/virtual-cluster").standardized.path
}
