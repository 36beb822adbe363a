import ArgumentParser
import Lockstep

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure a trained model: loss, accuracy, precision, recall and F1, class by class.")

  @OptionGroup var model: ModelOptions

  @Option(
    help: ArgumentHelp(
      "A CSV file with the target column, or an IDX file of images (then --labels too); default: the run's test data.",
      valueName: "file"))
  var data: String?

  @Option(help: ArgumentHelp("The IDX file of labels that belongs to --data.", valueName: "file"))
  var labels: String?

  func validate() throws {
    try refuseEmpty(data, "--data")
    try refuseEmpty(labels, "--labels")
    if labels != nil, data == nil { throw ValidationError("--labels needs --data, the images they belong to") }
  }

  func run() throws {
    let model = try model.load()
    let dataset = try data.map { try model.labelledData($0, labels: labels) } ?? model.testData()
    let evaluation = try model.evaluate(dataset)
    var text = "\(model.path) on \(dataset.source): \(grouped(evaluation.samples)) samples\n"
    for (name, value) in evaluation.metrics { text += name.padded(to: 20) + fixed(value, 4) + "\n" }
    if case .classes(let matrix, let names) = evaluation.tally { text += "\n" + matrix.report(names: names, digits: 4) }
    try writeStandardOutput(text)
  }
}

extension String {
  /// This text and spaces behind it.
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
