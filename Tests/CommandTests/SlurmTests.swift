import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// The batch script, with stand-ins for Slurm's own commands: srun is mpirun here, and scontrol a note in a file.
  @Suite(.serialized) struct SlurmTests {
    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../scripts/slurm/train.sbatch").standardized.path
    private static let recipe = [
      "two-class", "--set", "model=[dense: 256, relu, dense: 256, relu, dense: 2]", "--set",
      "data.two-class.train=65536", "--set", "epochs=2", "--set", "log-every=20",
    ]
    let folder: Folder
    let environment: [String: String]

    init() throws {
      folder = try Folder()
      try folder.write(
        "srun", "#!/bin/sh\nshift 3\nexec mpirun --oversubscribe --allow-run-as-root -np 2 \"$@\"\n")
      try folder.write("scontrol", "#!/bin/sh\necho \"$@\" >>\"$0.log\"\n")
      for name in ["srun", "scontrol"] {
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder[name])
      }
      environment = [
        "PATH": "\(folder.path):\(ProcessInfo.processInfo.environment["PATH"] ?? "")", "SLURM_JOB_ID": "4711",
        "LOCKSTEP": try builtProduct("lockstep"), "OMPI_ALLOW_RUN_AS_ROOT": "1",
        "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "SLURM_NTASKS_PER_NODE": "2",
        "OMPI_MCA_rmaps_base_oversubscribe": "1",
      ]
    }

    /// The time is nearly up: a checkpoint, 75, back into the queue; then the same script goes on to the same bits.
    @Test(arguments: ["srun", "mpirun"])
    func aJobWhoseTimeIsUpIsQueuedAgain(launcher: String) throws {
      let expected = try digest(Self.recipe + ["-q", "-o", folder["alone"]])
      let environment = environment.merging(["LAUNCHER": launcher]) { $1 }
      func submit() -> Job {
        Job(
          Self.script, Self.recipe + ["-o", folder["run"]], environment: environment, output: folder["run"],
          deadline: 120)
      }
      let first = submit()
      try first.waitForSteps()
      kill(try #require(first.process { $0.contains(Self.script) }), SIGUSR1)
      let stopped = try first.wait()
      #expect(stopped.code == 75, "\(stopped.output)\(stopped.errors)")
      #expect(try folder.text("scontrol.log") == "requeue 4711\n")

      let done = try submit().wait()
      #expect(done.code == 0, "\(done.errors)")
      #expect(lines(done.output).last == "digest \(expected)")
      #expect(try folder.text("scontrol.log") == "requeue 4711\n")
    }

    @Test func mistakesAreNotQueuedAgain() throws {
      let missing = try run(Self.script, [folder["no.yaml"]], environment: environment, deadline: 60)
      #expect(missing.code == 66, "\(missing.errors)")
      let unknown = try run(
        Self.script, Self.recipe, environment: environment.merging(["LAUNCHER": "rsh"]) { $1 }, deadline: 60)
      #expect(unknown.code == 64 && unknown.errors == "train.sbatch: expected LAUNCHER=srun or mpirun, found rsh\n")
      #expect(!folder.exists("scontrol.log"))
    }
  }
}
