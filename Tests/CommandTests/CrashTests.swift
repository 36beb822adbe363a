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

    /// A signal that can be heard ends `prepare`, and what it had begun goes with it.
    @Test(arguments: [SIGINT, SIGTERM])
    func stoppedAsItPrepares(signal: Int32) throws {
      let rows = (0..<200_000).map { "\($0 % 1013),\($0 % 2 == 0 ? "north" : "south")\n" }.joined()
      let table = try folder.write("a.csv", "speed,side\n" + rows)
      let drafted = try lockstep(["init", table, "--target", "side", "--output", folder["a.yaml"]])
      #expect(drafted.code == 0, "\(drafted.errors)")
      var ended: (code: Int32, left: [String])?
      for attempt in 0..<20 where ended?.code != 128 + signal {
        let place = "stopped-\(attempt)"
        let job = Job(
          try builtProduct("lockstep"),
          ["prepare", folder["a.yaml"], "--set", "data.table.keep-under=\(folder[place])"],
          environment: [:], output: folder["a.yaml"], deadline: 60)
        while !job.hasEnded, !folder.names(place).contains(where: { $0.hasSuffix(".partial") }) { usleep(200) }
        if let process = job.process(where: { $0.dropFirst().first == "prepare" }) { kill(process, signal) }
        let result = try job.wait()
        ended = (result.code, folder.names(place))
        #expect(result.code == 0 || lines(result.errors) == [], "\(result.errors)")
      }
      let found = try #require(ended)
      #expect(found.code == 128 + signal && found.left == [], "\(found)")
    }

    /// Killed as it prepares a table, and on two ranks as it trains: the receipt is that of a run that nothing happened to.
    @Test func killedAsItPreparesAndAsItTrains() throws {
      var text = "income,job,outcome\n"
      for row in 0..<150_000 {
        let (income, job) = (row * 37 % 101, row * 13 % 3)
        text += "\(Double(income) / 4),\(["fixed", "free", "none"][job]),\(income > 40 + 20 * job ? "good" : "bad")\n"
      }
      let table = try folder.write("loans.csv", text)
      let drafted = try lockstep(["init", table, "--target", "outcome", "--output", folder["loans.yaml"]])
      #expect(drafted.code == 0, "\(drafted.errors)")
      let recipe = [folder["loans.yaml"], "--set", "epochs=1", "--set", "checkpoint-every=100", "--set", "log-every=5"]
      func settings(_ place: String) -> [String] { ["--set", "data.table.keep-under=\(folder[place])"] }
      let whole = try digest(recipe + settings("prepared") + ["-q", "-o", folder["whole"]], deadline: 300)

      var prepared = ""
      // It may be done before it is killed.
      for attempt in 0..<20 where !folder.names(prepared).contains(where: { $0.hasSuffix(".partial") }) {
        prepared = "prepared-\(attempt)"
        let own = ["train"] + recipe + settings(prepared) + ["-o", folder["run-\(attempt)"]]
        let job = Job(
          try builtProduct("lockstep"), own, environment: [:], output: folder["run-\(attempt)"], deadline: 300)
        while !job.hasEnded, !folder.names(prepared).contains(where: { $0.hasSuffix(".partial") }) { usleep(500) }
        if let process = job.process(where: { $0.dropFirst().first == "train" }) { kill(process, SIGKILL) }
        _ = try job.wait()
      }
      #expect(folder.names(prepared).contains { $0.hasSuffix(".partial") }, "it was never killed as it prepared")

      let job = Job(recipe + settings(prepared), ranks: 2, output: folder["run"])
      try job.waitForLines(30)
      kill(try #require(job.ranks()[1]), SIGKILL)
      #expect(try job.wait().code != 0)
      let resumed = try digest(
        recipe + settings(prepared) + ["-o", folder["run"], "--resume"], ranks: 3, deadline: 300)
      #expect(resumed == whole)
      #expect(try folder.text("run/receipt.json") == folder.text("whole/receipt.json"))
      #expect(!folder.names(prepared).contains { $0.hasSuffix(".partial") }, "what was left was taken away")
    }
  }
}
