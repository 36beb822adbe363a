import Checkpoints
import Diagnostics
import Foundation
import Tensors
import Testing

@Suite struct StoreTests {
  @Test func savesAndLoads() throws {
    try withTemporaryDirectory { directory in
      let run = directory + "/runs/a"
      let sample = Sample(step: 1200)
      let saved = try sample.save(run)
      #expect(saved.path == run + "/step-00001200")
      #expect(saved.undeleted.isEmpty)
      #expect(try names(saved.path) == ["extra.bin", "model.safetensors", "run.json"])
      #expect(
        saved.bytes == (try names(saved.path).reduce(0) { $0 + (try contents("\(saved.path)/\($1)").count) }))
      for path in [saved.path, run, run + "/"] {
        let (checkpoint, passedOver) = try Checkpoint.load(path)
        #expect(try sample.matches(checkpoint) && passedOver.isEmpty)
        #expect(checkpoint.record.files.count == 2)
        #expect(checkpoint.record.metrics["gone"]?.isNaN == true)
        #expect(checkpoint.record.classes == ["cat", "dög/\"x\""])
      }
      #expect(
        message(.badData) { _ = try Checkpoint.load(run).checkpoint.bytes(of: "other") }
          == "\(saved.path): expected a file \"other\", found [\"extra.bin\", \"model.safetensors\"]; "
          + "the checkpoint belongs to another kind of run")
    }
  }

  @Test func keepsTheLastFew() throws {
    try withTemporaryDirectory { run in
      let store = try CheckpointStore(directory: run, keeping: 3)
      for step in [0, 10, 20, 30, 100_000_000] {
        let sample = Sample(step: step)
        try store.save(sample.contents, record: sample.record)
      }
      // Step 0, which is saved on request alone, counts for none and stays.
      #expect(try names(run) == ["step-00000000", "step-00000020", "step-00000030", "step-100000000"])
      // A run taken up again at an earlier step neither deletes what it has just saved nor what came later.
      try store.save(Sample(step: 25).contents, record: Sample(step: 25).record)
      #expect(
        try names(run)
          == ["step-00000000", "step-00000020", "step-00000025", "step-00000030", "step-100000000"])
      #expect(try Checkpoint.newest(in: run).checkpoint?.record.step == 100_000_000)
    }
  }

  @Test func replacesTheSameStep() throws {
    try withTemporaryDirectory { run in
      try Sample(step: 5).save(run)
      let other = Sample(step: 5, variant: 1)
      try other.save(run)
      #expect(try names(run) == ["step-00000005"])
      #expect(try other.matches(Checkpoint.newest(in: run).checkpoint))
    }
  }

  @Test func tidiesUp() throws {
    try withTemporaryDirectory { run in
      let sample = Sample(step: 5)
      try sample.save(run)
      for name in [".step-00000006.partial-1", ".step-00000001.deleted-1", "step-00000005.replaced", "notes"] {
        try FileManager.default.copyItem(atPath: run + "/step-00000005", toPath: "\(run)/\(name)")
      }
      try FileManager.default.moveItem(atPath: run + "/step-00000005", toPath: run + "/step-00000004.replaced")
      #expect(try Checkpoint.newest(in: run).checkpoint?.path == run + "/step-00000005.replaced")
      _ = try CheckpointStore(directory: run, keeping: 2)
      #expect(try names(run) == ["notes", "step-00000004", "step-00000005"])
      #expect(try sample.matches(Checkpoint.newest(in: run).checkpoint))
    }
  }

  /// Of a step that was saved twice, the former one stays where the other is damaged: no copy may be left but it.
  @Test func tidyingLeavesTheWholeOne() throws {
    try withTemporaryDirectory { run in
      let sample = Sample(step: 5)
      let path = try sample.save(run).path
      try FileManager.default.copyItem(atPath: path, toPath: path + ".replaced")
      try write([1], to: path + "/extra.bin")
      let store = try CheckpointStore(directory: run, keeping: 1)
      #expect(try names(run) == ["step-00000005", "step-00000005.replaced"])
      let search = try Checkpoint.newest(in: run)
      #expect(try sample.matches(search.checkpoint))
      #expect(search.passedOver.map(\.path) == [path])
      // The next one makes both superfluous.
      try store.save(Sample(step: 6).contents, record: Sample(step: 6).record)
      #expect(try names(run) == ["step-00000006"])
    }
  }

  /// Two runs that start together: the other one makes the directory after we have seen that it is missing.
  @Test func anotherProcessMakesTheDirectory() throws {
    try withTemporaryDirectory { directory in
      let run = directory + "/runs/a"
      let files = FileSystem { operation in
        if operation.call == .mkdir { mkdir(operation.path, 0o777) }
        return nil
      }
      _ = try CheckpointStore(directory: run, keeping: 1, files: files)
      #expect(try names(run) == [])
      let other = FileSystem { operation in
        if operation.call == .mkdir { close(creat(operation.path, 0o666)) }
        return nil
      }
      #expect(
        message(.inputOutput) { _ = try CheckpointStore(directory: directory + "/file", keeping: 1, files: other) }
          .hasPrefix("\(directory)/file: mkdir: File exists; "))
    }
  }

  /// Links among what is tidied up or deleted go themselves; what they lead to stays.
  @Test func linksAreNotFollowed() throws {
    try withTemporaryDirectory { directory in
      let (run, elsewhere) = (directory + "/run", directory + "/elsewhere")
      for path in [run, elsewhere] {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      }
      try write([1], to: elsewhere + "/precious")
      for name in [".step-00000001.partial-1", "step-00000002", "step-00000003"] {
        try FileManager.default.createSymbolicLink(atPath: "\(run)/\(name)", withDestinationPath: elsewhere)
      }
      try Sample(step: 4).save(run, keeping: 1)
      #expect(try names(run) == ["step-00000004"])
      #expect(try names(elsewhere) == ["precious"])
    }
  }

  @Test func oneWriterAtATime() throws {
    try withTemporaryDirectory { run in
      let store = try CheckpointStore(directory: run, keeping: 2)
      #expect(
        message(.inputOutput) { _ = try CheckpointStore(directory: run, keeping: 2) }
          == "\(run): another process writes to this run directory; wait for it to end or choose another directory")
      withExtendedLifetime(store) {}
    }
  }

  @Test func nothingToLoad() throws {
    try withTemporaryDirectory { run in
      let cure = "; name a run directory or a checkpoint in it (…/step-00001200)"
      #expect(try Checkpoint.newest(in: run + "/none").checkpoint == nil)
      #expect(try Checkpoint.newest(in: run).checkpoint == nil)
      #expect(
        message(.missingInput) { _ = try Checkpoint.load(run + "/none") } == "\(run)/none: no such checkpoint\(cure)")
      #expect(message(.missingInput) { _ = try Checkpoint.load(run) } == "\(run): holds no checkpoint\(cure)")
      try write([1], to: run + "/file")
      #expect(
        message(.missingInput) { _ = try Checkpoint.load(run + "/file") } == "\(run)/file: expected a directory\(cure)")
    }
  }
}

