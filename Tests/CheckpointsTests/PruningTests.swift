import Checkpoints
import Diagnostics
import Foundation
import Glibc
import TestSupport
import Testing

/// Only whole checkpoints count as kept.
@Suite struct PruningTests {
  /// A run with whole checkpoints of steps 10, 20 and 30.
  private func withRun<Result>(_ body: (String) throws -> Result) throws -> Result {
    try withTemporaryDirectory { run in
      for step in [10, 20, 30] { try Sample(step: step).save(run, keeping: 9) }
      return try body(run)
    }
  }

  private func damage(_ path: String) throws { try write([1], to: path + "/extra.bin") }

  /// A run that was taken up again behind a damaged checkpoint keeps the whole one before, and the damaged one's files.
  @Test func aDamagedOneTakesNoPlace() throws {
    try withRun { run in
      try damage(run + "/step-00000030")
      let saved = try Sample(step: 40).save(run, keeping: 2)
      #expect(try names(run) == ["step-00000020", "step-00000030.damaged", "step-00000040"])
      #expect(saved.undeleted.isEmpty)
      #expect(saved.setAside.map(\.path) == [run + "/step-00000030"])
      #expect(saved.setAside.map(\.place) == [run + "/step-00000030.damaged"])
      let reason = try #require(saved.setAside.first).reason
      #expect(reason.hasPrefix("\(run)/step-00000030/extra.bin: expected 3 bytes, found 1; "), "\(reason)")
      // It is no candidate any more, nor a leftover.
      let search = try Checkpoint.newest(in: run)
      #expect(search.checkpoint?.record.step == 40 && search.passedOver.isEmpty)
      #expect(try Sample(step: 50).save(run, keeping: 1).setAside.isEmpty)
      #expect(try names(run) == ["step-00000030.damaged", "step-00000050"])
    }
  }

  /// A link, a file and an empty directory with a checkpoint's name are no whole checkpoints either.
  @Test func whatIsNoCheckpointTakesNoPlace() throws {
    try withRun { run in
      try FileManager.default.createSymbolicLink(atPath: run + "/step-00000031", withDestinationPath: "step-00000030")
      try write([1], to: run + "/step-00000032")
      try FileManager.default.createDirectory(atPath: run + "/step-00000033", withIntermediateDirectories: true)
      try Sample(step: 40).save(run, keeping: 3)
      #expect(
        try names(run) == [
          "step-00000020", "step-00000030", "step-00000031.damaged", "step-00000032.damaged",
          "step-00000033.damaged", "step-00000040",
        ])
    }
  }

  /// Of one step one damaged form is kept, the last.
  @Test func aFormerDamagedOneIsReplaced() throws {
    try withRun { run in
      let place = run + "/step-00000030.damaged"
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
      try write([7], to: place + "/former")
      try damage(run + "/step-00000030")
      try Sample(step: 40).save(run)
      #expect(try names(place) == ["extra.bin", "model.safetensors", "run.json"])
      #expect(try names(run) == ["step-00000020", "step-00000030.damaged", "step-00000040"])
    }
  }

  /// What the store has verified, or saved itself, it does not read again.
  @Test func eachIsReadOnce() throws {
    try withRun { run in
      let store = try CheckpointStore(directory: run, keeping: 3)
      func save(_ step: Int) throws -> CheckpointStore.Saved {
        try store.save(Sample(step: step).contents, record: Sample(step: step).record)
      }
      #expect(try save(40).setAside.isEmpty)
      for step in ["step-00000030", "step-00000040"] { try damage("\(run)/\(step)") }
      #expect(try save(50).setAside.isEmpty)
      #expect(try names(run) == ["step-00000030", "step-00000040", "step-00000050"])
    }
  }

  /// One that this user may not read is neither taken for a whole one nor touched, be it new or old.
  @Test(arguments: ["", "run.json", "model.safetensors"])
  func anUnreadableOneStays(file: String) throws {
    try asNobody {
      try withRun { run in
        let paths = [10, 30].map { "\(run)/step-000000\($0)/\(file)" }
        for path in paths { #expect(chmod(path, 0) == 0) }
        let saved = try Sample(step: 40).save(run, keeping: 2)
        for path in paths { #expect(chmod(path, 0o700) == 0) }
        #expect(saved.undeleted.isEmpty && saved.setAside.isEmpty)
        #expect(try names(run) == ["step-00000010", "step-00000020", "step-00000030", "step-00000040"])
        #expect(try Sample(step: 30).matches(Checkpoint.load(run + "/step-00000030").checkpoint))
      }
    }
  }

  /// A damaged one whose name cannot be changed stays, takes no place, and is told of.
  @Test func aDamagedOneThatCannotBeMoved() throws {
    try withRun { run in
      let path = run + "/step-00000030"
      try damage(path)
      let saved = try Sample(step: 40).save(
        run, keeping: 2, files: FileSystem { $0.call == .rename && $0.path == path ? .error(EBUSY) : nil })
      #expect(saved.setAside.isEmpty)
      #expect(saved.undeleted.count == 1 && saved.undeleted[0].description.hasPrefix("\(path): rename: Device or"))
      #expect(try names(run) == ["step-00000020", "step-00000030", "step-00000040"])
    }
  }

  /// Of a step that was saved twice the damaged form is set aside, and the whole one counts.
  @Test func aReplacedOneCounts() throws {
    try withRun { run in
      let path = run + "/step-00000030"
      try FileManager.default.copyItem(atPath: path, toPath: path + ".replaced")
      try damage(path)
      try Sample(step: 40).save(run, keeping: 2)
      #expect(try names(run) == ["step-00000030.damaged", "step-00000030.replaced", "step-00000040"])
      try Sample(step: 50).save(run, keeping: 2)
      #expect(try names(run) == ["step-00000030.damaged", "step-00000040", "step-00000050"])
    }
  }
}
