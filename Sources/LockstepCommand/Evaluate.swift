import ArgumentParser
import Foundation
import Lockstep
import MPICommunication

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure a trained model: loss, accuracy, precision, recall and F1, class by class; errors of numbers.",
    discussion: "Under mpirun the ranks share the samples; the figures have the same bits on any number of ranks.")

  @OptionGroup var model: ModelOptions

  @Option(
    help: ArgumentHelp(
      "A CSV file with the target columns, or an IDX file of images (then --labels too); default: the run's test data.",
      valueName: "file"))
  var data: String?

  @Option(help: ArgumentHelp("The IDX file of labels, or other targets, that belongs to --data.", valueName: "file"))
  var labels: String?

  func validate() throws {
    try refuseEmpty(data, "--data")
    try refuseEmpty(labels, "--labels")
    if labels != nil, data == nil { throw ValidationError("--labels needs --data, the images they belong to") }
  }

  func run() throws {
    guard launchedProcessCount(ProcessInfo.processInfo.environment) > 1 else { return try run(LocalWorld.single()) }
    let watchdog = Watchdog()
    // Hosts may keep the same data in different places: only whether other data are asked for has to be alike.
    let asked = [
      Asked("<checkpoint>", model.checkpoint), Asked("--data", flag: data != nil),
      Asked("--labels", flag: labels != nil),
    ]
    onEveryRank("evaluate", asked, watchdog: watchdog) { world in
      try run(world, watchdog: watchdog)
      return 0
    }
  }

  private func run(_ world: any Communicator, watchdog: Watchdog? = nil) throws {
    let model = try model.load(world, watchdog: watchdog)
    let dataset = try world.agree {
      try data.map { try model.labelledData($0, labels: labels) } ?? model.testData()
    }
    let evaluation = try model.evaluate(dataset)
    guard world.rank == 0 else { return }
    var text = "\(model.path.shown()) on \(dataset.source.shown()): \(grouped(evaluation.samples)) samples"
    if evaluation.ignored > 0 { text += ", \(grouped(evaluation.ignored)) targets ignored" }
    text += "\n"
    let width = max(20, 2 + (evaluation.metrics.map(\.name.count).max() ?? 0))
    for (name, value) in evaluation.metrics { text += name.padded(to: width) + fixed(value, 4) + "\n" }
    if let report = evaluation.report(digits: 4) { text += "\n" + report }
    try writeStandardOutput(text)
  }
}
