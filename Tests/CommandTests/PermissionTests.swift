import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// What this user may not read or remove is told of, and no reason to end where something whole is left.
  @Suite(.serialized) struct PermissionTests {
    private static let settings = ["two-class", "--set", "epochs=2"]
    let folder: Folder
    let expected: String

    init() throws {
      folder = try Folder()
      expected = try digest(Self.settings + ["-q", "-o", folder["run"]])
      #expect(checkpoints(folder, "run") == [64, 128])
      // The superuser may do everything, so this needs somebody else.
      _ = try run("chown", ["-R", "65534", folder.path], deadline: 20)
    }

    /// Runs the command as somebody without privileges; nil where that is not possible.
    private func asSomebody(_ arguments: [String]) throws -> Ended? {
      let program = try builtProduct("lockstep")
      guard getuid() == 0 else {
        return withoutCrowding(try run(program, arguments, directory: folder.path, deadline: 60))
      }
      let become = ["--reuid=65534", "--regid=65534", "--clear-groups", program]
      guard try run("setpriv", become + ["--version"], deadline: 20).code == 0 else { return nil }
      return withoutCrowding(try run("setpriv", become + arguments, directory: folder.path, deadline: 60))
    }

    private func resume(_ more: [String] = []) throws -> Ended? {
      try asSomebody(["train"] + Self.settings + more + ["-q", "-o", folder["run"], "--resume"])
    }

    private func allow(_ permissions: Int, _ name: String) throws {
      try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: folder[name])
    }

    @Test(arguments: ["step-00000128/model.safetensors", "step-00000128/run.json", "step-00000128"])
    func anUnreadableCheckpointIsPassedOver(name: String) throws {
      try allow(0, "run/\(name)")
      // Owners may change what they made: the folder has to go.
      defer { for name in folder.names("run") { try? allow(0o755, "run/\(name)") } }
      let told = "\(folder["run/\(name)"]): open: Permission denied; allow this user to read it"
      let note = "note: passed over a checkpoint that this user may not read, \(folder["run/step-00000128"]): \(told)"
      guard let evaluated = try asSomebody(["evaluate", folder["run"]]) else {
        return notTested(
          "an unreadable checkpoint", because: "setpriv is missing, or others may not enter the build folder")
      }
      #expect(evaluated.code == 0 && evaluated.output.contains("step-00000064 on "), "\(evaluated.errors)")
      #expect(evaluated.errors.hasPrefix(note) && !evaluated.errors.contains("damaged"), "\(evaluated.errors)")
      // Named itself, it is not passed over; nor is it where its steps would be thrown away.
      expectComplaint(66, told, try #require(try asSomebody(["inspect", folder["run/step-00000128"]])))
      try FileManager.default.moveItem(atPath: folder["run/step-00000064"], toPath: folder["kept"])
      expectComplaint(66, told, try #require(try resume()))
      try FileManager.default.moveItem(atPath: folder["kept"], toPath: folder["run/step-00000064"])

      let ended = try #require(try resume())
      #expect(ended.code == 0 && lines(ended.output).last == "digest \(expected)", "\(ended.errors)")
      #expect(ended.errors.hasPrefix(note) && !ended.errors.contains("damaged"), "\(ended.errors)")
      #expect(checkpoints(folder, "run") == [64, 128])
    }

    /// What another user's crashed run left stays where it is.
    @Test(arguments: [".step-00000064.deleted-1", ".step-00000192.partial-1"])
    func aLeftoverOfSomebodyElseStays(name: String) throws {
      guard getuid() == 0 else {
        return notTested("a leftover of another user", because: "to make one needs the superuser")
      }
      try folder.copy("run/step-00000064", to: "run/\(name)")
      _ = try run("chown", ["-R", "0", folder["run/\(name)"]], deadline: 20)
      try allow(0o700, "run/\(name)")
      guard let ended = try resume(["--set", "epochs=3"]) else {
        return notTested(
          "a leftover of another user", because: "setpriv is missing, or others may not enter the build folder")
      }
      #expect(ended.code == 0 && checkpoints(folder, "run") == [64, 128, 192], "\(ended.errors)")
      #expect(lines(ended.errors).count == 1, "\(ended.errors)")
      #expect(
        ended.errors.hasPrefix(
          "note: what an earlier process left could not be tidied up: \(folder["run/\(name)"]): open: Permission"),
        "\(ended.errors)")
      #expect(leftovers(folder, "run") == [name])
    }
  }
}
