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

  @Option(
    help: ArgumentHelp(
      "Also write which part each row is in, train, validation or test, as CSV: its source, line or number, and part.",
      valueName: "file"))
  var parts: String?

  @OptionGroup var table: TableOptions

  func validate() throws {
    try refuseEmpty(recipe, "<file>")
    try refuseEmpty(parts, "--parts")
  }

  func run() throws {
    StopSignals.installForEnding()
    try requireAlone("prepare")
    let configuration = try RunConfiguration(recipeOrFile: recipe, overrides: overrides, memory: table.memory)
    if let parts { try configuration.requireParts(parts) }
    guard let report = try configuration.preparationReport() else {
      throw Failure(
        .usage, at: recipe, "expected a table or pictures, found data that need no preparation", cure: "train at once")
    }
    if let parts { _ = try configuration.writeParts(to: parts) }
    try writeStandardOutput(report)
  }
}
