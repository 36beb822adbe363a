import Diagnostics
import Foundation

/// Asks hosts whether they answer, in the way in which mpirun will reach them.
struct HostProbe {
  /// The program that starts commands on a host, and its options: ssh, or what the launcher was told to use.
  private let agent: [String]
  /// Which of their networks MPI may use, as Open MPI was told; empty: all.
  private let networks: String
  private let ownNames: Set<String>
  /// Seconds after which a host that says nothing counts as dead.
  private let limit = 10.0

  init(environment: [String: String]) {
    let name = MPILauncher.ofThisBuild == .hydra ? "HYDRA_LAUNCHER_EXEC" : "OMPI_MCA_plm_rsh_agent"
    let chosen = environment[name]?.split(separator: " ").map(String.init) ?? []
    agent = chosen.isEmpty ? ["ssh", "-x", "-o", "BatchMode=yes", "-o", "ConnectTimeout=5"] : chosen
    networks = environment["OMPI_MCA_btl_tcp_if_include"] ?? ""
    let own = ProcessInfo.processInfo.hostName
    ownNames = ["localhost", "127.0.0.1", "::1", own, String(own.prefix { $0 != "." })]
  }

  /// Those of `hosts` on which no command can be started, with the reason; all are asked at once.
  ///
  /// None where `isCalledOff` says so before all have answered.
  func silent(among hosts: [String], isCalledOff: () -> Bool) throws -> [SilentHost] {
    let inquiry = try ask(hosts)
    while !isCalledOff() {
      if let silent = inquiry.answer() { return silent }
      usleep(20_000)
    }
    return []
  }

  /// Begins to ask hosts. This host itself is not asked: it answers.
  func ask(_ hosts: [String]) throws -> HostInquiry {
    let inquiry = HostInquiry(limit: limit)
    for host in hosts where !ownNames.contains(host) { try inquiry.ask(host, by: agent + [host, "true"]) }
    return inquiry
  }

  /// What hosts have told of each other.
  struct Hearsay: Equatable {
    /// Those that told whom they hear, in the order of the hostfile.
    let hosts: [String]
    /// Those that do not hear each other, as one of them at least told, in that order.
    let pairs: [HostPair]
  }

  /// Which of `hosts` do not hear each other: each listens, and each calls all others.
  ///
  /// Nil where that tells nothing: fewer than two can listen, no caller came to its end, or of three hosts and more
  /// nobody hears anybody, since a firewall may let the question through no more than its answer; and where
  /// `isCalledOff` says so before all have told.
  ///
  /// - Parameter program: what listens and calls there, by `hear`.
  func hearsay(among hosts: [String], program: String, isCalledOff: () -> Bool) throws -> Hearsay? {
    var children: [ChildProcess] = []
    defer {
      for child in children {
        child.signal(SIGKILL)
        _ = child.end(within: 1)
      }
    }
    /// What the hosts say to that, each until its end or until it has said enough, and whether it succeeded.
    func answers(
      within seconds: Double, to commands: [(host: String, words: [String])], isEnough: ([String]) -> Bool
    ) throws -> [(lines: [String], isWhole: Bool)] {
      let first = children.count
      for (host, command) in commands {
        children.append(try ChildProcess(words(host, [program, "hear"] + command), isSilent: true))
      }
      let end = Deadline(seconds: seconds)
      var lines = commands.map { _ in [String]() }
      var (isLast, isMore) = (false, true)
      // All in turn: one that is slow to tell holds up no other. What came in time is read.
      while isMore, !isLast {
        (isLast, isMore) = (end.isOver || isCalledOff(), false)
        for (index, child) in children[first...].enumerated() where child.code == nil && !isEnough(lines[index]) {
          lines[index] += child.lines(within: 0.01)
          isMore = true
        }
      }
      return zip(lines, children[first...]).map { ($0, $1.code == 0) }
    }
    let announcements = try answers(within: limit, to: hosts.map { ($0, ["--networks", networks]) }) {
      $0.contains { $0.hasPrefix(Peer.prefix) }
    }
    let peers = zip(hosts, announcements).compactMap { host, answer in
      answer.lines.lazy.compactMap { Peer(host: host, announcement: $0) }.first
    }
    guard peers.count > 1, !isCalledOff() else { return nil }
    let calls = peers.map { peer in (peer.host, peers.filter { $0.host != peer.host }.map(\.word)) }
    // Of a caller that failed it is not known whom else it hears.
    let told = zip(peers, try answers(within: limit + Peer.patience, to: calls) { _ in false }).filter { $1.isWhole }
    guard !told.isEmpty, !isCalledOff() else { return nil }
    var pairs: Set<HostPair> = []
    for (peer, answer) in told {
      for line in answer.lines where line.hasPrefix("deaf ") {
        pairs.insert(HostPair(peer.host, String(line.dropFirst(5)), order: hosts))
      }
    }
    guard peers.count == 2 || pairs.count < peers.count * (peers.count - 1) / 2 else { return nil }
    let sorted = pairs.sorted {
      hosts.firstIndex(of: $0.first)! * hosts.count + hosts.firstIndex(of: $0.second)!
        < hosts.firstIndex(of: $1.first)! * hosts.count + hosts.firstIndex(of: $1.second)!
    }
    return Hearsay(hosts: told.map(\.0.host), pairs: sorted)
  }

  /// What starts a command on a host: the agent's shell reads it there.
  private func words(_ host: String, _ command: [String]) -> [String] {
    if ownNames.contains(host) { return command }
    return agent + [host] + command.map { "'" + $0.replacing("'", with: "'\\''") + "'" }
  }
}

/// Two hosts that do not hear each other.
struct HostPair: Hashable {
  let first: String
  let second: String

  /// In the order in which `order` names them.
  init(_ a: String, _ b: String, order: [String]) {
    let isInOrder = (order.firstIndex(of: a) ?? 0) <= (order.firstIndex(of: b) ?? 0)
    (first, second) = isInOrder ? (a, b) : (b, a)
  }
}
