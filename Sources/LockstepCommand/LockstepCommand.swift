import ArgumentParser
import Lockstep

/// The command line: `lockstep train`, `evaluate`, `predict`, `inspect`.
@main
struct LockstepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lockstep",
    abstract: "Trains neural networks in lockstep: the same weights, bit for bit, on any number of ranks.",
    discussion: """
      Start training under mpirun, one process a rank:
        mpirun -np 2 lockstep train fashion-mnist

      Exit codes: 0 done, 64 usage, 65 bad data, 66 missing input,
      69 unavailable, 70 internal, 74 input or output,
      75 stopped on request with a checkpoint, 78 bad configuration.
      """,
    version: lockstepVersion,
    subcommands: [Train.self, Evaluate.self, Predict.self, Inspect.self])

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
