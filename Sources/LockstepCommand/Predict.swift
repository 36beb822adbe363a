import ArgumentParser
import Foundation
import Lockstep
import MPICommunication

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Predict new data with a trained model.",
    discussion: """
      The output has one row a sample: for classes the predicted one and the probability of each, else the predicted
      values, those of several target columns under their names. Columns of a CSV input are found by their names; target
      columns, if there are any, are passed over. Rows are read, predicted and written some at a time. Under mpirun the
      ranks share the rows of a file; the output has the same bytes on any number of ranks.

      cat rows.csv | lockstep predict RUN --input - --output - | head
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var arithmetic: ArithmeticOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Rows like those of the training data, in any format, or - for CSV on standard input.", valueName: "file"))
  var input: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The file to write, whose ending chooses the format, or - for CSV.", valueName: "file")
  )
  var output: String

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "A column of the input to write in front of the predictions; again for more.", valueName: "column"))
  var keep: [String] = []

  @Flag(
    help:
      "Of files that become several clips each, as long recordings, a row a file: the mean of what is said of its clips."
  )
  var byFile = false

  func validate() throws {
    for column in keep { try refuseEmpty(column, "--keep") }
    try refuseEmpty(input, "--input")
    try refuseEmpty(output, "--output")
  }

  func run() throws {
    StopSignals.install()
    guard launchedProcessCount(ProcessInfo.processInfo.environment) > 1 else { return try run(LocalWorld.single()) }
    let watchdog = Watchdog()
    // Hosts may keep the same file in different places: only whether it is one has to be alike.
    let asked = [
      Asked("<checkpoint>", model.checkpoint), Asked("--int8", flag: arithmetic.integers),
      Asked("--input -", flag: input == "-"), Asked("--output", output),
      Asked("--keep", keep.joined(separator: "\n")), Asked("--by-file", flag: byFile),
    ]
    onEveryRank("predict", asked, watchdog: watchdog) { world in
      try run(world, watchdog: watchdog)
      return 0
    }
  }

  private func run(_ world: any Communicator, watchdog: Watchdog? = nil) throws {
    let model = try model.load(world, watchdog: watchdog, arithmetic: arithmetic.arithmetic)
    try world.agree {
      guard world.rank == 0, areSame(input, output) else { return }
      throw Failure(.usage, at: "--output", "expected another file than the input, found \(output)")
    }
    let (rows, problems) = try model.writeRows(of: input, to: output, keeping: keep, byFile: byFile) {
      writeStandardError(line: "note: \($0)")
    }
    guard world.rank == 0 else { return }
    // Standard error: `--output -` wants the table alone.
    let name = output == "-" ? "standard output" : output
    var line = "\(name): \(grouped(rows - problems)) predictions by \(model.path)"
    if problems > 0 { line += ", and \(count(problems, "row")) that cannot be predicted, for the reason in problem" }
    writeStandardError(line: line)
  }

  /// Whether two paths lead to one regular file.
  private func areSame(_ a: String, _ b: String) -> Bool {
    var (first, second) = (stat(), stat())
    guard stat(a, &first) == 0, stat(b, &second) == 0, first.st_mode & S_IFMT == S_IFREG else { return false }
    return first.st_dev == second.st_dev && first.st_ino == second.st_ino
  }
}
