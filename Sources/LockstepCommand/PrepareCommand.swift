import ArgumentParser
import Lockstep

struct PrepareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prepare",
    abstract: "Read a configuration's table, and prepare it, without training.",
    discussion: """
      Training does the same where nothing is prepared yet. What is prepared is kept under the digest of the raw data and
      of the settings, and used again.
      """)

  @Argument(help: ArgumentHelp("A YAML file whose data are a table.", valueName: "file"))
  var recipe: String

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Override a setting, such as seed=2.", valueName: "key.path=value"))
  var overrides: [String] = []

  @OptionGroup var table: TableOptions

  func validate() throws { try refuseEmpty(recipe, "<file>") }

  func run() throws {
    try requireAlone("prepare")
    let configuration = try RunConfiguration(recipeOrFile: recipe, overrides: overrides, memory: table.memory)
    guard let report = try configuration.preparationReport() else {
      throw Failure(
        .usage, at: recipe, "expected data that are a table, found data that need no preparation", cure: "train at once"
      )
    }
    try writeStandardOutput(report)
  }
}
