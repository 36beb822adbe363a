import Checkpoints
import Diagnostics
import Foundation
import Glibc
import Synchronization
import Testing

/// A disk whose n-th operation goes wrong, and which knows what a loss of power would take.
final class FaultyDisk: Sendable {
  struct State {
    var count = 0
    /// Files written since they were last synced, by their present path.
    var unsynced: Set<String> = []
    var isDead = false
  }
  let state = Mutex(State())

  /// The file system whose `n`-th operation (from 1) meets `fault`; a crash is for good.
  func files(_ n: Int, _ fault: FileSystem.Fault?) -> FileSystem {
    FileSystem { operation in
      self.state.withLock { state in
        if state.isDead { return .crash }
        state.count += 1
        guard state.count == n, let fault else {
          state.note(operation)
          return nil
        }
        if case .crash = fault { state.isDead = true }
        return fault
      }
    }
  }

  var count: Int { state.withLock { $0.count } }

  /// Cuts every file that was not synced to half its length.
  func losePower() throws {
    for path in state.withLock({ $0.unsynced }) {
      let bytes = try contents(path)
      try write(Array(bytes[..<(bytes.count / 2)]), to: path)
    }
  }
}

extension FaultyDisk.State {
  mutating func note(_ operation: FileSystem.Operation) {
    switch operation.call {
    case .write: unsynced.insert(operation.path)
    case .fsync, .unlink: unsynced.remove(operation.path)
    case .rename:
      unsynced = Set(
        unsynced.map { path in
          path.hasPrefix(operation.path + "/") ? operation.destination! + path.dropFirst(operation.path.count) : path
        })
    default: break
    }
  }
}

@Suite struct FaultTests {
  /// The second save of each test: the same step again, and a later one that makes the first superfluous.
  static let seconds = [Sample(step: 7, variant: 1), Sample(step: 8)]

  /// How many operations it takes to open a run with a checkpoint of step 7 and to save `second`.
  func operations(_ second: Sample) throws -> Int {
    try withTemporaryDirectory { run in
      try Sample(step: 7).save(run)
      let disk = FaultyDisk()
      try second.save(run, keeping: 1, files: disk.files(0, nil))
      #expect(disk.state.withLock { $0.unsynced }.isEmpty)
      return disk.count
    }
  }

  /// Wherever the process or the power ends, one whole checkpoint is found, the old or the new, with its exact bits.
  @Test(arguments: 0..<2, [false, true])
  func crashes(index: Int, losesPower: Bool) throws {
    let (first, second) = (Sample(step: 7), Self.seconds[index])
    let count = try operations(second)
    #expect(count > 20)
    var sawOld = 0
    for n in 1...count {
      try withTemporaryDirectory { run in
        try first.save(run)
        let disk = FaultyDisk()
        let isDone = (try? second.save(run, keeping: 1, files: disk.files(n, .crash))) != nil
        if losesPower { try disk.losePower() }
        let search = try Checkpoint.newest(in: run)
        let isNew = try second.matches(search.checkpoint)
        sawOld += isNew ? 0 : 1
        #expect(try isNew || !isDone && first.matches(search.checkpoint), "crash at operation \(n) of \(count)")
        #expect(search.passedOver.isEmpty, "crash at operation \(n) of \(count)")
        // The next process takes over, and nothing of the crash is left when it has saved.
        try Sample(step: 9).save(run, keeping: 1)
        #expect(try names(run) == ["step-00000009"], "crash at operation \(n) of \(count)")
      }
    }
    #expect(sawOld > 0 && sawOld < count)
  }

  /// Whatever call fails for whatever reason is told, leaves a whole checkpoint and no partial one.
  @Test(arguments: 0..<2, [ENOSPC, EACCES, EROFS, EIO])
  func errors(index: Int, code: Int32) throws {
    let (first, second) = (Sample(step: 7), Self.seconds[index])
    let count = try operations(second)
    for n in 1...count {
      try withTemporaryDirectory { run in
        try first.save(run)
        let disk = FaultyDisk()
        do {
          let saved = try second.save(run, keeping: 1, files: disk.files(n, .error(code)))
          #expect(try second.matches(Checkpoint.newest(in: run).checkpoint), "operation \(n)")
          for failure in saved.undeleted { #expect(failure.code == .inputOutput) }
        } catch let failure as Failure {
          #expect(failure.code == .inputOutput)
          #expect(failure.description.hasPrefix(run) && failure.description.contains(String(cString: strerror(code))))
          #expect(failure.description.contains("; "), "no cure: \(failure)")
          let checkpoint = try Checkpoint.newest(in: run).checkpoint
          #expect(try first.matches(checkpoint) || second.matches(checkpoint), "operation \(n)")
        }
        #expect(try !names(run).contains { $0.contains(".partial-") }, "operation \(n)")
        try second.save(run, keeping: 1)
        #expect(try names(run) == ["step-0000000\(second.step)"], "operation \(n)")
      }
    }
  }

  /// Interrupted calls are made again, and short writes are completed.
  @Test func interruptions() throws {
    let second = Self.seconds[1]
    for fault in [FileSystem.Fault.error(EINTR), .short(1), .short(3)] {
      for n in 1...(try operations(second)) {
        try withTemporaryDirectory { run in
          try Sample(step: 7).save(run)
          try second.save(run, keeping: 1, files: FaultyDisk().files(n, fault))
          #expect(try second.matches(Checkpoint.newest(in: run).checkpoint), "\(fault) at operation \(n)")
          #expect(try names(run) == ["step-00000008"])
        }
      }
    }
  }

  /// A write that takes nothing is an error rather than an endless loop.
  @Test func writesThatTakeNothing() throws {
    try withTemporaryDirectory { run in
      let files = FileSystem { $0.call == .write ? .short(0) : nil }
      #expect(
        message(.inputOutput) { try Sample(step: 1).save(run, files: files) }.contains("write: Input/output error"))
      let left = try names(run)
      #expect(left.isEmpty)
    }
  }
}
