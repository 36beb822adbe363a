import Foundation
import TestSupport
import Testing

/// Real jobs on this machine. One after the other: each has as many ranks as the machine may have cores, or more.
@Suite(.serialized) struct JobTests {
  /// Under a limit of 64 nearly everything goes in pieces.
  @Test(arguments: 1...4, [64, Int(Int32.max)])
  func everyCollectiveIsExact(ranks: Int, limit: Int) throws {
    let job = try mpirun(ranks, "communication-check", "collectives", "\(limit)")
    #expect(job.code == 0, "\(job.errors)")
    #expect(job.output == "160 checks passed on \(ranks) ranks\n")
    #expect(job.errors == "")
  }

  @Test func withoutMpirunTheWorldIsOne() throws {
    let alone = try run(try builtProduct("communication-check"), ["collectives", "64"], deadline: 30)
    #expect(alone.code == 0, "\(alone.errors)")
    #expect(alone.output == "160 checks passed on 1 ranks\n")
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
