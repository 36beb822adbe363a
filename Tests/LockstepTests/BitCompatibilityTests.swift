import Communication
import Testing

@testable import Lockstep

@Suite struct BitCompatibilityTests {
  /// Two ranks on each of three hosts. The host that computes as no other does is the one to leave out, and of two that
  /// differ the one that is not rank zero's.
  @Test(arguments: [
    ("aaaaaa", nil, ""), ("aaaabb", 4, "node3 computes other bits than node1; audit both"),
    ("bbaaaa", 0, "node1 computes other bits than node2; "), ("aabb", 2, "node2 computes other bits than node1; "),
    ("aabbcc", 2, "node2 computes other bits than node1; "),
  ])
  func theOddHostIsNamed(probes: String, rank: Int?, message: String) throws {
    let hosts = probes.indices.enumerated().map { "node\($0.offset / 2 + 1)" }
    var thrown: CollectiveFailure?
    do {
      try BitCompatibility.requireSame(probes.map(String.init), hosts: hosts)
    } catch let failure as CollectiveFailure {
      thrown = failure
    }
    #expect(thrown?.rank == rank && thrown?.host == rank.map { hosts[$0] })
    #expect(thrown?.failure.code == (rank == nil ? nil : .unavailable))
    #expect((thrown?.failure.description ?? "").hasPrefix(message), "\(thrown?.failure.description ?? "")")
  }
}
