import Checkpoints
import Diagnostics
import Foundation
import Host
import Tensors

/// Trains the same few steps on several numbers of ranks and lanes, killed and resumed too, and compares every bit.
package struct Verification {
  /// One way to train.
  package struct Case: Sendable, CustomStringConvertible {
    package let ranks: Int
    package let lanes: Int
    /// Whether a rank is killed on the way, and the run goes on with another number of ranks.
    package let isKilled: Bool

    package init(ranks: Int, lanes: Int, isKilled: Bool = false) {
      (self.ranks, self.lanes, self.isKilled) = (ranks, lanes, isKilled)
    }

    package var description: String {
      "\(count(ranks, "rank")) × \(count(lanes, "lane"))\(isKilled ? ", killed" : "")"
    }
  }

  /// What came of one.
  package struct Outcome: Sendable {
    package let digest: String
    /// Where it left the first case's way: `from step 3, slot 1.weight on`; nil where every bit is the same.
    package let difference: String?
  }

  private let program: String
  /// `train`'s recipe and settings.
  private let arguments: [String]
  private let steps: Int
  private let hostfile: String?
  private let seed: UInt64
  private let directory: String
  private var reference: TrainedRun?

  /// - Parameters:
  ///   - directory: an existing directory for the runs.
  ///   - seed: draws who is killed, and when.
  package init(
    program: String, recipe: String, overrides: [String], steps: Int, hostfile: String?, seed: UInt64, directory: String
  ) {
    (self.program, self.steps, self.hostfile) = (program, steps, hostfile)
    (self.seed, self.directory) = (seed, directory)
    let settings =
      overrides + [
        "stop-after=\(steps)", "checkpoint-every=1", "keep-checkpoints=\(steps + 1)", "evaluate-every=1000000",
        "observers=[]",
      ]
    arguments = [recipe, "--quiet"] + settings.flatMap { ["--set", $0] }
  }

  /// Trains it, and compares with the first that was trained.
  package mutating func run(_ way: Case, number: Int) throws -> Outcome {
    let output = "\(directory)/\(number)"
    if way.isKilled { try trainUntilKilled(way, number, output) }
    // Those that were killed go on with one rank more or less.
    let ranks = way.isKilled ? (way.ranks > 1 ? way.ranks - 1 : 2) : way.ranks
    let child = try start(ranks, lanes: way.lanes, output, resume: way.isKilled)
    try Self.requireEnd(of: child, [0, ExitCode.stopped.rawValue], at: "\(way)")
    let trained = try TrainedRun(output)
    guard let reference else {
      reference = trained
      return Outcome(digest: trained.digest, difference: nil)
    }
    return Outcome(digest: trained.digest, difference: try trained.difference(from: reference))
  }

  /// Trains a recipe to its end under mpirun; throws where the ranks end otherwise.
  package static func train(
    _ program: String, recipe: String, overrides: [String], output: String, ranks: Int
  ) throws {
    let words =
      [program, "train", recipe, "--quiet", "--output", output]
      + (overrides + ["observers=[]"]).flatMap { ["--set", $0] }
    let child = try ChildProcess(MPIRun(ranks: ranks, hostfile: nil).words(words), isSilent: true)
    try requireEnd(of: child, [0], at: recipe)
  }

  /// Waits for ranks, and throws with their exit code, behind their words, where that is none of `codes`.
  private static func requireEnd(of child: ChildProcess, _ codes: [Int32], at place: String) throws {
    let (code, lines) = child.end(within: .infinity)
    guard !codes.contains(code) else { return }
    // Where the ranks say one thing, that is enough, without what mpirun has to say about it.
    let said = lines.compactMap { $0.wholeMatch(of: #/(?:lockstep|rank [0-9]+ on [^ :]+): (.*)/#).map { String($0.1) } }
    let distinct = Set(said.filter { !$0.hasPrefix("MPI_") })
    if let only = distinct.first, distinct.count == 1 { throw Failure(ExitCode(rawValue: code) ?? .internal, only) }
    for line in lines { writeStandardError(line: line) }
    throw Failure(
      ExitCode(rawValue: code) ?? .internal, at: place, "the ranks ended with exit code \(code)",
      cure: "see their message above")
  }

  private func start(_ ranks: Int, lanes: Int, _ output: String, resume: Bool) throws -> ChildProcess {
    let words = [program, "train"] + arguments + ["--set", "lanes=\(lanes)", "--output", output]
    let launcher = MPIRun(ranks: ranks, hostfile: hostfile)
    return try ChildProcess(launcher.words(words + (resume ? ["--resume"] : [])), isSilent: true)
  }

  /// - Throws: unavailable (69) where the processes of this host are not shown, so that no rank can be killed.
  package static func requireProcesses() throws {
    guard access("/proc/\(getpid())/environ", R_OK) == 0 else {
      throw Failure(
        .unavailable, at: "/proc", "expected the processes of this host, to kill one, found none",
        cure: "mount /proc, or leave --kill out")
    }
  }

  /// Kills a drawn rank of this host by SIGKILL once a drawn step has its checkpoint.
  private func trainUntilKilled(_ way: Case, _ number: Int, _ output: String) throws {
    let draw = Philox(seed: seed, purpose: .data).block(stream: UInt64(number), index: 0)
    let step = 1 + Int(draw.x) % max(1, steps - 1)
    let child = try start(way.ranks, lanes: way.lanes, output, resume: false)
    while child.code == nil {
      _ = child.lines(within: 0.005)
      guard try (Checkpoint.newestStep(in: output) ?? 0) >= step else { continue }
      let ranks = Self.processes(of: output)
      if !ranks.isEmpty { kill(ranks[Int(draw.y) % ranks.count], SIGKILL) }
      break
    }
    _ = child.end(within: 30)
  }

  /// The ranks of this host that train into a directory.
  private static func processes(of output: String) -> [pid_t] {
    HostProcess.all().filter { process in
      process.arguments.contains(output)
        && !Set(process.variables.keys).isDisjoint(with: [LauncherVariables.openMPIRank, LauncherVariables.pmiRank])
    }.map { pid_t($0.identifier) }
  }
}
