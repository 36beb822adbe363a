import ArgumentParser
import Lockstep

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Predict new data with a trained model.",
    discussion: """
      The output has one row a sample: for classes the predicted one and the probability of each, else the predicted
      values. Columns of a CSV input are found by their names; a target column, if there is one, is passed over.
      """)

  @OptionGroup var model: ModelOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("A CSV file, or an IDX file of images.", valueName: "file"))
  var input: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The CSV file to write.", valueName: "file"))
  var output: String

  func validate() throws {
    try refuseEmpty(input, "--input")
    try refuseEmpty(output, "--output")
  }

  func run() throws {
    let model = try model.load()
    let dataset = try model.unlabelledData(input)
    let rows = try model.writePredictions(of: dataset, to: output)
    // Standard error: `--output /dev/stdout` wants the table alone.
    writeStandardError(line: "\(output): \(grouped(rows)) predictions by \(model.path)")
  }
}
