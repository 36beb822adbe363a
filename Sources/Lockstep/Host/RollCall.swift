import Communication
import Diagnostics
import Foundation
import Host

/// How ranks tell a few of them where they are while no collective gets through: one datagram (UDP) now and then.
///
/// Those few are the *tellers*: rank zero, and others that speak in its place where it is the one that does not answer.
///
/// Datagrams may get lost, which is one more way of not answering. They carry a token of this run; others are passed
/// over. Nothing that is computed depends on them.
final class RollCall: @unchecked Sendable {
  /// What a rank says.
  struct Answer: Equatable, Sendable {
    let rank: Int
    let position: RankProgress.Position
    /// Whether its watchdog has waited long enough.
    let isOverdue: Bool
  }

  /// Tellers beside rank zero, at most.
  private static let deputies = 3

  /// The ranks that are told, in the order in which they speak.
  let tellers: [Int]
  private let socket: Int32
  private let token: UInt64
  /// Of the tellers but this rank itself.
  private let addresses: [(address: in_addr, port: UInt16)]

  /// Opens the way to the tellers; all ranks call it. Nil, on all ranks alike, where one has no socket.
  ///
  /// - Parameter hosts: of all ranks, in order.
  init?(_ world: any Communicator, hosts: [String]) throws {
    tellers = Self.tellers(hosts)
    socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    var isOpen = socket >= 0
    let isTeller = tellers.contains(world.rank)
    if isTeller, isOpen { isOpen = Self.bind(socket, &name) }
    let drawn = UInt64.random(in: .min ... .max)
    let shared = try world.allGather([isOpen ? 1 : 0, UInt64(UInt16(bigEndian: name.sin_port)), drawn])
    let texts = try world.allGather(isTeller ? HostAddress.all().map(\.text).joined(separator: " ") : "")
    token = shared[0][2]
    addresses = tellers.filter { $0 != world.rank }.flatMap { teller in
      texts[teller].split(separator: " ").compactMap { text in
        var address = in_addr()
        return inet_pton(AF_INET, String(text), &address) == 1 ? (address, UInt16(shared[teller][1])) : nil
      }
    }
    // What ends here ends in `deinit`, which closes. Twice would close a file that another thread has just opened.
    guard shared.allSatisfy({ $0[0] == 1 }) else { return nil }
  }

  deinit { if socket >= 0 { close(socket) } }

  /// Rank zero; the first ranks of the next hosts; and, where there are fewer hosts than that, the next ranks.
  static func tellers(_ hosts: [String]) -> [Int] {
    let first = hosts.indices.filter { hosts.firstIndex(of: hosts[$0]) == $0 }.prefix(1 + deputies)
    let others = hosts.indices.filter { !first.contains($0) }.prefix(1 + deputies - first.count)
    return Array(first + others)
  }

  /// Tells the tellers.
  func send(_ answer: Answer) {
    let position = answer.position
    let words = [
      Int(bitPattern: UInt(token)), answer.rank, position.step, position.phase.rawValue, position.part,
      position.collective?.rawValue ?? 0, position.sequence, position.isInside ? 1 : 0, answer.isOverdue ? 1 : 0,
    ]
    for (address, port) in addresses {
      var name = sockaddr_in()
      name.sin_family = sa_family_t(AF_INET)
      name.sin_port = port.bigEndian
      name.sin_addr = address
      _ = words.withUnsafeBytes { bytes in
        withUnsafePointer(to: &name) {
          $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            sendto(socket, bytes.baseAddress, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
          }
        }
      }
    }
  }

  /// What has arrived at a teller since the last time, in that order; does not wait.
  func receive() -> [Answer] {
    var answers: [Answer] = []
    var words = [Int](repeating: 0, count: 9)
    while words.withUnsafeMutableBytes({ recv(socket, $0.baseAddress, $0.count, 0) }) == 9 * MemoryLayout<Int>.stride {
      guard UInt(bitPattern: words[0]) == UInt(token), let phase = RankProgress.Phase(rawValue: words[3]) else {
        continue
      }
      let position = RankProgress.Position(
        step: words[2], phase: phase, part: words[4], collective: RankProgress.Collective(rawValue: words[5]),
        sequence: words[6], isInside: words[7] == 1)
      answers.append(Answer(rank: words[1], position: position, isOverdue: words[8] == 1))
    }
    return answers
  }

  /// Binds to any free port of all interfaces; `name` then holds it.
  private static func bind(_ socket: Int32, _ name: inout sockaddr_in) -> Bool {
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutablePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0
      }
    }
  }
}
