import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// A checkpoint that somebody may not read is not damaged: to pass it over would throw its steps away.
  @Suite(.serialized) struct PermissionTests {
    @Test(arguments: ["step-00000128/model.safetensors", "step-00000128/run.json", "step-00000128"])
    func anUnreadableCheckpointIsCalledSo(name: String) throws {
      let folder = try Folder()
      try digest(["two-class", "-q", "-o", folder["run"], "--set", "epochs=2"])
      #expect(checkpoints(folder, "run").max() == 128)
      let program = try builtProduct("lockstep")
      // The superuser may read everything, so this needs somebody else.
      _ = try run("chown", ["-R", "65534", folder.path], deadline: 20)
      try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: folder["run/\(name)"])
      let become = ["--reuid=65534", "--regid=65534", "--clear-groups"]
      let isSuperuser = getuid() == 0
      if isSuperuser, try run("setpriv", become + [program, "--version"], deadline: 20).code != 0 {
        return notTested(
          "an unreadable checkpoint", because: "setpriv is missing, or others may not enter the build folder")
      }
      for arguments in [
        ["train", "two-class", "-o", folder["run"], "--set", "epochs=2", "--resume"], ["evaluate", folder["run"]],
        ["inspect", folder["run/step-00000128"]],
      ] {
        let command = [program] + arguments
        let ended =
          isSuperuser
          ? try run("setpriv", become + command, directory: folder.path, deadline: 60)
          : try run("env", command, directory: folder.path, deadline: 60)
        expectComplaint(66, "\(folder["run/\(name)"]): open: Permission denied; allow this user to read it", ended)
        #expect(!ended.errors.contains("damaged"), "\(ended.errors)")
      }
      // Owners may change what they made: the folder has to go.
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder["run/\(name)"])
    }
  }
}
