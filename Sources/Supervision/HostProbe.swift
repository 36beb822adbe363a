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

  /// Pairs of `hosts` that do not hear each other, in the order of `hosts`: each listens, and each calls all others.
  ///
  /// None where `isCalledOff` says so before all have told.
  ///
  /// - Parameter program: what listens and calls there, by `hear`; hosts on which it cannot are in no pair.
  func apart(among hosts: [String], program: String, isCalledOff: () -> Bool) throws -> [HostPair] {
    let listeners = try hosts.map {
      try ChildProcess(words($0, [program, "hear", "--networks", networks]), isSilent: true)
    }
    defer {
      for listener in listeners {
        listener.signal(SIGKILL)
        _ = listener.end(within: 1)
      }
    }
    let end = Deadline(seconds: limit)
    var peers: [Peer] = []
    for (host, listener) in zip(hosts, listeners) {
      var lines: [String] = []
      while listener.code == nil, !end.isOver, !isCalledOff(), !lines.contains(where: { $0.hasPrefix(Peer.prefix) }) {
        lines += listener.lines(within: 0.02)
      }
      peers += lines.compactMap { Peer(host: host, announcement: $0) }
    }
    guard peers.count > 1, !isCalledOff() else { return [] }
    let callers = try peers.map { peer in
      let others = peers.filter { $0.host != peer.host }.map(\.word)
      return (peer.host, try ChildProcess(words(peer.host, [program, "hear"] + others), isSilent: true))
    }
    let last = Deadline(seconds: limit + Peer.patience)
    var pairs: Set<HostPair> = []
    for (host, caller) in callers {
      var lines: [String] = []
      while caller.code == nil, !last.isOver, !isCalledOff() { lines += caller.lines(within: 0.02) }
      for line in lines + caller.end(within: 0).lines where line.hasPrefix("deaf ") {
        pairs.insert(HostPair(host, String(line.dropFirst(5)), order: hosts))
      }
    }
    guard !isCalledOff() else { return [] }
    // Where nobody hears anybody, a firewall lets the question through no more than its answer: that tells nothing.
    if peers.count > 2, pairs.count == peers.count * (peers.count - 1) / 2 { return [] }
    return pairs.sorted {
      hosts.firstIndex(of: $0.first)! * hosts.count + hosts.firstIndex(of: $0.second)!
        < hosts.firstIndex(of: $1.first)! * hosts.count + hosts.firstIndex(of: $1.second)!
    }
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
