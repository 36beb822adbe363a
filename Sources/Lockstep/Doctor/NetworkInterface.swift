import Foundation

/// An interface with an IPv4 address, over which Open MPI would try to reach other hosts.
struct NetworkInterface: Codable, Equatable, Sendable {
  let name: String
  /// `10.0.0.7`
  let address: String
  /// `10.0.0.0/24`
  let network: String

  /// Those of this host that are up, without the loopback.
  static func all() -> [NetworkInterface] {
    var first: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&first) == 0 else { return [] }
    defer { freeifaddrs(first) }
    var found: [NetworkInterface] = []
    var next = first
    while let entry = next?.pointee {
      next = entry.ifa_next
      let isUp = entry.ifa_flags & UInt32(IFF_UP) != 0
      let isLoopback = entry.ifa_flags & UInt32(IFF_LOOPBACK) != 0
      guard isUp, !isLoopback, let address = number(entry.ifa_addr),
        let mask = number(entry.ifa_netmask)
      else {
        continue
      }
      found.append(
        NetworkInterface(
          name: String(cString: entry.ifa_name), address: text(address),
          network: "\(text(address & mask))/\(mask.nonzeroBitCount)"))
    }
    return found
  }

  /// An IPv4 address as a number; nil for one of another kind.
  private static func number(_ address: UnsafeMutablePointer<sockaddr>?) -> UInt32? {
    guard let address, Int32(address.pointee.sa_family) == AF_INET else { return nil }
    return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
      UInt32(bigEndian: $0.pointee.sin_addr.s_addr)
    }
  }

  private static func text(_ number: UInt32) -> String {
    [24, 16, 8, 0].map { String(number >> UInt32($0) & 255) }.joined(separator: ".")
  }
}
