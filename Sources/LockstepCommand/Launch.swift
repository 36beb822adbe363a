import ArgumentParser
import Foundation
import Lockstep
import Supervision

struct Launch: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Start a training under mpirun, and go on from its newest checkpoint when a rank or a host dies.",
    usage: "lockstep launch -n <ranks> [--hostfile <file>] [<options>] -- train <recipe-or-file> …",
    discussion: """
      When a rank or a host dies, the training goes on from the newest whole
      checkpoint with the hosts that answer. The result is the same, bit for bit.
      New lines of the hostfile count at the next restart; a host that failed
      three times is left out. The run directory must be on a file system that
      all hosts share. mpirun reaches the hosts by ssh, or as the environment
      variable OMPI_MCA_plm_rsh_agent says.

      SIGTERM, SIGINT, SIGUSR1 and SIGHUP stop the run with a checkpoint.

      Exit codes: those of train. Not tried again: 64, 65, 66, 78, and 75 (stopped
      on request). 69: fewer than --min ranks have a host.
      71: no restart of --max-restarts came to a newer checkpoint.
      """)

  @Option(
    name: [.customShort("n"), .customLong("ranks")],
    help: ArgumentHelp("How many ranks to start, where there are hosts for them.", valueName: "ranks"))
  var ranks: Int

  @Option(help: ArgumentHelp("The hosts, one a line: node01 slots=2 (default: this host alone).", valueName: "file"))
  var hostfile: String?

  @Option(name: .customLong("min"), help: ArgumentHelp("The fewest ranks to go on with.", valueName: "ranks"))
  var least = 1

  @Option(help: ArgumentHelp("Restarts in a row without a newer checkpoint.", valueName: "count"))
  var maxRestarts = 3

  @Option(
    help: ArgumentHelp("Seconds before the first restart; then twice as many each time.", valueName: "seconds"))
  var backoff = 1.0

  @Argument(parsing: .postTerminator, help: ArgumentHelp("train and its arguments.", valueName: "command"))
  var command: [String]

  func validate() throws {
    try refuseEmpty(hostfile, "--hostfile")
    guard (1...MPIRun.mostRanks).contains(ranks) else {
      throw ValidationError("-n expects a number in 1...\(MPIRun.mostRanks), found \(ranks)")
    }
    guard (1...ranks).contains(least) else {
      throw ValidationError("--min expects a number in 1...\(ranks), found \(least)")
    }
    guard maxRestarts >= 0 else { throw ValidationError("--max-restarts expects 0 or more, found \(maxRestarts)") }
    guard backoff >= 0, backoff.isFinite else {
      throw ValidationError("--backoff expects seconds of 0 or more, found \(backoff)")
    }
    guard command.first == "train" else {
      throw ValidationError("expected: lockstep launch -n \(ranks) -- train RECIPE, found \(command)")
    }
    do { _ = try train } catch { throw ValidationError(Train.message(for: error)) }
  }

  /// The training as its own command line says.
  private var train: Train { get throws { try Train.parse(Array(command.dropFirst())) } }

  func run() throws {
    try requireAlone("launch")
    StopSignals.ignoreFailedWrites()
    let train = try train
    let directory = try RunConfiguration.directory(
      recipe: train.recipe, overrides: train.overrides, output: train.output)
    let patience = RunConfiguration.watchdogSeconds(overrides: train.overrides)
    var options = Supervisor.Options(ranks: ranks)
    options.least = least
    options.hostfile = hostfile
    options.maxRestarts = maxRestarts
    options.backOff = BackOff(first: backoff)
    options.startLimit = patience > 0 ? Watchdog.startLimit(seconds: patience) : nil
    let supervisor = Supervisor(
      options, command: [try ownProgram()] + command.filter { $0 != "--resume" }, directory: directory,
      environment: ProcessInfo.processInfo.environment)
    let code = try supervisor.run(resumes: train.resume) { writeStandardError(line: "launch: \($0)") }
    Foundation.exit(code)
  }
}
