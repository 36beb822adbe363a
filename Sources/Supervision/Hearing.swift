import Diagnostics
import Foundation
import Host

/// A host that listens, and where.
///
/// MPI's connections go from host to host, past the one that starts them: a network that is cut in part lets every host
/// answer, and no job come on.
package struct Peer: Equatable, Sendable {
  let host: String
  let port: UInt16
  let addresses: [String]

  /// How a listener's line begins.
  static let prefix = "hear "
  /// Seconds after which a host that was called counts as deaf.
  static let patience = 5.0

  /// `hear 40000 10.0.0.7 192.168.0.7`; nil where the line is another one.
  init?(host: String, announcement line: String) {
    let words = line.split(separator: " ").map(String.init)
    guard line.hasPrefix(Self.prefix), words.count > 2, let port = UInt16(words[1]) else { return nil }
    (self.host, self.port, addresses) = (host, port, Array(words[2...]))
  }

  /// `node2=40000=10.0.0.7=192.168.0.7`: one word of a command line.
  var word: String { ([host, "\(port)"] + addresses).joined(separator: "=") }

  /// - Throws: usage (64) where the word is not one.
  package init(word: String) throws {
    let parts = word.split(separator: "=").map(String.init)
    guard parts.count > 2, let port = UInt16(parts[1]) else {
      throw Failure(.usage, "expected HOST=PORT=ADDRESS…, found \(word)")
    }
    (host, self.port, addresses) = (parts[0], port, Array(parts[2...]))
  }
}

/// What a host does when `lockstep launch` asks it whether it hears the others.
package enum Hearing {
  /// Listens for half a minute, and says where on standard error: the connection alone tells the caller.
  ///
  /// - Throws: unavailable (69) where that is not possible.
  package static func listen(networks: String) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isOpen = withUnsafeMutablePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && Glibc.listen(listener, 4096) == 0 && getsockname(listener, $0, &length) == 0
      }
    }
    guard isOpen else { throw Failure(.unavailable, "cannot listen: \(String(cString: strerror(errno)))") }
    let addresses = HostAddress.all().filter { !$0.isLoopback && $0.isPart(of: networks) }.map(\.text)
    writeStandardError(
      line: Peer.prefix + "\(UInt16(bigEndian: name.sin_port)) " + addresses.joined(separator: " "))
    sleep(30)
  }

  /// The hosts of those peers that none of whose addresses can be connected to; all are called at once.
  package static func deaf(among peers: [Peer]) -> [String] {
    var calls = peers.enumerated().flatMap { index, peer in
      peer.addresses.compactMap { call($0, peer.port).map { (peer: index, socket: $0) } }
    }
    defer { for call in calls { close(call.socket) } }
    var heard: Set<Int> = []
    let end = DispatchTime.now() + Peer.patience
    while !calls.isEmpty, heard.count < peers.count, DispatchTime.now() < end {
      var waiting = calls.map { pollfd(fd: $0.socket, events: Int16(POLLOUT), revents: 0) }
      guard poll(&waiting, nfds_t(waiting.count), 200) > 0 else { continue }
      for (index, answer) in waiting.enumerated().reversed() where answer.revents != 0 {
        var (error, length): (Int32, socklen_t) = (0, socklen_t(MemoryLayout<Int32>.size))
        getsockopt(answer.fd, SOL_SOCKET, SO_ERROR, &error, &length)
        if error == 0, answer.revents & Int16(POLLOUT) != 0 { heard.insert(calls[index].peer) }
        close(answer.fd)
        calls.remove(at: index)
      }
    }
    return peers.indices.filter { !heard.contains($0) }.map { peers[$0].host }
  }

  /// A connection that is under way; nil where it cannot be.
  private static func call(_ address: String, _ port: UInt16) -> Int32? {
    let caller = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    guard caller >= 0, inet_pton(AF_INET, address, &name.sin_addr) == 1 else { return nil }
    let answer = withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(caller, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard answer == 0 || errno == EINPROGRESS else {
      close(caller)
      return nil
    }
    return caller
  }
}
