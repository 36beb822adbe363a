import Host

/// An interface with an IPv4 address, over which Open MPI would try to reach other hosts.
package struct NetworkInterface: Codable, Equatable, Sendable {
  package let name: String
  /// `10.0.0.7`
  package let address: String
  /// `10.0.0.0/24`
  package let network: String

  package init(name: String, address: String, network: String) {
    (self.name, self.address, self.network) = (name, address, network)
  }

  /// Those of this host that are up, without the loopback.
  static func all() -> [NetworkInterface] {
    HostAddress.all().filter(\.leadsOut).map {
      NetworkInterface(name: $0.interface, address: $0.text, network: $0.network)
    }
  }
}
