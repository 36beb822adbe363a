import Foundation
import TestSupport
import Testing

extension DisturbedCommandTests {
  /// Ranks that crash, and terminals that go.
  @Suite(.serialized) struct CrashTests {
    let folder: Folder

    init() throws { folder = try Folder() }

    /// Swift's runtime suspends the other threads by SIGUSR1 as it tells of a crash, which is no request to stop: the
    /// process must end by the signal that it got.
    @Test(arguments: [
      (SIGSEGV, "Segmentation fault"), (SIGQUIT, "Quit"), (SIGILL, "Illegal instruction"), (SIGABRT, "Aborted"),
    ])
    func aCrashIsToldByItsName(signal: Int32, name: String) throws {
      let job = Job(LongRun.recipe, ranks: 2, output: folder["run"])
      try job.waitForSteps()
      kill(try #require(job.ranks()[1]), signal)
      let ended = try job.wait()
      #expect(ended.code == 128 + signal, "\(ended.errors)")
      #expect(ended.errors.contains("exited on signal \(signal) (\(name))"), "\(ended.errors)")
    }

    @Test(arguments: [1, 2])
    func aHangupStopsWithACheckpoint(ranks: Int) throws {
      let job = Job(LongRun.recipe, ranks: ranks, output: folder["run"])
      try job.waitForSteps()
      kill(try #require(job.ranks()[ranks - 1]), SIGHUP)
      let ended = try job.wait()
      #expect(ended.code == 75, "\(ended.errors)")
      #expect(!checkpoints(folder, "run").isEmpty)
      #expect(try LongRun.resumed(in: folder, ranks: 3 - ranks) == LongRun.expected.get())
    }

    /// `nohup` has it ignored.
    @Test func aHangupThatIsIgnoredStaysIgnored() throws {
      let program = try builtProduct("lockstep")
      // A shell that reads no file: it ignores the signal, and hands that on to the program that it becomes.
      let script = "trap '' HUP; exec \"$0\" \"$@\""
      let words = ["-c", script, program, "train"] + LongRun.recipe + ["--output", folder["run"]]
      let job = Job("sh", words, environment: [:], output: folder["run"], deadline: 300)
      try job.waitForSteps()
      let process = try #require(job.process { $0.first == program })
      kill(process, SIGHUP)
      let lines = job.lines()
      try job.waitForLines(lines + 3)
      #expect(!job.hasEnded, "it goes on")
      kill(process, SIGTERM)
      #expect(try job.wait().code == 75)
    }
  }
}
