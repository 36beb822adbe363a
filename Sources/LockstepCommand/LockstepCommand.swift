import ArgumentParser
import Lockstep

/// The command line: `lockstep train`, `launch`, `evaluate`, `predict`, `generate`, `inspect`, `bench`.
@main
struct LockstepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lockstep",
    abstract: "Trains neural networks in lockstep: the same weights, bit for bit, on any number of ranks.",
    discussion: """
      Start training under mpirun, one process a rank:
        mpirun -np 2 lockstep train fashion-mnist

      Exit codes: 0 done, 64 usage, 65 bad data, 66 missing input,
      69 unavailable, 70 internal, 71 restarts used up, 74 input or output,
      75 stopped on request with a checkpoint, 76 no progress, 78 bad configuration.
      """,
    version: lockstepVersion,
    subcommands: [
      Train.self, Launch.self, Doctor.self, Evaluate.self, Predict.self, Generate.self, Inspect.self, Verify.self,
      AuditCommand.self, Bench.self, BenchRank.self, Hear.self,
    ])

  /// Parses and runs; every error leaves by one line and its exit code.
  static func main() {
    var command: any ParsableCommand
    do {
      command = try parseAsRoot()
    } catch {
      exit(withError: error)
    }
    do {
      try command.run()
    } catch  where exitCode(for: error).isSuccess {
      exit(withError: error)  // The command is `help`, which prints by throwing.
    } catch {
      complain(Failure(reporting: error))
    }
  }
}
