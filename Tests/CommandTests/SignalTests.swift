import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// A run that is stopped or killed, and then resumed on another number of ranks, ends with the same bits.
  @Suite(.serialized) struct SignalTests {
    /// About two seconds on two cores: a network larger than the recipe's, so that time goes into computing.
    private static let recipe = [
      "two-class", "--set", "model=[dense: 256, relu, dense: 256, relu, dense: 2]",
      "--set", "data.two-class.train=65536", "--set", "epochs=3", "--set", "checkpoint-every=200",
      "--set", "log-every=20", "--set", "evaluate-every=3",
    ]
    private static let expected = Result {
      let folder = try Folder()
      return try digest(recipe + ["-q", "-o", folder["run"]])
    }

    @Test(arguments: [
      (SIGTERM, 2, 1, 3), (SIGTERM, 2, 0, 1), (SIGUSR1, 3, 2, 2), (SIGINT, 2, 1, 2), (SIGINT, 1, 0, 2),
    ])
    func aSignalToOneRankStopsAllWithACheckpoint(signal: Int32, ranks: Int, target: Int, then: Int) throws {
      let folder = try Folder()
      let job = Job(Self.recipe, ranks: ranks, output: folder["run"])
      try job.waitForSteps()
      let processes = job.ranks()
      #expect(processes.count == ranks)
      kill(try #require(processes[target]), signal)

      let ended = try job.wait()
      #expect(ended.code == 75, "\(ended.output)\(ended.errors)")
      #expect(complaints(ended) == [])
      let last = try #require(lines(ended.output).last)
      let step = try #require(last.firstMatch(of: #/stopped on request after step ([0-9]+) of 3072;/#))
      #expect(last.hasSuffix("go on with --resume"))
      #expect(checkpoints(folder, "run").max() == Int(step.1), "a checkpoint of the very step")
      #expect(leftovers(folder, "run") == [])
      #expect(try digest(Self.recipe + ["-o", folder["run"], "--resume"], ranks: then) == Self.expected.get())
    }

    /// A handler's frame would overwrite floats where oneDNN's kernels use the stack pointer for something else.
    @Test func noThreadRunsAHandlerForASignalToStop() throws {
      let folder = try Folder()
      let job = Job(Self.recipe + ["--set", "lanes=2"], ranks: 1, output: folder["run"])
      try job.waitForSteps()
      let process = try #require(job.ranks()[0])
      let signals = [SIGTERM, SIGINT, SIGUSR1].reduce(UInt64(0)) { $0 | 1 << UInt64($1 - 1) }
      let tasks = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")
      #expect(tasks.count > 2)
      var open = 0
      for task in tasks {
        let status = try String(contentsOfFile: "/proc/\(process)/task/\(task)/status", encoding: .utf8)
        func set(_ key: String) throws -> UInt64 {
          let line = try #require(lines(status).first { $0.hasPrefix("\(key):") })
          return try #require(line.split(whereSeparator: \.isWhitespace).last.flatMap { UInt64($0, radix: 16) })
        }
        if try set("SigBlk") & signals != signals { open += 1 }
        #expect(try set("SigCgt") & signals == 0)
      }
      #expect(open == 1, "the thread that waits for them")
      kill(process, SIGTERM)
      #expect(try job.wait().code == 75)
    }

    /// What a scheduler does when a job's time is up: the signal goes to mpirun, which hands it on to all ranks.
    @Test func usr1ToMpirunReachesAllRanks() throws {
      let folder = try Folder()
      let job = Job(Self.recipe, ranks: 2, output: folder["run"])
      try job.waitForSteps()
      let rank = try #require(job.ranks()[0])
      let status = try String(contentsOfFile: "/proc/\(rank)/status", encoding: .utf8)
      let mpirun = try #require(status.firstMatch(of: #/PPid:\s+([0-9]+)/#).flatMap { pid_t($0.1) })
      kill(mpirun, SIGUSR1)
      let ended = try job.wait()
      #expect(ended.code == 75, "\(ended.output)\(ended.errors)")
      #expect(try digest(Self.recipe + ["-o", folder["run"], "--resume"], ranks: 3) == Self.expected.get())
    }

    /// A rank that dies at any moment takes the job down, and loses at most the steps since the last checkpoint.
    @Test func aKilledRankLosesNothing() throws {
      var seed = UInt64.random(in: 0..<1_000_000)
      print("SIGKILL trials: seed \(seed)")
      func random(below bound: Int) -> Int {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((seed >> 33) % UInt64(bound))
      }
      var hits = 0
      for trial in 0..<5 {
        let folder = try Folder()
        let (ranks, then) = (1 + random(below: 3), 1 + random(below: 3))
        let job = Job(Self.recipe, ranks: ranks, output: folder["run"])
        try job.waitForSteps()
        usleep(UInt32(random(below: 800_000)))
        if let process = job.ranks()[random(below: ranks)] { kill(process, SIGKILL) }
        let ended = try job.wait()
        if ended.code != 0 { hits += 1 }
        let done = checkpoints(folder, "run").max() ?? 0
        let found = try digest(Self.recipe + ["-o", folder["run"], "--resume"], ranks: then)
        #expect(try found == Self.expected.get(), "trial \(trial): \(ranks) ranks, step \(done), then \(then) ranks")
        #expect(leftovers(folder, "run") == [])
      }
      #expect(hits > 0, "no trial hit a run that was still going on")
    }
  }
}
