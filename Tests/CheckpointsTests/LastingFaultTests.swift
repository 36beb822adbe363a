import Checkpoints
import Diagnostics
import Foundation
import Glibc
import TestSupport
import Testing

/// A disk on which one fault does not come alone.
@Suite struct LastingFaultTests {
  /// The operations of a save of step 8 into a run with step 7.
  private func operations() throws -> Int { try FaultTests().operations(Sample(step: 8)) }

  /// Saves step 8 with faults; step 7 or 8 must be the newest whole one, and the next process must clean up.
  private func check(_ files: FileSystem, in run: String, _ comment: String) throws {
    try Sample(step: 7).save(run)
    var isDone = false
    do {
      try Sample(step: 8).save(run, keeping: 1, files: files)
      isDone = true
    } catch let failure as Failure {
      #expect(failure.code == .inputOutput && failure.description.hasPrefix(run), "\(comment): \(failure)")
    } catch is FileSystem.Crash {}
    let search = try Checkpoint.newest(in: run)
    #expect(search.passedOver.isEmpty, "\(comment)")
    #expect(try Sample(step: 8).matches(search.checkpoint) || !isDone && Sample(step: 7).matches(search.checkpoint))
    try Sample(step: 9).save(run, keeping: 1)
    #expect(try names(run) == ["step-00000009"], "\(comment)")
  }

  /// The disk is full from any operation on: nothing new fits, what is there can be deleted.
  @Test(arguments: [ENOSPC, EDQUOT])
  func staysFull(code: Int32) throws {
    for n in 1...(try operations()) {
      try withTemporaryDirectory { run in
        let disk = FaultyDisk()
        let counting = disk.files(0, nil)
        let files = FileSystem { operation in
          _ = counting.announce(operation)
          let takesRoom = [.mkdir, .write, .rename].contains(operation.call)
          return disk.count >= n && takesRoom ? .error(code) : nil
        }
        try check(files, in: run, "full from operation \(n) on")
        #expect(try !names(run).contains { $0.contains(".partial-") })
      }
    }
  }

  /// The disk is gone from any operation on, so that not even the half-written checkpoint can be deleted.
  @Test func staysBroken() throws {
    for n in 1...(try operations()) {
      try withTemporaryDirectory { run in
        let disk = FaultyDisk()
        let counting = disk.files(0, nil)
        let files = FileSystem { operation in
          _ = counting.announce(operation)
          return disk.count >= n ? .error(EIO) : nil
        }
        try check(files, in: run, "broken from operation \(n) on")
      }
    }
  }

  /// The process dies anywhere, and the next one dies as it tidies up and saves: at every third operation, the first of
  /// which differs, as all pairs would take a minute.
  @Test func crashesTwice() throws {
    let (first, second) = (try FaultTests().operations(Sample(step: 7, variant: 1)), try operations())
    for n in 1...first {
      try withTemporaryDirectory { directory in
        for m in stride(from: 1 + n % 3, through: second, by: 3) {
          let run = "\(directory)/\(m)"
          try Sample(step: 7).save(run)
          _ = try? Sample(step: 7, variant: 1).save(run, keeping: 1, files: FaultyDisk().files(n, .crash))
          try check(FaultyDisk().files(m, .crash), afterCrashIn: run, "crashes at operations \(n) and \(m)")
        }
      }
    }
  }

  /// Step 7, first or second form, or step 8 must be the newest whole one; and the next process must clean up.
  private func check(_ files: FileSystem, afterCrashIn run: String, _ comment: String) throws {
    _ = try? Sample(step: 8).save(run, keeping: 1, files: files)
    let search = try Checkpoint.newest(in: run)
    let known = [Sample(step: 7), Sample(step: 7, variant: 1), Sample(step: 8)]
    #expect(try known.contains { try $0.matches(search.checkpoint) }, "\(comment)")
    #expect(search.passedOver.isEmpty, "\(comment)")
    try Sample(step: 9).save(run, keeping: 1)
    #expect(try names(run) == ["step-00000009"], "\(comment)")
  }
}

