import Diagnostics
import Supervision
import Testing

@Suite struct VerdictTests {
  @Test(arguments: [false, true])
  func whatRestartingCannotMendIsHandedOn(stopRequested: Bool) {
    for code: Int32 in [64, 65, 66, 75, 78] {
      #expect(Verdict(code: code, isDone: false, stopRequested: stopRequested) == .handOn(code))
    }
    for code: Int32 in [0, 1, 137] {
      #expect(Verdict(code: code, isDone: true, stopRequested: stopRequested) == .handOn(0))
    }
  }

  /// mpirun's 0 where nothing is done, its own 1 and 205, ranks ended by signals, and failures that may pass.
  @Test(arguments: [0, 1, 69, 70, 71, 74, 76, 134, 137, 139, 143, 205, 255] as [Int32])
  func everythingElseIsTriedAgain(code: Int32) {
    #expect(Verdict(code: code, isDone: false, stopRequested: false) == .restart)
    #expect(Verdict(code: code, isDone: false, stopRequested: true) == .handOn(ExitCode.stopped.rawValue))
  }

  @Test func backOffDoublesUpToFiveMinutes() {
    let backOff = BackOff(first: 2)
    #expect((1...10).map(backOff.seconds) == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300])
    #expect(BackOff(first: 0).seconds(before: 40) == 0)
    #expect(BackOff(first: 1000).seconds(before: 3) == 1000, "what is asked for is not cut")
    #expect(backOff.seconds(before: 1_000_000) == 300)
  }
}
