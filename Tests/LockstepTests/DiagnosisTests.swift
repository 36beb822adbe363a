import Communication
import Diagnostics
import Foundation
import Testing

@testable import Lockstep

/// Findings from made-up facts: each is there when it should be, and a healthy cluster has none.
@Suite struct DiagnosisTests {
  /// Two ranks a host, two cores and a lane for each rank; nothing to mend.
  private func cluster(hosts: Int = 3, _ change: (inout RankFacts) -> Void = { _ in }) -> [RankFacts] {
    (0..<2 * hosts).map { rank in
      var facts = RankFacts()
      let host = rank / 2 + 1
      (facts.rank, facts.host, facts.cores, facts.onlineCores) = (rank, "node\(host)", [0, 1], 2)
      (facts.instructionSet, facts.lockstep, facts.mpi) = ("avx512", "0.1.0", "Open MPI v4.1.4")
      (facts.sharedRoom, facts.clock, facts.readsNeighbour) = (1 << 30, 1000, true)
      facts.interfaces = [.init(name: "eth0", address: "10.0.0.\(host)", network: "10.0.0.0/24")]
      change(&facts)
      return facts
    }
  }

  private func only(_ ranks: [RankFacts], sourceLocation: SourceLocation = #_sourceLocation) throws -> Finding {
    let findings = Diagnosis(ranks).findings
    #expect(findings.count == 1, "\(findings.map(\.line))", sourceLocation: sourceLocation)
    return try #require(findings.first, sourceLocation: sourceLocation)
  }

