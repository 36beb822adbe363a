import ArgumentParser
import Foundation
import Lockstep
import MPICommunication

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a network, alone or as one rank of mpirun.",
    discussion: "Recipes: \(Recipes.names.joined(separator: ", ")).")

  @Argument(help: ArgumentHelp("A recipe's name, or a YAML file.", valueName: "recipe-or-file"))
  var recipe: String

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Override a setting, such as optimizer.adam.learning-rate=0.01.", valueName: "key.path=value"))
  var overrides: [String] = []

  @OptionGroup var table: TableOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("The run directory (default: runs/NAME).", valueName: "dir"))
  var output: String?

  @Flag(help: "Go on from the newest whole checkpoint of the run directory.")
  var resume = false

  @Flag(name: .shortAndLong, help: "Print the table and the digest only.")
  var quiet = false

  func validate() throws {
    try refuseEmpty(recipe, "<recipe-or-file>")
    try refuseEmpty(output, "--output")
  }

  func run() throws {
    StopSignals.install()
    StopSignals.ignoreFailedWrites()
    let watchdog = Watchdog(seconds: RunConfiguration.watchdogSeconds(overrides: overrides))
    let asked = [
      Asked("<recipe-or-file>", recipe), Asked("--output", output), Asked("--resume", flag: resume),
      Asked("--quiet", flag: quiet),
    ]
    onEveryRank("train", asked, watchdog: watchdog) { world in
      let run = try TrainingRun(
        recipe: recipe, overrides: overrides, memory: table.memory, output: output,
        start: resume ? .resume : .new, verbosity: quiet ? .quiet : .normal, world: world, watchdog: watchdog)
      let code = try run.train()
      if code == 0, world.rank == 0, ProcessInfo.processInfo.environment[Pulse.variable] != nil {
        writeStandardError(line: Completion(step: run.step).line)
      }
      return code
    }
  }
}
