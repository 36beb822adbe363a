import Checkpoints
import Diagnostics
import Foundation
import Glibc
import TestSupport
import Testing

/// What is left of crashed processes and cannot be removed is in nobody's way.
@Suite struct TidyingTests {
  /// A file system on which nothing at `path`, or in it, can be removed or renamed, as if another user's.
  private func files(keeping path: String) -> FileSystem {
    FileSystem { operation in
      let isInside = operation.path == path || operation.path.hasPrefix(path + "/")
      return isInside && [.unlink, .rmdir, .rename].contains(operation.call) ? .error(EPERM) : nil
    }
  }

  /// A run with steps 1 and 2, and with a copy of step 1 named `name`.
  private func withRun(_ name: String, _ body: (_ run: String, _ path: String) throws -> Void) throws {
    try withTemporaryDirectory { run in
      for step in [1, 2] { try Sample(step: step).save(run) }
      let path = "\(run)/\(name)"
      try FileManager.default.copyItem(atPath: run + "/step-00000001", toPath: path)
      try body(run, path)
    }
  }

  @Test(arguments: [".step-00000009.partial-1", ".step-00000001.deleted-1", "step-00000002.replaced"])
  func oneThatCannotBeRemovedIsToldOf(name: String) throws {
    try withRun(name) { run, path in
      let store = try CheckpointStore(directory: run, keeping: 2, files: files(keeping: path))
      #expect(store.untidied.count == 1)
      let told = try #require(store.untidied.first).description
      #expect(told.hasPrefix(path) && told.contains(": Operation not permitted; "), "\(told)")
      #expect(try Sample(step: 2).matches(Checkpoint.newest(in: run).checkpoint))
      let saved = try store.save(Sample(step: 3).contents, record: Sample(step: 3).record)
      #expect(try Sample(step: 3).matches(Checkpoint.newest(in: run).checkpoint))
      #expect(saved.setAside.isEmpty)
      #expect(FileManager.default.fileExists(atPath: path))
    }
  }

  /// A replaced checkpoint that cannot have its name back is found by the one that it has.
  @Test func aReplacedOneThatCannotBeMoved() throws {
    try withRun("step-00000004.replaced") { run, path in
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.moveItem(atPath: try Sample(step: 4).save(run).path, toPath: path)
      let store = try CheckpointStore(directory: run, keeping: 9, files: files(keeping: path))
      #expect(store.untidied.map(\.description).contains { $0.hasPrefix("\(path): rename: Operation not permitted; ") })
      #expect(try Sample(step: 4).matches(Checkpoint.newest(in: run).checkpoint))
      try store.save(Sample(step: 5).contents, record: Sample(step: 5).record)
      #expect(try Sample(step: 5).matches(Checkpoint.newest(in: run).checkpoint))
    }
  }

  /// In containers processes have the same few numbers: the name for a save, or for a deletion, may be taken.
  @Test(arguments: [".step-00000003.partial-", ".step-00000001.deleted-"])
  func aNameThatIsTaken(name: String) throws {
    let name = name + "\(getpid())"
    try withRun(name) { run, path in
      try Sample(step: 3).save(run, keeping: 1, files: files(keeping: path))
      #expect(try names(run) == [name, "step-00000003"])
      #expect(try Sample(step: 3).matches(Checkpoint.newest(in: run).checkpoint))
      // Whoever can remove it does so.
      try Sample(step: 4).save(run, keeping: 1)
      #expect(try names(run) == ["step-00000004"])
    }
  }

  /// One whose former form was hidden, but could not be removed, is replaced all the same.
  @Test func aHalfDeletedReplacement() throws {
    try withRun("step-00000002.replaced") { run, _ in
      try write([1], to: run + "/step-00000002/extra.bin")
      let files = FileSystem { operation in
        operation.call == .unlink && operation.path.contains("/.step-00000002.replaced.deleted-") ? .error(EPERM) : nil
      }
      let store = try CheckpointStore(directory: run, keeping: 1, files: files)
      let other = Sample(step: 2, variant: 1)
      try store.save(other.contents, record: other.record)
      #expect(try other.matches(Checkpoint.newest(in: run).checkpoint))
    }
  }
}
