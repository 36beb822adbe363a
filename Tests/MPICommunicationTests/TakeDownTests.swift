import Foundation
import MPICommunication
import TestSupport
import Testing

/// Of the ranks of a host that take a job down at one moment, one alone speaks to mpirun, which hung or crashed otherwise.
@Suite(.serialized, .waiting) struct TakeDownTests {
  @Test func oneProcessIsTheFirst() {
    let name = "lockstep-test-\(UUID().uuidString)"
    #expect(isFirst(of: name))
    #expect(!isFirst(of: name))
    #expect(isFirst(of: name + "-other"))
    #expect(isFirst(of: String(repeating: "x", count: 1000) + name), "longer than a socket's name may be")
  }

  /// All ranks throw at once, each for itself: before, mpirun hung or crashed in half of the runs.
  @Test(arguments: 0..<6)
  func allRanksTakeTheJobDownAtOnce(round: Int) throws {
    let job = try mpirun(4, "communication-check", "mpi-error", deadline: 60)
    #expect(job.code == 69, "\(job.errors)")
    #expect(job.errors.split(separator: "\n").contains { $0.hasPrefix("rank ") && $0.contains("MPI_ERR_ROOT") })
  }
}
