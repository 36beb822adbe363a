import Foundation
import TestSupport
import Testing

extension DisturbedCommandTests {
  /// The batch script, with stand-ins for Slurm's own commands: srun is mpirun here, and scontrol a note in a file.
  ///
  /// `scripts/check-slurm` does the same, and more, with a real Slurm.
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
      try folder.writeProgram(
        "srun", "#!/bin/sh\nshift 3\nexec mpirun --oversubscribe --allow-run-as-root -np 2 \"$@\"\n")
      try folder.writeProgram(
        "scontrol",
        """
        #!/bin/sh
        if [ "$1" = show ]; then echo "   ${JOB:-JobState=RUNNING Reason=None}"; else echo "$@" >>"$0.log"; fi

        """)
      // Like a training that has nothing to do but to wait for a signal, on a single rank.
      try folder.writeProgram(
        "waiting", "#!/bin/sh\ntrap 'exit 75' USR1\necho start >>\"$0.log\"\nwhile true; do sleep 0.05; done\n")
      try folder.writeProgram("failing", "#!/bin/sh\necho start >>\"$0.log\"\nexit 71\n")
      try folder.writeProgram("direct", "#!/bin/sh\nshift 3\nexec \"$@\"\n")
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

    /// A rank dies, the job does not: the next attempt goes on from the newest checkpoint to the same bits.
    @Test func aJobWhoseTaskDiesGoesOn() throws {
      let expected = try digest(Self.recipe + ["-q", "-o", folder["alone"]])
      let job = Job(
        Self.script, Self.recipe + ["--set", "checkpoint-every=40", "-o", folder["run"]], environment: environment,
        output: folder["run"], deadline: 300)
      while !job.hasEnded, !folder.names("run").contains(where: { $0.hasPrefix("step-") }) { usleep(2000) }
      kill(try #require(job.ranks()[1]), SIGKILL)
      let done = try job.wait()
      #expect(done.code == 0, "\(done.errors)")
      #expect(lines(done.output).last == "digest \(expected)")
      #expect(done.errors.contains("; going on from step-") && done.output.contains("resumed after step"))
      #expect(!folder.exists("scontrol.log"))
    }

    /// What Slurm says of the job decides, and the signal: who cancels a job does not want to see it again.
    @Test(arguments: [
      (SIGUSR1, "JobState=RUNNING Reason=None", true), (SIGTERM, "JobState=RUNNING Reason=None", false),
      (SIGUSR1, "JobState=COMPLETING Reason=None", false), (SIGTERM, "JobState=COMPLETING Reason=None", false),
      (SIGTERM, "JobState=COMPLETING Reason=TimeLimit", true),
    ])
    func onlyAJobThatShallGoOnIsQueuedAgain(signal: Int32, state: String, isQueued: Bool) throws {
      try folder.remove("srun")
      try folder.copy("direct", to: "srun")
      let job = Job(
        Self.script, ["two-class", "-o", folder["run"]],
        environment: environment.merging(["LOCKSTEP": folder["waiting"], "JOB": state]) { $1 },
        output: folder["run"], deadline: 120)
      while !job.hasEnded, !folder.exists("waiting.log") { usleep(2000) }
      kill(try #require(job.process { $0.contains(Self.script) }), signal)
      let ended = try job.wait()
      #expect(ended.code == 75, "\(ended.errors)")
      #expect(ended.errors.hasSuffix(isQueued ? "train.sbatch: queued again\n" : "not queued again\n"))
      #expect(folder.exists("scontrol.log") == isQueued)
    }

    @Test func aJobThatDoesNotGetOnEnds() throws {
      try folder.remove("srun")
      try folder.copy("direct", to: "srun")
      let ended = try run(
        Self.script, ["two-class", "-o", folder["run"]],
        environment: environment.merging(["LOCKSTEP": folder["failing"]]) { $1 }, deadline: 60)
      #expect(ended.code == 71)
      #expect(
        lines(ended.errors).last == "train.sbatch: ended with 71, the third time in a row without a newer checkpoint")
      #expect(try folder.text("failing.log") == "start\nstart\nstart\n")
      #expect(!folder.exists("scontrol.log"))
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
