import Checkpoints
import Diagnostics
import Foundation
import Testing

/// A run whose directory somebody removes changes nothing in the one that has its path later.
@Suite struct RemovedDirectoryTests {
  private static let replaced =
    "the run directory was removed, and another made in its place, while this run went on; start again in a directory "
    + "of its own"
  private static let gone =
    "the run directory was removed or renamed while this run went on; give it its name back and go on with --resume, or "
    + "start again"

  private func save(_ sample: Sample, _ store: CheckpointStore) throws {
    try store.save(sample.contents, record: sample.record)
  }

  /// Every file below a directory with its bytes; nil for a directory.
  private func everything(in directory: String) throws -> [String: [UInt8]?] {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: directory)
    return Dictionary(uniqueKeysWithValues: paths.map { ($0, try? contents("\(directory)/\($0)")) })
  }

  @Test(arguments: [20, 40])
  func anotherRunsDirectoryIsLeftAlone(step: Int) throws {
    try withTemporaryDirectory { directory in
      let run = directory + "/run"
      let old = try CheckpointStore(directory: run, keeping: 1)
      try save(Sample(step: 10), old)
      try FileManager.default.removeItem(atPath: run)
      let new = try CheckpointStore(directory: run, keeping: 3)
      for step in [10, 20, 30] { try save(Sample(step: step, variant: 1), new) }
      try write([], to: run + "/.step-00000040.partial-1")
      let before = try everything(in: run)
      for _ in 0..<2 {
        #expect(message(.missingInput) { try save(Sample(step: step), old) } == "\(run): \(Self.replaced)")
        #expect(message(.missingInput) { try old.requireSameDirectory() } == "\(run): \(Self.replaced)")
        #expect(try everything(in: run) == before)
      }
      // The other one goes on.
      try save(Sample(step: 40, variant: 1), new)
      #expect(try Sample(step: 40, variant: 1).matches(Checkpoint.newest(in: run).checkpoint))
    }
  }

  /// A directory that is gone is not made again; one that comes back is the same.
  @Test func aRenamedDirectory() throws {
    try withTemporaryDirectory { directory in
      let (run, other) = (directory + "/run", directory + "/other")
      let store = try CheckpointStore(directory: run, keeping: 1)
      try save(Sample(step: 10), store)
      try FileManager.default.moveItem(atPath: run, toPath: other)
      #expect(message(.missingInput) { try save(Sample(step: 20), store) } == "\(run): \(Self.gone)")
      #expect(try names(directory) == ["other"])
      // By way of a link it has its path, whatever its own name is.
      try FileManager.default.createSymbolicLink(atPath: run, withDestinationPath: other)
      try save(Sample(step: 20), store)
      #expect(try names(other) == ["step-00000020"])
    }
  }

  /// Whatever a save is about when the directory becomes another one, it ends there, and leaves that one alone.
  ///
  /// Not looked at is the moment before `mkdir` and `rename`, which follow on a look.
  @Test func amidASave() throws {
    let count = try FaultTests().operations(Sample(step: 8))
    var tried = 0
    for n in 1...count {
      try withTemporaryDirectory { directory in
        let (run, other) = (directory + "/run", directory + "/other")
        for step in [7, 8] { try Sample(step: step, variant: 1).save(other) }
        let before = try everything(in: other)
        try Sample(step: 7).save(run)
        let disk = FaultyDisk()
        let counting = disk.files(0, nil)
        let files = FileSystem { operation in
          _ = counting.announce(operation)
          guard disk.count == n, operation.call != .mkdir, operation.call != .rename else { return nil }
          try? FileManager.default.removeItem(atPath: run)
          try? FileManager.default.moveItem(atPath: other, toPath: run)
          return nil
        }
        do {
          try Sample(step: 8).save(run, keeping: 1, files: files)
          #expect(FileManager.default.fileExists(atPath: other), "operation \(n) of \(count)")
        } catch let failure as Failure {
          tried += 1
          #expect(failure.code == .missingInput && failure.description == "\(run): \(Self.replaced)", "\(failure)")
          #expect(try everything(in: run) == before, "operation \(n) of \(count)")
        }
      }
    }
    // Two files and `run.json`, each opened, written, synced and closed, two directories synced, the old files deleted.
    #expect(tried > 20)
  }
}
