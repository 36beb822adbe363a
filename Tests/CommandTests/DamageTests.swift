import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// Checkpoints that are damaged, half-written, or of another run.
  @Suite(.serialized) struct DamageTests {
    /// Three epochs of 16 steps, a checkpoint each.
    private static let settings = ["two-class", "--set", "data.two-class.train=1024", "--set", "epochs=3"]
    let folder: Folder
    let expected: String

    init() throws {
      folder = try Folder()
      expected = try digest(Self.settings + ["-q", "-o", folder["run"]])
    }

    private func resume(ranks: Int? = nil, _ more: [String] = []) throws -> Ended {
      try lockstep(["train"] + Self.settings + more + ["-q", "-o", folder["run"], "--resume"], ranks: ranks)
    }

    private func damage(_ file: String, _ change: (inout [UInt8]) -> Void) throws {
      var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder["run/\(file)"])))
      change(&bytes)
      try folder.write("run/\(file)", bytes)
    }

    @Test(arguments: [
      "model.safetensors", "optimizer.safetensors", "standardisation.safetensors", "run.json",
    ])
    func aDamagedFileIsPassedOver(name: String) throws {
      let file = "step-00000048/\(name)"
      try damage(file) { $0[$0.count / 2] ^= 1 }
      // Whoever names it is told; whoever names the run gets the one before.
      expectComplaint(65, name, try lockstep(["evaluate", folder["run/step-00000048"]]))
      let inspected = try lockstep(["inspect", folder["run"]])
      #expect(inspected.code == 0 && inspected.output.contains("step-00000032: after step 32"))

      let ended = try resume(ranks: 2)
      #expect(ended.code == 0, "\(ended.errors)")
      let notes = lines(ended.errors).filter { $0.hasPrefix("note: ") }
      #expect(notes.count == 1, "\(notes)")
      #expect(
        notes.first?.hasPrefix("note: passed over a damaged checkpoint, \(folder["run/step-00000048"]): ") == true)
      #expect(notes.first?.contains(file) == true)
      #expect(lines(ended.output).last == "digest \(expected)")
      #expect(try lockstep(["evaluate", folder["run/step-00000048"]]).code == 0, "replaced by a whole one")
    }

    @Test func cutOffAndMissingFilesArePassedOver() throws {
      try damage("step-00000048/model.safetensors") { $0.removeLast(5) }
      try folder.remove("run/step-00000032/run.json")
      let ended = try resume()
      #expect(lines(ended.errors).count == 2, "\(ended.errors)")
      #expect(lines(ended.output).last == "digest \(expected)")
    }

    /// It is kept beside the whole ones, of which none has to go for it.
    @Test func aDamagedCheckpointIsSetAside() throws {
      try damage("step-00000032/model.safetensors") { $0[9] ^= 1 }
      let ended = try resume(["--set", "epochs=4"])
      #expect(ended.code == 0, "\(ended.errors)")
      let path = folder["run/step-00000032"]
      let note = "note: set aside a damaged checkpoint, \(path), as \(path).damaged: \(path)/model.safetensors: "
      #expect(lines(ended.errors).count == 1 && ended.errors.hasPrefix(note), "\(ended.errors)")
      #expect(
        folder.names("run").filter { $0.contains("step-") }
          == ["step-00000016", "step-00000032.damaged", "step-00000048", "step-00000064"])
    }

    /// What a crash leaves behind while a checkpoint is being written.
    @Test func aHalfWrittenCheckpointIsIgnoredAndRemoved() throws {
      try folder.remove("run/step-00000048")
      try folder.copy("run/step-00000032", to: "run/.step-00000048.partial-1")
      try folder.remove("run/.step-00000048.partial-1/run.json")
      let ended = try resume(ranks: 3)
      #expect(ended.code == 0 && lines(ended.output).last == "digest \(expected)")
      #expect(lines(ended.errors) == [])
      #expect(leftovers(folder, "run") == [])
      #expect(checkpoints(folder, "run") == [16, 32, 48])
    }

    @Test(arguments: [nil, 2])
    func nothingWholeIsLeft(ranks: Int?) throws {
      for step in checkpoints(folder, "run") {
        try damage(String(format: "step-%08d/model.safetensors", step)) { $0[9] ^= 1 }
      }
      let before = folder.names("run")
      let ended = try resume(ranks: ranks)
      #expect(lines(ended.errors).filter { $0.hasPrefix("note: ") }.count == 3)
      expectComplaint(
        65, "\(folder["run"]): no whole checkpoint is left to resume from; start anew in another", ended, besides: 3)
      #expect(folder.names("run") == before)
      expectComplaint(65, "all 3 checkpoints are damaged", try lockstep(["inspect", folder["run"]]))
    }

    @Test(arguments: [
      ("model.0.dense=17", "belongs to another run: expected model as it was (units: 16), found units: 17"),
      ("optimizer=sgd", "belongs to another run: expected optimizer as it was (adam:), found sgd:"),
      ("seed=5", "expected seed as it was (seed: 1), found seed: 5; restore the setting, or start anew"),
    ])
    func aCheckpointOfAnotherRun(change: String, message: String) throws {
      let before = folder.names("run")
      expectComplaint(78, message, try resume(["--set", change]))
      expectComplaint(78, message, try resume(ranks: 2, ["--set", change]))
      #expect(folder.names("run") == before)
    }

    @Test func aRunIsNotOverwritten() throws {
      let ended = try lockstep(["train"] + Self.settings + ["-o", folder["run"]], ranks: 2)
      expectComplaint(64, "holds checkpoints of an earlier run; go on with it by --resume", ended)
      #expect(checkpoints(folder, "run") == [16, 32, 48])
    }
  }
}
