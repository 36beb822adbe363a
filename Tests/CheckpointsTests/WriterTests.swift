import Checkpoints
import Diagnostics
import Foundation
import Glibc
import Synchronization
import Testing

/// A disk that takes nothing until it is opened.
final class ClosedDisk: Sendable {
  private let isOpen = Mutex(false)

  func open() { isOpen.withLock { $0 = true } }

  /// The file system whose writes wait until the disk is opened; the deadline is for code that would never open it.
  var files: FileSystem {
    FileSystem { operation in
      guard operation.call == .write else { return nil }
      for _ in 0..<30_000 {
        if self.isOpen.withLock({ $0 }) { return nil }
        usleep(1000)
      }
      return .error(ETIMEDOUT)
    }
  }
}

/// A thread that saves while its caller does something else.
@Suite struct WriterTests {
  private func writer(_ run: String, _ files: FileSystem) throws -> CheckpointWriter {
    CheckpointWriter(try CheckpointStore(directory: run, keeping: 2, files: files))
  }

  @Test func aSaveDoesNotHoldItsCaller() throws {
    try withTemporaryDirectory { run in
      let (disk, sample) = (ClosedDisk(), Sample(step: 3))
      let writer = try writer(run, disk.files)
      #expect(try writer.finish() == nil, "nothing has begun")
      writer.begin { try $0.save(sample.contents, record: sample.record) }
      // Had `begin` waited, the disk would never have been opened.
      disk.open()
      #expect(try writer.finish()?.path == "\(run)/step-00000003")
      #expect(try sample.matches(Checkpoint.newest(in: run).checkpoint))
      #expect(try writer.finish() == nil && !writer.hasFailed, "told once")
    }
  }

  @Test func aFailureIsSeenBeforeAnybodyWaits() throws {
    try withTemporaryDirectory { run in
      let sample = Sample(step: 3)
      let writer = try writer(run, FileSystem { $0.call == .write ? .error(ENOSPC) : nil })
      writer.begin { try $0.save(sample.contents, record: sample.record) }
      while !writer.hasFailed { usleep(100) }
      #expect(message(.inputOutput) { try writer.finish() }.contains("write: No space left on device"))
    }
  }

  /// The directory belongs to the run until its last checkpoint is on the disk, and to anybody right after that.
  @Test func theLockIsHeldUntilTheSaveIsDone() throws {
    for _ in 0..<20 {
      try withTemporaryDirectory { run in
        let (disk, sample) = (ClosedDisk(), Sample(step: 3))
        var writer: CheckpointWriter? = try writer(run, disk.files)
        writer?.begin { try $0.save(sample.contents, record: sample.record) }
        #expect(
          message(.inputOutput) { _ = try CheckpointStore(directory: run, keeping: 1) }.contains("another process"))
        disk.open()
        writer = nil
        _ = try CheckpointStore(directory: run, keeping: 1)
        let search = try Checkpoint.newest(in: run)
        #expect(try sample.matches(search.checkpoint), "\(search.passedOver)")
      }
    }
  }
}