/// What a file system or its owner does to a checkpoint after it was saved.
@Suite struct SpoiltFileTests {
  /// Two checkpoints; the reason for which the newer is passed over, once `spoil` had its path.
  private func reason(_ spoil: (_ path: String) throws -> Void) throws -> String {
    try withTemporaryDirectory { run in
      try Sample(step: 1).save(run)
      let path = try Sample(step: 2).save(run).path
      try spoil(path)
      let search = try Checkpoint.newest(in: run)
      #expect(try Sample(step: 1).matches(search.checkpoint))
      #expect(search.passedOver.map(\.path) == [path])
      return String(search.passedOver[0].reason.dropFirst(path.count + 1))
    }
  }

  /// A file that has its length, but zeros where its last blocks never came to the disk.
  @Test(arguments: ["run.json", "model.safetensors", "extra.bin"])
  func zerosAtTheEnd(file: String) throws {
    let count = try withTemporaryDirectory { try contents("\(try Sample(step: 2).save($0).path)/\(file)").count }
    for kept in Set([0, 1, count / 4, count / 2, count - 2, count - 1]).sorted() where kept >= 0 {
      let reason = try reason { path in
        let whole = try contents("\(path)/\(file)")
        try write(whole[..<kept] + [UInt8](repeating: 0, count: count - kept), to: "\(path)/\(file)")
      }
      #expect(reason.hasPrefix("\(file): expected "), "\(reason)")
    }
  }

  /// A file, or the whole checkpoint, that may no longer be read; root too is somebody else here.
  @Test(arguments: ["run.json", "model.safetensors", "extra.bin", ""])
  func withoutPermission(file: String) throws {
    try asNobody {
      try withTemporaryDirectory { run in
        let paths = try [1, 2].map { try Sample(step: $0).save(run).path }
        func close(_ path: String) { #expect(chmod(path + "/" + file, 0) == 0) }
        defer { for path in paths { chmod(path + "/" + file, 0o700) } }
        func told(_ path: String) -> String {
          "\(path)\(file.isEmpty ? "" : "/\(file)"): open: Permission denied; allow this user to read it "
            + "(chmod u+rwX, or chown), or name another checkpoint"
        }
        close(paths[1])
        for search in [try Checkpoint.newest(in: run).passedOver, try Checkpoint.load(run).passedOver] {
          #expect(search.map(\.path) == [paths[1]])
          #expect(search.map(\.reason) == [told(paths[1])])
          #expect(search[0].note.hasPrefix("passed over a checkpoint that this user may not read, \(paths[1]): "))
        }
        #expect(try Sample(step: 1).matches(Checkpoint.newest(in: run).checkpoint))
        #expect(message(.missingInput) { _ = try Checkpoint.load(paths[1]) } == told(paths[1]), "named itself")
        // Without a whole one, its steps would be thrown away.
        close(paths[0])
        #expect(message(.missingInput) { _ = try Checkpoint.newest(in: run) } == told(paths[1]))
        #expect(message(.missingInput) { _ = try Checkpoint.load(run) } == told(paths[1]))
      }
    }
  }

  /// A run directory that may no longer be written: the save says so, and what was saved earlier is whole.
  @Test func readOnlyRunDirectory() throws {
    try asNobody {
      try withTemporaryDirectory { run in
        try Sample(step: 1).save(run)
        #expect(chmod(run, 0o500) == 0)
        defer { chmod(run, 0o700) }
        let told = message(.inputOutput) { try Sample(step: 2).save(run) }
        #expect(
          told == "\(run)/.step-00000002.partial-\(getpid()): mkdir: Permission denied; "
            + "make the run directory writable or choose another one; checkpoints saved earlier are whole")
        #expect(try Sample(step: 1).matches(Checkpoint.newest(in: run).checkpoint))
      }
    }
  }
}
