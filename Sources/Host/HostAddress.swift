import Foundation

/// An IPv4 address of this host.
package struct HostAddress: Equatable, Sendable {
  /// `eth0`
  package let interface: String
  /// `10.0.0.7`
  package let text: String
  /// Bits of the address that its whole network has.
  package let networkBits: Int
  /// Whether its interface is up, and no loopback.
  package let leadsOut: Bool

  package init(interface: String, text: String, networkBits: Int = 32, leadsOut: Bool = true) {
    (self.interface, self.text) = (interface, text)
    (self.networkBits, self.leadsOut) = (networkBits, leadsOut)
  }

  /// `10.0.0.0/24`
  package var network: String {
    let base = (Self.number(text[...]) ?? 0) & (networkBits == 0 ? 0 : .max << UInt32(32 - networkBits))
    return [24, 16, 8, 0].map { String(base >> $0 & 255) }.joined(separator: ".") + "/\(networkBits)"
  }

  /// Whether it never leaves this host.
  package var isLoopback: Bool { text.hasPrefix("127.") }

  /// All of this host, the loopback among them, in the system's order.
  package static func all() -> [HostAddress] {
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return [] }
    defer { freeifaddrs(list) }
    var addresses: [HostAddress] = []
    var next = list
    while let entry = next {
      next = entry.pointee.ifa_next
      guard let address = entry.pointee.ifa_addr, address.pointee.sa_family == sa_family_t(AF_INET) else { continue }
      var text = [CChar](repeating: 0, count: Int(INET_ADDRSTRLEN))
      address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        _ = inet_ntop(AF_INET, &$0.pointee.sin_addr, &text, socklen_t(text.count))
      }
      let mask = entry.pointee.ifa_netmask?.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        $0.pointee.sin_addr.s_addr
      }
      let flags = entry.pointee.ifa_flags
      addresses.append(
        HostAddress(
          interface: String(cString: entry.pointee.ifa_name),
          text: String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self),
          networkBits: mask?.nonzeroBitCount ?? 32,
          leadsOut: flags & UInt32(IFF_UP) != 0 && flags & UInt32(IFF_LOOPBACK) == 0))
    }
    return addresses
  }

  /// Whether it is one of `networks`, names of interfaces or subnets as `10.0.0.0/24`, separated by commas; of all where
  /// that is empty.
  package func isPart(of networks: String) -> Bool {
    let wanted = networks.split(separator: ",")
    return wanted.isEmpty || wanted.contains { $0 == interface || isPart(ofSubnet: $0) }
  }

  private func isPart(ofSubnet subnet: Substring) -> Bool {
    let parts = subnet.split(separator: "/")
    guard parts.count == 2, let length = Int(parts[1]), (0...32).contains(length), let base = Self.number(parts[0]),
      let own = Self.number(text[...])
    else { return false }
    return length == 0 || (base ^ own) >> UInt32(32 - length) == 0
  }

  private static func number(_ text: Substring) -> UInt32? {
    var address = in_addr()
    return inet_pton(AF_INET, String(text), &address) == 1 ? UInt32(bigEndian: address.s_addr) : nil
  }
}
