import Communication
import Testing

@testable import Lockstep

@Suite struct ProgramIdentityTests {
  @Test func thisProcessKnowsItsProgramAndItsLibraries() throws {
    let own = ProgramIdentity.ofThisProcess
    #expect(own.checksums.count == ProgramIdentity.names.count)
    #expect(own.checksums.allSatisfy { $0 != nil } && Set(own.checksums).count == own.checksums.count)
    #expect(own.unread == [] && ProgramIdentity(checksums: [1, nil, 2]).unread == ["libdnnl.so"])
    _ = try LocalWorld.run(ranks: 3) { try ProgramIdentity.requireSame($0) }
  }

  /// One letter a file, `-` for one that could not be read: program, oneDNN and the mathematical functions of each rank.
  @Test(arguments: [
    (["aaa", "aaa", "aaa"], nil, ""), (["aaa", "a--", "aaa"], nil, ""), (["---", "aaa", "aaa"], nil, ""),
    (["aaa", "aaa", "baa"], 2, "expected the same program as rank 0 on node1 runs, found another; install"),
    (["baa", "aaa", "aaa"], 0, "expected the same program as rank 1 on node2 runs"),
    (["aaa", "aba"], 1, "expected the same libdnnl.so as rank 0 on node1 runs"),
    (["aa-", "aaa", "aab"], 2, "expected the same libm.so as rank 1 on node2 runs"),
  ])
  func theOddHostIsNamed(files: [String], rank: Int?, message: String) throws {
    let ranks = files.map { ProgramIdentity(checksums: $0.map { $0 == "-" ? nil : UInt64($0.asciiValue!) }) }
    let hosts = files.indices.map { "node\($0 + 1)" }
    var thrown: CollectiveFailure?
    do {
      try ProgramIdentity.requireSame(ranks, hosts: hosts)
    } catch let failure as CollectiveFailure {
      thrown = failure
    }
    #expect(thrown?.rank == rank && thrown?.host == rank.map { hosts[$0] })
    #expect((thrown?.failure.description ?? "").hasPrefix(message), "\(thrown?.failure.description ?? "")")
  }
}
