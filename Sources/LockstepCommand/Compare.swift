import ArgumentParser
import Foundation
import Lockstep
import MPICommunication

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare two trained models on the same rows: paired differences with intervals.",
    discussion: """
      Both are judged by the same rows and the same resamples of them, so that what makes a row hard for both is taken out of
      the difference. It is the first model's figure less the second one's. Models of different rows are refused.
      """)

  @Argument(help: ArgumentHelp("A checkpoint, or a run directory for its newest one.", valueName: "checkpoint"))
  var first: String

  @Argument(help: ArgumentHelp("The one that it is compared with.", valueName: "other"))
  var second: String

  @Option(help: ArgumentHelp("A file with the target columns; default: the test data of each run.", valueName: "file"))
  var data: String?

  @Option(
    help: ArgumentHelp("Of two classes the one that figures are about; default: the rarer one.", valueName: "class"))
  var positive: String?

  @Option(help: "Resamples that intervals are of.")
  var resamples = Resamples.usual

  @Flag(help: "Print all as JSON, whose keys are the metrics' names, and nothing else.")
  var json = false

  func validate() throws {
    for (text, name) in [(first, "<checkpoint>"), (second, "<other>"), (data, "--data"), (positive, "--positive")] {
      try refuseEmpty(text, name)
    }
    guard (1...1_000_000).contains(resamples) else {
      throw ValidationError("--resamples expects a number from 1 to 1000000, found \(resamples)")
    }
  }

  func run() throws {
    try requireAlone("compare")
    let models = try [first, second].map { path in
      try Model(path) { writeStandardError(line: "note: \($0)") }
    }
    let comparison = try ModelComparison(
      models[0], models[1], data: data, resamples: Resamples(count: resamples), positive: positive)
    if json { return try writeStandardOutput(result: sortedJSON(comparison)) }
    var text = "\(models[0].path.shown()) beside \(models[1].path.shown())\n"
    for target in comparison.targets {
      let name = target.name.map { "\($0.shown()), " } ?? ""
      let positive = target.positive.map { "positive class \($0.shown()), " } ?? ""
      text += "\n\(name)\(positive)\(count(target.judgement.rows, "row")), "
      text += "\(count(target.judgement.resamples, "resample"))\n"
      text += target.judgement.table(beside: "the other")
      if let baseline = target.baseline {
        let figures = baseline.judgement.inOrder.compactMap { key, figure in
          figure.value.value.map { "\(key.replacing("-", with: " ")) \(fixed($0, 4))" }
        }
        text += "\(baseline.name) alone: \(figures.joined(separator: ", "))\n"
      }
    }
    try writeStandardOutput(text)
  }
}
