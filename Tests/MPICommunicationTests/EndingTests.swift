import Communication
import Diagnostics
import MPICommunication
import Testing

@Suite struct EndingTests {
  let failure = Failure(.badData, at: "data.csv:12", "expected 5 columns, found 4")

  @Test func aRanksOwnFailureTakesTheJobDown() {
    let ending = Ending(of: failure, rank: 2, of: 4, on: "node7")
    #expect(ending.line == "rank 2 on node7: data.csv:12: expected 5 columns, found 4")
    #expect(ending.code == 65)
    #expect(!ending.isAgreed)
  }

  @Test func anAgreedFailureIsPrintedByTheRankItNames() {
    let collective = CollectiveFailure(rank: 1, host: "node7", failure: failure)
    for rank in 0..<4 {
      let ending = Ending(of: collective, rank: rank, of: 4, on: "node7")
      #expect(ending.line == (rank == 1 ? "rank 1 on node7: data.csv:12: expected 5 columns, found 4" : nil))
      #expect(ending.code == 65)
      #expect(ending.isAgreed)
    }
  }

  @Test func aWorldOfOneSpeaksAsTheProgram() {
    let collective = CollectiveFailure(rank: 0, host: "node7", failure: failure)
    for error in [failure, collective] as [any Error] {
      let ending = Ending(of: error, rank: 0, of: 1, on: "node7")
      #expect(ending.line == "lockstep: data.csv:12: expected 5 columns, found 4")
      #expect(ending.code == 65)
      #expect(ending.isAgreed)
    }
  }

  @Test func otherErrorsHaveTheirCodes() {
    struct Fault: Error, CustomStringConvertible { var description: String { "two\nlines" } }
    let fault = Ending(of: Fault(), rank: 0, of: 2, on: "a")
    #expect(fault.line == "rank 0 on a: two lines")
    #expect(fault.code == 70)
    // Outside of MPI's life its texts are not to be had.
    let error = MPIError(call: "MPI_Isend", code: 16, peer: 3)
    #expect(Ending(of: error, rank: 0, of: 2, on: "a").line == "rank 0 on a: MPI_Isend, rank 3: no text (MPI code 16)")
    #expect(Ending(of: error, rank: 0, of: 2, on: "a").code == 69)
  }
}
