import ArgumentParser
import Lockstep
import Supervision

/// What `lockstep launch` runs on hosts to learn whether they hear each other; not for users.
struct Hear: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "hear", shouldDisplay: false)

  /// Hosts to call, as `Peer` writes them; none: listens.
  @Argument var peers: [String] = []
  @Option var networks = ""

  func run() throws {
    guard !peers.isEmpty else { return try Hearing.listen(networks: networks) }
    for host in Hearing.deaf(among: try peers.map(Peer.init(word:))) { writeStandardError(line: "deaf \(host)") }
  }
}
