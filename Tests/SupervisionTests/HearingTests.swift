import Diagnostics
import Foundation
import Host
import TestSupport
import Testing

@testable import Supervision

@Suite struct HearingTests {
  /// A program with the text of a file, written by another process: one that this process has open for writing while a
  /// parallel test starts a program cannot be started itself.
  private func makeExecutable(_ text: String, in folder: Folder) throws -> String {
    let copied = try run("install", ["-m", "755", text, folder["agent"]], deadline: 60)
    #expect(copied.code == 0, "\(copied.errors)")
    return folder["agent"]
  }

  @Test func wordsAndAnnouncements() throws {
    let peer = try #require(Peer(host: "node2", announcement: "hear 40000 10.0.0.7 192.168.0.7"))
    #expect(peer.word == "node2=40000=10.0.0.7=192.168.0.7")
    #expect(try Peer(word: peer.word) == peer)
    for line in ["hear", "hear 40000", "hear x 10.0.0.7", "40000 10.0.0.7", "hear 70000 10.0.0.7"] {
      #expect(Peer(host: "node2", announcement: line) == nil, "\(line)")
    }
    #expect(throws: Failure.self) { try Peer(word: "node2=10.0.0.7") }
  }

  /// Who listens is heard; who is there and does not, or is not there at all, is not.
  @Test func aCallIsAnsweredByWhoListens() throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    inet_pton(AF_INET, "127.0.0.1", &name.sin_addr)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && getsockname(listener, $0, &length) == 0
      }
    }
    try #require(bound)
    let port = UInt16(bigEndian: name.sin_port)
    let peer = try Peer(word: "here=\(port)=127.0.0.1")
    #expect(Hearing.deaf(among: [peer]) == ["here"], "the port is taken, and nobody listens")
    #expect(listen(listener, 8) == 0)
    let both = try Peer(word: "both=\(port)=127.0.0.2=127.0.0.1")
    #expect(Hearing.deaf(among: [peer, both]) == [], "one of the addresses is enough")
  }

  /// Hosts that a script stands in for: all listen, and `a` does not hear `b`. A stop does not wait for their answers.
  @Test(arguments: [false, true])
  func hostsAreAskedUntilThatIsCalledOff(isCalledOff: Bool) throws {
    let folder = try Folder()
    let text = try folder.write(
      "agent.text",
      """
      #!/bin/sh
      echo "$*" >>"$0.log"
      case "$*" in
      *--networks*) echo hear 1 10.0.0.1 >&2; exec sleep 60 ;;
      a*) echo deaf b >&2 ;;
      esac

      """)
    let agent = try makeExecutable(text, in: folder)
    let probe = HostProbe(environment: ["OMPI_MCA_plm_rsh_agent": agent, "HYDRA_LAUNCHER_EXEC": agent])
    let hosts = ["a", "b", "c"]
    let told = try probe.hearsay(among: hosts, program: "lockstep") { isCalledOff }
    let pairs = [HostPair("a", "b", order: hosts)]
    #expect(told == (isCalledOff ? nil : HostProbe.Hearsay(hosts: hosts, pairs: pairs)))
    let calls = (folder.exists("agent.log") ? try folder.text("agent.log") : "").split(separator: "\n")
      .filter { !$0.contains("--networks") }
    #expect(calls.count == (isCalledOff ? 0 : 3))
  }

  /// The first says nothing: the others are asked all the same, and of it nothing is known.
  @Test func aHostThatDoesNotListen() throws {
    let folder = try Folder()
    let text = try folder.write(
      "agent.text",
      """
      #!/bin/sh
      case "$*" in
      a*) exec sleep 60 ;;
      *--networks*) echo hear 1 10.0.0.1 >&2; exec sleep 60 ;;
      c*) echo deaf d >&2 ;;
      esac

      """)
    let agent = try makeExecutable(text, in: folder)
    let probe = HostProbe(environment: ["OMPI_MCA_plm_rsh_agent": agent, "HYDRA_LAUNCHER_EXEC": agent])
    let hosts = ["a", "b", "c", "d"]
    let told = try probe.hearsay(among: hosts, program: "lockstep") { false }
    #expect(told == HostProbe.Hearsay(hosts: ["b", "c", "d"], pairs: [HostPair("c", "d", order: hosts)]))
    #expect(try probe.hearsay(among: ["a", "b"], program: "lockstep") { false } == nil)
  }

  /// One whose calls fail does not count as hearing everybody; what others tell of it does.
  @Test func aCallerThatFails() throws {
    let folder = try Folder()
    let text = try folder.write(
      "agent.text",
      """
      #!/bin/sh
      case "$*" in
      *--networks*) echo hear 1 10.0.0.1 >&2; exec sleep 60 ;;
      a*) echo deaf c >&2; exit 69 ;;
      c*) echo deaf b >&2; test ! -e "$0.all" ;;
      *) test ! -e "$0.all" ;;
      esac

      """)
    let agent = try makeExecutable(text, in: folder)
    let probe = HostProbe(environment: ["OMPI_MCA_plm_rsh_agent": agent, "HYDRA_LAUNCHER_EXEC": agent])
    let hosts = ["a", "b", "c"]
    let told = try probe.hearsay(among: hosts, program: "lockstep") { false }
    #expect(told == HostProbe.Hearsay(hosts: ["b", "c"], pairs: [HostPair("b", "c", order: hosts)]))
    try folder.write("agent.all", "")
    #expect(try probe.hearsay(among: hosts, program: "lockstep") { false } == nil)
  }

  @Test func networks() {
    let address = HostAddress(interface: "eth0", text: "10.1.2.3")
    for networks in ["", "eth0", "lo,eth0", "10.1.2.0/24", "192.168.0.0/16,10.0.0.0/8", "0.0.0.0/0", "10.1.2.3/32"] {
      #expect(address.isPart(of: networks), "\(networks)")
    }
    for networks in ["eth1", "10.1.3.0/24", "10.1.2.4/32", "10.1.2.0/33", "10.1.2.0"] {
      #expect(!address.isPart(of: networks), "\(networks)")
    }
  }
}
