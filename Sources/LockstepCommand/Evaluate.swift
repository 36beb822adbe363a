import ArgumentParser
import Foundation
import Lockstep
import MPICommunication

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure a trained model: figures with intervals, beside what one would say without it.",
    discussion: """
      Intervals hold 95 % of resamples of the rows; what would be said without a model are the class frequencies of training
      rows, or their mean. Under mpirun the ranks share the samples; the figures have the same bits on any number of ranks.
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var arithmetic: ArithmeticOptions

  @Option(
    help: ArgumentHelp(
      "A CSV file with the target columns, or an IDX file of images (then --labels too); default: the run's test data.",
      valueName: "file"))
  var data: String?

  @Option(help: ArgumentHelp("The IDX file of labels, or other targets, that belongs to --data.", valueName: "file"))
  var labels: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Of two classes the one that figures such as average precision are about, of one of several targets TARGET=CLASS; default: the rarer one in training.",
      valueName: "class"))
  var positive: [String] = []

  @Option(help: "Resamples that intervals are of; 0 for figures alone.")
  var resamples = Resamples.usual

  @Flag(help: "Tell how much worse predictions get without each column (permutation importance).")
  var importance = false

  @Option(
    help: ArgumentHelp(
      "Columns by whose values figures are told too, those of numbers by quarters: of the data as they are, whether the model looks at them or not.",
      valueName: "column,column"))
  var slices: String?

  @Flag(help: "Print all as JSON, whose keys are the metrics' names, with curves, and nothing else.")
  var json = false

  func validate() throws {
    guard (0...1_000_000).contains(resamples) else {
      throw ValidationError("--resamples expects a number from 0 to 1000000, found \(resamples)")
    }
    for text in positive { try refuseEmpty(text, "--positive") }
    try refuseEmpty(slices, "--slices")
    try refuseEmpty(data, "--data")
    try refuseEmpty(labels, "--labels")
    if labels != nil, data == nil { throw ValidationError("--labels needs --data, the images they belong to") }
  }

  func run() throws {
    guard launchedProcessCount(ProcessInfo.processInfo.environment) > 1 else { return try run(LocalWorld.single()) }
    let watchdog = Watchdog()
    // Hosts may keep the same data in different places: only whether other data are asked for has to be alike.
    let asked = [
      Asked("<checkpoint>", model.checkpoint), Asked("--int8", flag: arithmetic.integers),
      Asked("--data", flag: data != nil),
      Asked("--labels", flag: labels != nil), Asked("--json", flag: json), Asked("--importance", flag: importance),
      Asked("--slices", slices),
      Asked("--resamples", String(resamples)),
    ]
    let classes = positive.map { Asked("--positive", $0) }
    onEveryRank("evaluate", asked + classes, watchdog: watchdog) { world in
      try run(world, watchdog: watchdog)
      return 0
    }
  }

  private func run(_ world: any Communicator, watchdog: Watchdog? = nil) throws {
    let model = try model.load(world, watchdog: watchdog, arithmetic: arithmetic.arithmetic)
    let dataset = try world.agree {
      try data.map { try model.labelledData($0, labels: labels) } ?? model.testData()
    }
    if data != nil, world.rank == 0 { for note in model.dataNotes { writeStandardError(line: "note: \(note)") } }
    let columns = try slices.map { try list($0, "--slices") }
    let read = try world.agree {
      try columns.flatMap { columns in
        guard world.rank == 0 else { return [SliceColumn]?.none }
        return try model.sliceColumns(columns, of: dataset, from: data.map { SampleOrigin.file($0) } ?? .test)
      }
    }
    let (evaluation, subjects) = try model.evaluateWithRows(dataset, positive: positive) {
      writeStandardError(line: "note: \($0)")
    }
    let importances =
      try importance
      ? model.importance(of: dataset, resamples: Resamples(count: resamples), positive: positive) : nil
    let result = try world.agree { () -> EvaluationResult? in
      guard let subjects else { return nil }
      let resamples = Resamples(count: resamples)
      var result = EvaluationResult(
        model: model, dataset: dataset, evaluation: evaluation,
        targets: model.judged(subjects, resamples: resamples), importance: importances ?? [])
      result.files = try model.perFile(subjects, of: dataset).map { model.judged($0, resamples: resamples) } ?? []
      if let read {
        result.slices = subjects.map { subject in
          let metrics = JudgedTarget.metrics(model.configuration.metrics, of: subject.rows)
          return model.slices(of: subject, by: read, metrics: metrics, resamples: resamples)
        }
      }
      return result
    }
    guard let result else { return }
    try json ? writeStandardOutput(result: result.json) : writeStandardOutput(result.text)
  }
}
