import Foundation

/// Asks hosts whether they answer, in the way in which mpirun will reach them.
struct HostProbe {
  /// The program that starts commands on a host, and its options: ssh, or what Open MPI was told to use.
  private let agent: [String]
  private let ownNames: Set<String>
  /// Seconds after which a host that says nothing counts as dead.
  private let limit = 10.0

  init(environment: [String: String]) {
    let chosen = environment["OMPI_MCA_plm_rsh_agent"]?.split(separator: " ").map(String.init) ?? []
    agent = chosen.isEmpty ? ["ssh", "-x", "-o", "BatchMode=yes", "-o", "ConnectTimeout=5"] : chosen
    let own = ProcessInfo.processInfo.hostName
    ownNames = ["localhost", "127.0.0.1", "::1", own, String(own.prefix { $0 != "." })]
  }

  /// Those of `hosts` on which no command can be started, with the reason; all are asked at once.
  ///
  /// This host itself is not asked: it answers.
  func silent(among hosts: [String]) throws -> [(host: String, reason: String)] {
    let questions = try hosts.filter { !ownNames.contains($0) }.map { ($0, try ChildProcess(agent + [$0, "true"])) }
    let end = Date(timeIntervalSinceNow: limit)
    return questions.compactMap { host, question in
      let (code, lines) = question.end(within: max(0, end.timeIntervalSinceNow))
      return code == 0 ? nil : (host, lines.last ?? "\(host) does not answer")
    }
  }
}
