import ArgumentParser
import Foundation
import Lockstep
import MPICommunication

struct Compare: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare two trained models on the same rows: paired differences with intervals.",
    discussion: """
      Both are judged by the same rows and the same resamples of them, so that what makes a row hard for both is taken out of
      the difference. It is the first model's figure less the second one's. Models of different rows are refused. Under
      mpirun the ranks share the samples; the figures have the same bits on any number of ranks.
      """)

  @Argument(help: ArgumentHelp("A checkpoint, or a run directory for its newest one.", valueName: "checkpoint"))
  var first: String

  @Argument(help: ArgumentHelp("The one that it is compared with.", valueName: "other"))
  var second: String

  @Option(help: ArgumentHelp("A file with the target columns; default: the test data of each run.", valueName: "file"))
  var data: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Of two classes the one that figures are about, TARGET=CLASS of one of several targets; default: the rarer one.",
      valueName: "class"))
  var positive: [String] = []

  @Option(help: "Resamples that intervals are of.")
  var resamples = Resamples.usual

  @Flag(help: "Print all as JSON, whose keys are the metrics' names, and nothing else.")
  var json = false

  func validate() throws {
    for (text, name) in [(first, "<checkpoint>"), (second, "<other>"), (data, "--data")] {
      try refuseEmpty(text, name)
    }
    for text in positive { try refuseEmpty(text, "--positive") }
    guard (1...1_000_000).contains(resamples) else {
      throw ValidationError("--resamples expects a number from 1 to 1000000, found \(resamples)")
    }
  }

  func run() throws {
    guard launchedProcessCount(ProcessInfo.processInfo.environment) > 1 else { return try run(LocalWorld.single()) }
    // Hosts may keep the same data in different places: only whether other data are asked for has to be alike.
    let asked =
      [
        Asked("<checkpoint>", first), Asked("<other>", second), Asked("--data", flag: data != nil),
        Asked("--resamples", String(resamples)), Asked("--json", flag: json),
      ] + positive.map { Asked("--positive", $0) }
    let watchdog = Watchdog()
    onEveryRank("compare", asked, watchdog: watchdog) { world in
      try run(world, watchdog: watchdog)
      return 0
    }
  }

  private func run(_ world: any Communicator, watchdog: Watchdog? = nil) throws {
    func load(_ path: String, _ world: any Communicator, _ watchdog: Watchdog?) throws -> Model {
      try Model(path, world: world, watchdog: watchdog) { note in
        if world.rank == 0 { writeStandardError(line: "note: \(note)") }
      }
    }
    // The second one goes on in the first one's world: a watchdog is joined once.
    let one = try load(first, world, watchdog)
    let other = try load(second, watchdog?.watched(world) ?? world, nil)
    let comparison = try ModelComparison(
      one, other, data: data, resamples: Resamples(count: resamples), positive: positive)
    guard let comparison else { return }
    if json { return try writeStandardOutput(result: sortedJSON(comparison)) }
    var text = "\(one.path.shown()) beside \(other.path.shown())\n"
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
