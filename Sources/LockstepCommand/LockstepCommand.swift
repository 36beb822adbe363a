import ArgumentParser
import Foundation
import Lockstep

/// The command line: `lockstep train`, `launch`, `evaluate`, `predict`, `generate`, `inspect`, `kinds`, `bench`.
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
      Train.self, Launch.self, Doctor.self, Evaluate.self, Predict.self, Generate.self, Inspect.self, KindsCommand.self,
      Verify.self, AuditCommand.self, Bench.self, BenchRank.self, Hear.self,
    ])

  /// Parses and runs; every error leaves by one line and its exit code.
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    var command: any ParsableCommand
    do {
      command = try parseAsRoot(joiningNegativeNumbers(arguments))
    } catch {
      leave(error, Hints(arguments: arguments))
    }
    do {
      try command.run()
    } catch  where exitCode(for: error).isSuccess {
      exit(withError: error)  // The command is `help`, which prints by throwing.
    } catch {
      complain(Failure(reporting: error))
    }
  }

  /// Ends as the parser would, with a hint where we know better than it.
  private static func leave(_ error: any Error, _ hints: Hints) -> Never {
    guard !exitCode(for: error).isSuccess, let hint = hints.hint(for: message(for: error)) else {
      exit(withError: error)
    }
    var lines = fullMessage(for: error).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    lines[0] = lines[0].replacing(#/\. Did you mean .*/#, with: "") + "; \(hint)"
    for line in lines { writeStandardError(line: line) }
    Foundation.exit(exitCode(for: error).rawValue)
  }
}