  @Test(arguments: [1, 2, 3])
  func aHealthyClusterHasNoFindings(hosts: Int) { #expect(Diagnosis(cluster(hosts: hosts)).findings == []) }

  @Test func moreLanesThanCores() throws {
    let lanes = try only(cluster { if $0.host == "node2" { $0.lanes = 2 } })
    #expect(
      lanes.line == "node2: 4 lanes on 2 cores: they take turns, and ranks wait for the slowest; lower lanes")
    let ranks = try only(cluster(hosts: 1) { $0.cores = [1] })
    #expect(
      ranks.line
        == "node1: 2 lanes on 1 core: they take turns, and ranks wait for the slowest; start fewer ranks on this host, "
        + "or let mpirun use more of the 2 cores (taskset, srun, docker --cpuset-cpus)")
    #expect(Diagnosis(cluster { $0.cores = [$0.rank % 2] }).findings == [], "srun gives each rank its own")
  }

  @Test func aContainersShareOfTime() throws {
    let finding = try only(cluster { if $0.rank == 2 { $0.quota = 1.5 } })
    #expect(finding.line.hasPrefix("node2: 2 lanes in a container that may use 1.5 cores' worth of time: "))
    #expect(Diagnosis(cluster { $0.quota = 2 }).findings == [])
    #expect(RankFacts.quota("150000 100000\n") == 1.5)
    for text in ["max 100000\n", "", "1 0", "100000"] { #expect(RankFacts.quota(text) == nil) }
  }

  @Test func aProgramThatCannotBeRead() throws {
    let finding = try only(cluster { if $0.host == "node2" { $0.unread = ["program", "libm.so"] } })
    #expect(finding.severity == .warning)
    #expect(finding.line.hasPrefix("node2: program and libm.so cannot be read there: whether it is the same as on"))
  }

  @Test func versionsThatDiffer() throws {
    let program = try only(cluster { if $0.host == "node3" { $0.lockstep = "0.0.9" } })
    #expect(program.severity == .grave && program.hosts == ["node3"])
    #expect(program.what == "Lockstep 0.0.9, but 0.1.0 on node1")
    let mpi = try only(cluster { if $0.host == "node2" { $0.mpi = "MPICH 4" } })
    #expect(mpi.severity == .grave && mpi.what == "MPI is MPICH 4, but Open MPI v4.1.4 on node1")
  }

  @Test func instructionSetsThatDiffer() {
    let findings = Diagnosis(cluster { if $0.host != "node1" { $0.instructionSet = "avx2" } }).findings
    #expect(findings.map(\.hosts) == [["node2"], ["node3"]])
    #expect(
      findings.allSatisfy { $0.severity == .warning && $0.what == "the instruction set is avx2, but avx512 on node1" })
  }

  @Test func processorsWithoutFusedMultiplyAdds() throws {
    let finding = try only(cluster { if $0.host == "node2" { $0.fusesInSoftware = true } })
    #expect(finding.severity == .warning)
    #expect(
      finding.line.hasPrefix(
        "node2: its processor has no fused multiply-adds (FMA): the C library computes each in software, to the same bits, "
      ))
    #expect(finding.cure.contains("take a host that has them"))
    // Where nothing else is there, and nobody asked for it.
    typealias Choice = RunConfiguration.InstructionSetChoice
    for choice in [Choice?.none] + Choice.allCases {
      #expect(RankFacts.fusesInSoftware(.plain, choice, processorFuses: false) == (choice != .plain))
      #expect(!RankFacts.fusesInSoftware(.plain, choice, processorFuses: true))
      #expect(!RankFacts.fusesInSoftware(.avx2, choice, processorFuses: false))
    }
    let own = RankFacts(LocalWorld.single(), lanes: 1, choice: nil, mpi: "", environment: [:])
    #expect(!own.fusesInSoftware || own.instructionSet == "plain")
  }

  @Test func littleSharedMemory() throws {
    let finding = try only(cluster { if $0.host == "node1" { $0.sharedRoom = 64 << 20 } })
    #expect(finding.hosts == ["node1"] && finding.what == "64 MB are free in /dev/shm")
    let alone = cluster { $0.sharedRoom = 0 }.filter { $0.rank % 2 == 0 }
    #expect(Diagnosis(alone).findings == [], "a rank alone shares with nobody")
  }

  @Test func memoryThatMayNotBeRead() throws {
    let finding = try only(cluster { if $0.rank == 3 { $0.readsNeighbour = false } })
    #expect(finding.hosts == ["node2"] && finding.cure.contains("SYS_PTRACE"))
    #expect(Diagnosis(cluster(hosts: 1) { $0.readsNeighbour = false }).findings == [])
  }

  @Test func clocksThatDiffer() throws {
    let behind = try only(cluster { if $0.host == "node3" { $0.clock = 997.5 } })
    #expect(behind.hosts == ["node3"] && behind.what == "its clock is 2.5 s behind node1's")
    let ahead = try only(cluster { if $0.host == "node2" { $0.clock = 1060 } })
    #expect(ahead.what == "its clock is 60.0 s ahead of node1's")
    #expect(Diagnosis(cluster { $0.clock = 1000 + Double($0.rank) / 10 }).findings == [])
  }

  @Test func networks() throws {
    let docker = NetworkInterface(name: "docker0", address: "172.17.0.1", network: "172.17.0.0/16")
    let doubled = try only(cluster { $0.interfaces.append(docker) })
    #expect(doubled.what == "docker0 has the same address 172.17.0.1 on several hosts")
    #expect(doubled.hosts == ["node1", "node2", "node3"])
    #expect(doubled.cure == "choose one: mpirun --mca btl_tcp_if_include 10.0.0.0/24")
    #expect(
      Diagnosis(
        cluster {
          $0.interfaces.append(docker); $0.interfaceChoice = "eth0"
        }
      ).findings == [])
    #expect(Diagnosis(cluster { if $0.host == "node1" { $0.interfaces.append(docker) } }).findings == [])

    let several = try only(
      cluster {
        $0.interfaces.append(.init(name: "ib0", address: "10.1.0.\($0.rank / 2)", network: "10.1.0.0/24"))
      })
    #expect(several.what == "the hosts have several networks in common (10.0.0.0/24, 10.1.0.0/24)")
    let none = try only(
      cluster { $0.interfaces = [.init(name: "eth0", address: "10.\($0.host).1", network: "10.\($0.host)/24")] })
    #expect(none.what == "the hosts have no network in common" && none.hosts == [])
    #expect(Diagnosis(cluster(hosts: 1) { $0.interfaces = [docker] }).findings == [])
  }

  @Test func theSameOnSeveralRanksIsSaidOnce() {
    func finding(_ host: String, _ rank: Int, _ what: String = "w") -> Finding {
      Finding(.grave, what, hosts: [host], ranks: [rank], why: "y", cure: "c")
    }
    let merged = Finding.merged([finding("b", 2), finding("a", 0), finding("b", 1), finding("a", 3, "other")])
    #expect(merged.map(\.line) == ["b and a, ranks 0, 1 and 2: w: y; c", "a, rank 3: other: y; c"])
    let many = Finding.merged((0..<9).map { finding("n\($0)", $0) })[0]
    #expect(many.line == "n0, n1, n2, n3, n4 and 4 other hosts, ranks 0, 1, 2, 3, 4 and 4 other ranks: w: y; c")
  }

  /// Every training asks for notes as it starts, and must not start later by it: milliseconds for a large cluster.
  @Test func notesTakeMilliseconds() throws {
    @Sendable func seconds(_ body: () throws -> Void) rethrows -> Double {
      let begin = DispatchTime.now().uptimeNanoseconds
      try body()
      return Double(DispatchTime.now().uptimeNanoseconds - begin) / 1e9
    }
    let own = try LocalWorld.run(ranks: 2) { world in
      try (0..<9).map { _ in try seconds { _ = try Diagnosis.notes(world, lanes: 1, choice: nil, environment: [:]) } }
        .min()!
    }
    let texts = try cluster(hosts: 64).map { try $0.encoded }
    let others = try (0..<9).map { _ in
      try seconds { _ = Diagnosis(try texts.map { try RankFacts(encoded: $0) }).findings }
    }.min()!
    print("notes: \(own.max()! * 1e3) ms on 2 ranks, and \(others * 1e3) ms for the facts of 128")
    #expect(own.max()! < 0.02 && others < 0.1)
  }

  @Test func factsTravelAsText() throws {
    var facts = cluster(hosts: 1)[0]
    facts.quota = 0.5
    #expect(try RankFacts(encoded: facts.encoded) == facts)
    let failure = #expect(throws: Failure.self) { try RankFacts(encoded: "{}") }
    #expect(failure?.code == .unavailable)
  }
}
