import Communication
import Testing

@testable import Lockstep

@Suite struct ProgramIdentityTests {
  @Test func thisProcessKnowsItsProgramAndItsLibraries() throws {
    let own = ProgramIdentity.ofThisProcess
    #expect(own.checksums.count == ProgramIdentity.names.count)
    #expect(own.checksums.allSatisfy { $0 != nil } && Set(own.checksums).count == own.checksums.count)
    #expect(own.unread == [] && ProgramIdentity(checksums: [1, nil]).unread == ["libm.so"])
    _ = try LocalWorld.run(ranks: 3) { try ProgramIdentity.requireSame($0) }
  }

  /// One letter a file, `-` for one that could not be read: program and mathematical functions of each rank.
  @Test(arguments: [
    (["aa", "aa", "aa"], nil, ""), (["aa", "a-", "aa"], nil, ""), (["--", "aa", "aa"], nil, ""),
    (["aa", "aa", "ba"], 2, "expected the same program as rank 0 on node1 runs, found another; install"),
    (["ba", "aa", "aa"], 0, "expected the same program as rank 1 on node2 runs"),
    (["aa", "ab"], 1, "expected the same libm.so as rank 0 on node1 runs"),
    (["a-", "aa", "ab"], 2, "expected the same libm.so as rank 1 on node2 runs"),
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
