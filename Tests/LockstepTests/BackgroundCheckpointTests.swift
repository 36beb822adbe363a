import Checkpoints
import Communication
import Diagnostics
import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Lockstep

/// Training goes on while a checkpoint is being written, and nothing is lost by it.
@Suite struct BackgroundCheckpointTests {
  /// 12 steps with a checkpoint every fourth, all of them kept; every step is in the log.
  private static let settings = [
    "data.two-class.train=384", "batch=32", "micro-batch=8", "epochs=1", "checkpoint-every=4", "keep-checkpoints=9",
    "log-every=1",
  ]
  let folder: Folder
  let expected: String

  init() throws {
    folder = try Folder()
    expected = try train("two-class", Self.settings, in: folder["whole"])
  }

  /// The step that a path in a run directory belongs to; the folder's own name may end in `step-` and digits too.
  private static func step(of path: String) -> Int? {
    path.firstMatch(of: #/\/\.?step-([0-9]{8})/#).flatMap { Int($0.1) }
  }

  /// Files whose writing of step 4 waits until the log tells of step 7: no step beyond 4 would be there if the ranks
  /// waited for it. Steps 8 and 12 are checked to come only when the one before has its name.
  @Test(arguments: [1, 3])
  func stepsGoOnWhileACheckpointIsWritten(ranks: Int) throws {
    let log = folder["run/metrics.jsonl"]
    let named = Mutex<[Int]>([])
    let files = FileSystem { operation in
      guard let step = Self.step(of: operation.path) else { return nil }
      let done = named.withLock { done in
        if operation.call == .rename { done.append(step) }
        return done
      }
      guard done.contains(step) || done == (1..<step / 4).map({ 4 * $0 }) else { return .error(EDEADLK) }
      guard step == 4, operation.call == .mkdir else { return nil }
      for _ in 0..<30_000 {
        if (try? String(contentsOfFile: log, encoding: .utf8))?.contains("\"step\": 7,") == true { return nil }
        usleep(1000)
      }
      return .error(ETIMEDOUT)
    }
    #expect(try train("two-class", Self.settings, in: folder["run"], ranks: ranks, files: files) == expected)
    #expect(named.withLock { $0 } == [4, 8, 12])
    for step in ["step-00000004", "step-00000008", "step-00000012"] {
      let (now, then) = (try Model(folder["run/\(step)"]).record, try Model(folder["whole/\(step)"]).record)
      #expect(now.digest == then.digest && now.files == then.files, "the copy is that of its step")
    }
  }

  /// A slow disk for the last one: the run is over only when it is there.
  @Test func theLastCheckpointIsWaitedFor() throws {
    let files = FileSystem { operation in
      if Self.step(of: operation.path) == 12 { usleep(10_000) }
      return nil
    }
    _ = try LocalWorld.run(ranks: 2) { [folder] world in
      let run = try TrainingRun(
        recipe: "two-class", overrides: Self.settings, output: folder["run"], start: .new, verbosity: .silent,
        world: world, watchdog: nil, environment: [:], files: files)
      #expect(try run.train() == 0)
      #expect(try Checkpoint.newest(in: folder["run"]).checkpoint?.record.step == 12)
      #expect(run.summary.checkpointSeconds > 0.1, "ten operations at least were waited for")
    }
  }

  /// All ranks end with the line of rank zero's thread, long before the next checkpoint, and the one before is whole.
  @Test(arguments: [1, 2, 3])
  func anErrorOfTheThreadReachesAllRanks(ranks: Int) throws {
    let settings = Self.settings + ["data.two-class.train=480000", "checkpoint-every=3000", "log-every=100000"]
    let files = FileSystem { $0.call == .write && Self.step(of: $0.path) == 6000 ? .error(ENOSPC) : nil }
    let ends = try LocalWorld.run(ranks: ranks) { [folder] world -> String in
      let run = try TrainingRun(
        recipe: "two-class", overrides: settings, output: folder["run"], start: .new, verbosity: .silent,
        world: world, watchdog: nil, environment: [:], files: files)
      do {
        _ = try run.train()
        return "no error"
      } catch let failure as CollectiveFailure {
        // At the latest the next checkpoint finds out, as where other programs keep the thread waiting.
        #expect(run.trainer.step <= 9000)
        return "\(failure.rank) \(failure.failure.code.rawValue) \(failure.failure)"
      }
    }
    let line =
      "0 74 \(folder["run"])/.step-00006000.partial-\(getpid())/model.safetensors: write: No space left on device"
    #expect(ends.count == ranks && Set(ends).count == 1)
    #expect(ends[0].hasPrefix("\(line); free some space"), "\(ends[0])")
    #expect(folder.names("run").filter { $0.contains("step-") } == ["step-00003000"])
  }

  /// Dies at every operation of all three checkpoints, at whatever step training is by then, and goes on to the same bits.
  @Test func aDeathAtAnyOperationLosesNothing() throws {
    let count = Mutex(0)
    try train(
      "two-class", Self.settings, in: folder["counted"],
      files: FileSystem { _ in
        count.withLock { $0 += 1 }
        return nil
      })
    let operations = count.withLock { $0 }
    #expect(operations > 60)
    var deaths = 0
    for n in 1...operations {
      let seen = Mutex(0)
      let run = "dead-\(n)"
      let files = FileSystem { _ in
        seen.withLock { seen in
          seen += 1
          return seen >= n ? .crash : nil
        }
      }
      do {
        try train("two-class", Self.settings, in: folder[run], ranks: 1 + n % 3, files: files)
      } catch {
        deaths += 1
      }
      let ranks = 1 + n / 3 % 3
      #expect(
        try train("two-class", Self.settings, in: folder[run], ranks: ranks, start: .resume) == expected,
        "operation \(n), then \(ranks) ranks")
      #expect(folder.names(run).allSatisfy { !$0.hasPrefix(".") }, "operation \(n)")
      try folder.remove(run)
    }
    // The very last one closes a descriptor, when all is on the disk.
    #expect(deaths == operations - 1)
  }
}
