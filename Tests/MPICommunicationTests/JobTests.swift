import Foundation
import TestSupport
import Testing

/// Real jobs on this machine. One after the other: each has as many ranks as the machine may have cores, or more.
@Suite(.serialized, .waiting) struct JobTests {
  /// Under a limit of 64 nearly everything goes in pieces.
  @Test(arguments: 1...4, [64, Int(Int32.max)])
  func everyCollectiveIsExact(ranks: Int, limit: Int) throws {
    let job = try mpirun(ranks, "communication-check", "collectives", "\(limit)")
    #expect(job.code == 0, "\(job.errors)")
    #expect(job.output == "180 checks passed on \(ranks) ranks\n")
    #expect(job.errors == "")
  }

  @Test func withoutMpirunTheWorldIsOne() throws {
    let alone = try run(try builtProduct("communication-check"), ["collectives", "64"], deadline: 30)
    #expect(alone.code == 0, "\(alone.errors)")
    #expect(alone.output == "180 checks passed on 1 ranks\n")
  }

  /// Hosts share no memory: what MPI says of them, and every collective over TCP.
  @Test func everyCollectiveIsExactBetweenHosts() throws {
    guard let cluster = try VirtualCluster(hosts: 2, slots: 2) else { return }
    let program = try builtProduct("communication-check")
    // Without the script's choice of TCP: Open MPI's own.
    for transport in ["tcp,self", "^openib"] {
      let environment = ["OMPI_MCA_btl": transport]
      let job = try cluster.run([program, "collectives", "64"], environment: environment, deadline: 120)
      #expect(job.code == 0, "\(transport): \(job.errors)")
      #expect(job.output == "180 checks passed on 4 ranks\n")
      let hosts = try cluster.run([program, "hosts"], environment: environment, deadline: 60)
      let places = ["node1: 0 of 2", "node2: 0 of 2", "node1: 1 of 2", "node2: 1 of 2"]
      #expect(hosts.output == places.map { $0 + ", shared: false\n" }.joined(), "\(transport): \(hosts.errors)")
    }
  }

  /// A host that promises more slots than it has cores: ranks that wait must not keep the others from their core.
  @Test(arguments: [(1, nil, "unset"), (2, nil, "1 1"), (2, "0", "0 0")])
  func ranksThatShareACoreYield(ranks: Int, own: String?, expected: String) throws {
    let program = try builtProduct("communication-check")
    let command = ["mpirun", "--allow-run-as-root", "--host", "localhost:8", "-np", "\(ranks)", program, "yield"]
    let environment = own.map { ["OMPI_MCA_mpi_yield_when_idle": $0] } ?? [:]
    let core = try #require(try firstCore())
    let job = try run("taskset", ["-c", core] + command, environment: environment, deadline: 60)
    #expect(job.code == 0, "\(job.errors)")
    #expect(job.output == "\(expected)\n")
  }

  /// A core that this process may use.
  private func firstCore() throws -> String? {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    return status.firstMatch(of: #/Cpus_allowed_list:\s*([0-9]+)/#).map { String($0.1) }
  }

  /// The other ranks are blocked in a barrier and must not keep the job alive.
  @Test(arguments: 0..<4)
  func aThrowingRankTakesTheJobDownAtOnce(rank: Int) throws {
    let job = try mpirun(4, "communication-check", "throw", "\(rank)", deadline: 20)
    #expect(job.code == 65)
    #expect(
      lines(of: job.errors) == ["rank \(rank) on HOST: data.csv:12: expected 5 columns, found 4; complete the row"])
  }

  @Test func anErrorThatIsNoFailureIsInternal() throws {
    let job = try mpirun(3, "communication-check", "fault", "1", deadline: 20)
    #expect(job.code == 70)
    #expect(lines(of: job.errors) == ["rank 1 on HOST: Fault()"])
  }

  @Test func mpisErrorsAreThrownAndNamed() throws {
    let job = try mpirun(2, "communication-check", "mpi-error", deadline: 20)
    #expect(job.code == 69)
    #expect(job.errors.contains(": MPI_Bcast: MPI_ERR_ROOT: invalid root (MPI code "))
  }

  @Test(arguments: 1...4)
  func anAgreedFailureIsPrintedOnce(ranks: Int) throws {
    let failing = ranks - 1
    let job = try mpirun(ranks, "communication-check", "agree", "\(failing)", deadline: 20)
    #expect(job.code == 66)
    let place = ranks == 1 ? "lockstep" : "rank \(failing) on HOST"
    #expect(lines(of: job.errors) == ["\(place): part-\(failing).csv: no such file"])
    #expect(!job.errors.contains("MPI_ABORT"))
  }

  /// Some ranks have an exchange under way, and some have not: the one that is to speak does so first, whichever it is.
  @Test(arguments: 0...2)
  func nothingGoesOnIntoMemoryThatIsGone(speaker: Int) throws {
    let job = try mpirun(3, "communication-check", "leave", "\(speaker)", deadline: 60)
    #expect(job.code == 65, "\(job.errors)")
    #expect(lines(of: job.errors) == ["rank \(speaker) on HOST: step 3: no number"])
    #expect(!job.output.contains("MPI was ended in order"))
  }

  @Test func theLowestOfSeveralFailingRanksSpeaks() throws {
    let job = try mpirun(4, "communication-check", "agree", "1", deadline: 20)
    #expect(job.code == 66)
    #expect(lines(of: job.errors) == ["rank 1 on HOST: part-1.csv: no such file"])
  }

  @Test(arguments: [1, 3])
  func theBodysCodeIsTheJobs(ranks: Int) throws {
    let job = try mpirun(ranks, "communication-check", "return", "75", deadline: 20)
    #expect(job.code == 75)
    #expect(lines(of: job.errors) == [])
  }

  /// What a program that is linked with another MPI than its launcher's sees.
  @Test func aLonelyRankIsRefused() throws {
    let alone = try run(
      try builtProduct("communication-check"), ["alone"], environment: ["OMPI_COMM_WORLD_SIZE": "4"], deadline: 20)
    #expect(alone.code == 69)
    #expect(alone.output == "")
    #expect(alone.errors.hasPrefix("lockstep: mpirun started 4 processes or more (OMPI_COMM_WORLD_SIZE=4)"))
  }

  /// Our own lines among those that mpirun adds, the name of the host replaced.
  private func lines(of errors: String) -> [String] {
    errors.split(separator: "\n").filter { $0.hasPrefix("rank ") || $0.hasPrefix("lockstep: ") }
      .map { String($0).replacing(#/ on [^ ]+: /#, with: " on HOST: ", maxReplacements: 1) }
  }
}
