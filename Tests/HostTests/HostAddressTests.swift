import Host
import Testing

@Suite struct HostAddressTests {
  @Test func networks() {
    func network(_ text: String, _ bits: Int) -> String {
      HostAddress(interface: "eth0", text: text, networkBits: bits).network
    }
    #expect(network("10.1.2.3", 24) == "10.1.2.0/24" && network("10.1.2.3", 32) == "10.1.2.3/32")
    #expect(network("192.168.255.9", 17) == "192.168.128.0/17" && network("10.1.2.3", 0) == "0.0.0.0/0")
  }

  /// The loopback is there on every host, and leads nowhere.
  @Test func thisHost() {
    let all = HostAddress.all()
    #expect(all.contains { $0.isLoopback && !$0.leadsOut && $0.network == "127.0.0.0/8" }, "\(all)")
    #expect(all.allSatisfy { !($0.isLoopback && $0.leadsOut) }, "\(all)")
  }

  @Test func roomAndCores() {
    #expect((freeBytes(of: "/") ?? -1) >= 0 && freeBytes(of: "/nonexistent") == nil)
    #expect(ProcessorCores.allowed(to: 0)?.isEmpty == false)
  }
}
