import Foundation
import TestSupport
import Testing

extension TrainingCommandTests {
  /// A run that is stopped or killed, and then resumed on another number of ranks, ends with the same bits.
  @Suite(.serialized) struct SignalTests {
    @Test(arguments: [
      (SIGTERM, 2, 1, 3), (SIGTERM, 2, 0, 1), (SIGUSR1, 3, 2, 2), (SIGINT, 2, 1, 2), (SIGINT, 1, 0, 2),
    ])
    func aSignalToOneRankStopsAllWithACheckpoint(signal: Int32, ranks: Int, target: Int, then: Int) throws {
      let folder = try Folder()
      let job = Job(LongRun.recipe, ranks: ranks, output: folder["run"])
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
      #expect(try LongRun.resumed(in: folder, ranks: then) == LongRun.expected.get())
    }

    /// Before the first line of the program, while its libraries begin: whoever trains keeps the request.
    @Test(arguments: [SIGTERM, SIGINT, SIGUSR1, SIGHUP])
    func aSignalBeforeTheFirstLine(signal: Int32) throws {
      let folder = try Folder()
      let environment = try preloading(
        """
        #include <signal.h>
        #include <stdlib.h>
        #include <sys/wait.h>
        #include <unistd.h>
        // From another process, as requests are.
        __attribute__((constructor)) static void early(void) {
          unsetenv("LD_PRELOAD");
          if (fork() == 0) {
            kill(getppid(), \(signal));
            _exit(0);
          }
          wait(NULL);
        }
        """, in: folder)
      let ended = try lockstep(["train", "two-class", "-o", folder["run"]], environment: environment)
      #expect(ended.code == 75 && checkpoints(folder, "run") == [1], "\(ended.output)\(ended.errors)")
      let other = try lockstep(["kinds"], environment: environment)
      #expect(other.code == 128 + signal && other.output == "", "other commands end by it: \(other)")
    }

    /// As GNU timeout sends it, to the process and then to its group: one request, not the second that ends at once.
    @Test(arguments: [SIGTERM, SIGUSR1])
    func aSignalThatComesTwiceAtOnceIsOneRequest(signal: Int32) throws {
      let folder = try Folder()
      let job = Job(LongRun.recipe, ranks: 1, output: folder["run"])
      try job.waitForSteps()
      let process = try #require(job.ranks()[0])
      for _ in 0..<2 {
        kill(process, signal)
        usleep(2000)
      }
      let ended = try job.wait()
      #expect(ended.code == 75 && !checkpoints(folder, "run").isEmpty, "\(ended.errors)")
    }

    /// A handler's frame would overwrite floats where a library's kernels use the stack pointer for something else.
    @Test func noThreadRunsAHandlerForASignalToStop() throws {
      let folder = try Folder()
      let job = Job(LongRun.recipe + ["--set", "lanes=2"], ranks: 1, output: folder["run"])
      try job.waitForSteps()
      let process = try #require(job.ranks()[0])
      let signals = [SIGTERM, SIGINT, SIGUSR1].reduce(UInt64(0)) { (mask: UInt64, signal: Int32) -> UInt64 in
        mask | 1 << (signal - 1)
      }
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
      let job = Job(LongRun.recipe, ranks: 2, output: folder["run"])
      try job.waitForSteps()
      let rank = try #require(job.ranks()[0])
      let status = try String(contentsOfFile: "/proc/\(rank)/status", encoding: .utf8)
      let mpirun = try #require(status.firstMatch(of: #/PPid:\s+([0-9]+)/#).flatMap { pid_t($0.1) })
      kill(mpirun, SIGUSR1)
      let ended = try job.wait()
      #expect(ended.code == 75, "\(ended.output)\(ended.errors)")
      #expect(try LongRun.resumed(in: folder, ranks: 3) == LongRun.expected.get())
    }

    /// A rank that dies at any moment takes the job down, and loses at most the steps since the last checkpoint.
    @Test func aKilledRankLosesNothing() throws {
      var generator = Seeded(seed: UInt64.random(in: 0..<1_000_000))
      print("SIGKILL trials: seed \(generator.seed)")
      for trial in 0..<5 {
        let folder = try Folder()
        let (ranks, then) = (Int.random(in: 1...3, using: &generator), Int.random(in: 1...3, using: &generator))
        let job = Job(LongRun.recipe, ranks: ranks, output: folder["run"])
        // The first in the first third, so that it hits a run that goes on.
        try job.waitForLines(Int.random(in: 1...(trial == 0 ? 50 : 150), using: &generator))
        if let process = job.ranks()[Int.random(in: 0..<ranks, using: &generator)] { kill(process, SIGKILL) }
        let ended = try job.wait()
        #expect(trial > 0 || ended.code != 0, "\(ended.output)\(ended.errors)")
        let done = checkpoints(folder, "run").max() ?? 0
        let found = try LongRun.resumed(in: folder, ranks: then)
        #expect(try found == LongRun.expected.get(), "trial \(trial): \(ranks) ranks, step \(done), then \(then) ranks")
        #expect(leftovers(folder, "run") == [])
      }
    }
  }
}
