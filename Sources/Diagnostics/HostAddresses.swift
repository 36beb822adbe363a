import Foundation

/// An IPv4 address of this host.
public struct HostAddress: Equatable, Sendable {
  /// `eth0`
  public let interface: String
  /// `10.0.0.7`
  public let text: String

  public init(interface: String, text: String) { (self.interface, self.text) = (interface, text) }

  /// Whether it never leaves this host.
  public var isLoopback: Bool { text.hasPrefix("127.") }

  /// All of this host, the loopback among them, in the system's order.
  public static func all() -> [HostAddress] {
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
      addresses.append(
        HostAddress(
          interface: String(cString: entry.pointee.ifa_name),
          text: String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)))
    }
    return addresses
  }

  /// Whether it is one of `networks`, names of interfaces or subnets as `10.0.0.0/24`, separated by commas; of all where
  /// that is empty.
  public func isPart(of networks: String) -> Bool {
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
