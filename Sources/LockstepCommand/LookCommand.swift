import ArgumentParser
import Lockstep
import Reports

struct LookCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "look",
    abstract: "Write a page that shows training samples before and after augmentation.",
    discussion: """
      One file of HTML, which needs no network and no script: pictures and spectrograms as pictures, rows of tables with the
      changed cells marked, texts with the changed tokens marked; each with its class and what was drawn for it. They are
      the first samples of the epoch, as training sees them before transforms.
      """)

  @Argument(help: ArgumentHelp("A recipe or a YAML file.", valueName: "configuration"))
  var recipe: String

  @Option(help: ArgumentHelp("How many samples.", valueName: "count"))
  var rows = 8

  @Option(help: ArgumentHelp("Of which epoch, counted from 0.", valueName: "number"))
  var epoch = 0

  @Option(name: .shortAndLong, help: ArgumentHelp("The file.", valueName: "file"))
  var output = "look.html"

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Override a setting of the configuration.", valueName: "key.path=value"))
  var overrides: [String] = []

  func validate() throws {
    try refuseEmpty(recipe, "<configuration>")
    try refuseEmpty(output, "--output")
    guard (1...Look.mostRows).contains(rows) else {
      throw ValidationError("--rows expects samples from 1 to \(Look.mostRows), found \(rows)")
    }
    guard (0..<1_000_000).contains(epoch) else {
      throw ValidationError("--epoch expects a number from 0 to 999999, found \(epoch)")
    }
  }

  func run() throws {
    try requireAlone("look")
    let look = try Look(RunConfiguration(recipeOrFile: recipe, overrides: overrides), rows: rows, epoch: epoch)
    try look.write(to: output)
    if output != "-" { try writeStandardOutput("\(output.shown()): \(count(look.count, "sample"))\n") }
  }
}