@Suite struct DamageTests {
  /// Two checkpoints, of which `damage` spoils the newer; its reason for being passed over.
  func reason(_ damage: (_ path: String) throws -> Void) throws -> String {
    try withTemporaryDirectory { run in
      try Sample(step: 1).save(run)
      let path = try Sample(step: 2).save(run).path
      try damage(path)
      let search = try Checkpoint.newest(in: run)
      #expect(try Sample(step: 1).matches(search.checkpoint))
      #expect(search.passedOver.map(\.path) == [path])
      let reason = search.passedOver.first?.reason ?? ""
      #expect(reason.hasPrefix(path + "/"))
      let direct = message(reason.hasSuffix("No such file or directory") ? .missingInput : .badData) {
        _ = try Checkpoint.load(path)
      }
      #expect(direct == reason || reason.contains("expected step"))
      return String(reason.dropFirst(path.count + 1))
    }
  }

  @Test func named() throws {
    let cure = "; the file is damaged: take an earlier checkpoint or another copy"
    let length = try withTemporaryDirectory {
      try SafeTensors.write(Sample(step: 2).tensors, metadata: ["step": "2"], to: $0 + "/m").bytes
    }
    #expect(
      try reason { try write([1], to: $0 + "/model.safetensors") }
        == "model.safetensors: expected \(length) bytes, found 1\(cure)")
    let (old, new) = ([UInt8]([1, 2, 3]).digest, [UInt8]([1, 2, 4]).digest)
    #expect(
      try reason { try write([1, 2, 4], to: $0 + "/extra.bin") }
        == "extra.bin: expected sha256 \(old), found \(new)\(cure)")
    #expect(
      try reason { try FileManager.default.removeItem(atPath: $0 + "/extra.bin") }
        == "extra.bin: open: No such file or directory")
    #expect(
      try reason { try FileManager.default.removeItem(atPath: $0 + "/run.json") }
        == "run.json: open: No such file or directory")
    #expect(
      try reason { try write(Array("{\"format\": 4}".utf8), to: $0 + "/run.json") }
        == "run.json: expected format 1 to 3, found 4; read it with the version that wrote it")
    #expect(
      try reason { try write(Array("{\"format\": 1}".utf8), to: $0 + "/run.json") }
        == "run.json: expected its own checksum, found none; the file must stay as it was written")
    let deep = [UInt8](repeating: UInt8(ascii: "["), count: 1 << 20)
    #expect(
      try reason { try write(deep, to: $0 + "/run.json") }
        == "run.json: expected a JSON object with a format, found 1048576 bytes that are none")
    #expect(
      try reason {
        let other = $0.dropLast() + "1"
        try FileManager.default.removeItem(atPath: $0)
        try FileManager.default.copyItem(atPath: String(other), toPath: $0)
      } == "run.json: expected step 2, found 1")
  }

  /// A record that was forged with a right checksum still cannot name a file elsewhere.
  @Test func forgedNames() throws {
    for name in ["../step-00000001/extra.bin", "/etc/passwd", "..", ".", "", "a/b", "run.json"] {
      let reason = try reason { path in
        let text = String(decoding: try contents(path + "/run.json"), as: UTF8.self)
          .replacingOccurrences(of: "\"extra.bin\"", with: "\"\(name)\"")
        try write(resealed(Array(text.utf8)), to: path + "/run.json")
      }
      #expect(reason == "run.json: expected a plain file name, found \"\(name)\"")
    }
  }

  /// `run.json` with its checksum made right again.
  func resealed(_ bytes: [UInt8]) -> [UInt8] {
    let key = Array("\"checksum\" : \"sha256:".utf8)
    let start = bytes.firstRange(of: key)!.upperBound
    var bytes = bytes
    bytes.replaceSubrange(start..<start + 64, with: repeatElement(UInt8(ascii: "0"), count: 64))
    bytes.replaceSubrange(start..<start + 64, with: Array(bytes.digest.utf8))
    return bytes
  }

  /// Every length that a torn file can have, and every byte that a disk can spoil.
  @Test(arguments: ["run.json", "model.safetensors", "extra.bin"])
  func tornAndFlipped(file: String) throws {
    try withTemporaryDirectory { run in
      let path = try Sample(step: 2).save(run).path
      let whole = try contents("\(path)/\(file)")
      func isPassedOver(_ bytes: [UInt8]) throws -> Bool {
        try write(bytes, to: "\(path)/\(file)")
        let search = try Checkpoint.newest(in: run)
        return search.checkpoint == nil && search.passedOver.count == 1
          && search.passedOver[0].reason.hasPrefix("\(path)/\(file): ")
      }
      for length in whole.indices { #expect(try isPassedOver(Array(whole[..<length])), "cut to \(length)") }
      for index in whole.indices {
        for mask: UInt8 in [1, 0x20, 0x80] {
          var bytes = whole
          bytes[index] ^= mask
          #expect(try isPassedOver(bytes), "byte \(index) changed by \(mask)")
        }
      }
      #expect(try isPassedOver(whole + [0]))
      try write(whole, to: "\(path)/\(file)")
      #expect(try Sample(step: 2).matches(Checkpoint.newest(in: run).checkpoint))
    }
  }
}

extension [UInt8] {
  fileprivate var digest: String { withUnsafeBytes(Digest.init(of:)).hex }
}
