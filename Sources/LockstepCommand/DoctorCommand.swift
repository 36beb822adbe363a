import ArgumentParser
import Doctor
import Foundation
import Lockstep
import MPICommunication

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Look at hosts, ranks and data before a training: what would fail, and what would be slow.",
    discussion: """
      Start it as the training is meant to be started:
        mpirun --hostfile hosts -np 8 lockstep doctor /shared/run.yaml

      Each finding says what, where, why it matters, and the cure.
      Exit codes: 0 nothing grave was found, 69 something was.
      """)

  @Argument(help: ArgumentHelp("A recipe's name, or a YAML file: its data are read.", valueName: "recipe-or-file"))
  var recipe: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Override a setting.", valueName: "key.path=value"))
  var overrides: [String] = []

  @Option(name: .shortAndLong, help: ArgumentHelp("The run directory (default: runs/NAME).", valueName: "dir"))
  var output: String?

  @Flag(help: "Print one JSON object: findings, ranks, pace, instructionSet.")
  var json = false

  func validate() throws {
    try refuseEmpty(recipe, "<recipe-or-file>")
    try refuseEmpty(output, "--output")
    if recipe == nil, !overrides.isEmpty { throw ValidationError("--set needs a recipe or a file") }
  }

  func run() throws {
    StopSignals.ignoreFailedWrites()
    let asked = [Asked("<recipe-or-file>", recipe), Asked("--output", output), Asked("--json", flag: json)]
    let watchdog = Watchdog(seconds: RunConfiguration.watchdogSeconds(overrides: overrides))
    onEveryRank("doctor", asked, watchdog: watchdog) { world in
      let doctor = try Doctor(
        world, watchdog: watchdog, mpi: mpiLibrary(), transport: MPITransport.chosen().description)
      let report = try doctor.examine(.init(recipe: recipe, overrides: overrides, output: output))
      try world.agree {
        if world.rank == 0 { try writeStandardOutput(result: json ? report.json : report.text) }
      }
      return report.exitCode
    }
  }
}
