import ArgumentParser
import Foundation
import Lockstep
import MPICommunication

struct Decide: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Choose a threshold, or calibrate probabilities, on validation rows; evaluate and predict then use it.",
    discussion: """
      --threshold f1             the largest F1 of the positive class
      --threshold recall=0.9     the highest one that finds this part of the positive class
      --threshold cost=1,5       the least cost, where a false alarm costs 1 and a miss 5
      Both are kept in decision.json of the checkpoint, and the run's receipt tells of them; without either, they are taken
      away. Thresholds are those of calibrated probabilities. With decide in its configuration, train does it at its end.
      Under mpirun the ranks share the samples; what comes out has the same bits on any number of ranks.
      """)

  @OptionGroup var model: ModelOptions

  @Option(help: ArgumentHelp("How the threshold is chosen.", valueName: "f1|recall=R|cost=FP,FN"))
  var threshold: String?

  @Option(help: ArgumentHelp("How probabilities are calibrated.", valueName: "temperature|isotonic"))
  var calibrate: Decision.CalibrationKind?

  @Option(help: ArgumentHelp("The class that the threshold is for; default: the rarer one.", valueName: "class"))
  var positive: String?

  @Option(help: ArgumentHelp("Rows that training has not seen; default: the run's validation rows.", valueName: "file"))
  var data: String?

  func validate() throws {
    try refuseEmpty(positive, "--positive")
    guard positive == nil || threshold != nil || calibrate != nil else {
      throw ValidationError("--positive needs --threshold or --calibrate: without either, the decision is taken away")
    }
    try refuseEmpty(data, "--data")
  }

  func run() throws {
    let rule = try rule()
    guard launchedProcessCount(ProcessInfo.processInfo.environment) > 1 else {
      return try run(rule, LocalWorld.single())
    }
    let watchdog = Watchdog()
    // Hosts may keep the same data in different places: only whether other data are asked for has to be alike.
    let asked = [
      Asked("<checkpoint>", model.checkpoint), Asked("--threshold", threshold),
      Asked("--calibrate", calibrate?.rawValue), Asked("--positive", positive), Asked("--data", flag: data != nil),
    ]
    onEveryRank("decide", asked, watchdog: watchdog) { world in
      try run(rule, world, watchdog: watchdog)
      return 0
    }
  }

  private func run(_ rule: ThresholdRule?, _ world: any Communicator, watchdog: Watchdog? = nil) throws {
    // What was chosen before may be damaged, or half of a pair.
    let model = try model.load(world, watchdog: watchdog, decision: .passedOver)
    let dataset = try world.agree { try data.map { try model.labelledData($0, labels: nil) } }
    let found = try model.decide(
      threshold: rule, calibration: calibrate, positive: positive, on: dataset, file: data
    ) { note in
      if world.rank == 0 { writeStandardError(line: "note: \(note)") }
    }
    guard world.rank == 0 else { return }
    guard let found else { return try writeStandardOutput("\(model.path.shown()): no threshold, no calibration\n") }
    var text = "\(model.path.shown()), chosen on \(grouped(found.rows)) rows of \(found.data.shown())\n"
    for (name, value) in found.rows(of: "") { text += name.padded(to: 20) + value + "\n" }
    try writeStandardOutput(text)
  }

  private func rule() throws -> ThresholdRule? {
    guard let threshold else { return nil }
    if threshold == "f1" { return .f1 }
    let parts = threshold.split(separator: "=", omittingEmptySubsequences: false)
    let words = parts.count == 2 ? parts[1].split(separator: ",", omittingEmptySubsequences: false) : []
    let numbers = words.compactMap { Double($0) }.filter(\.isFinite)
    if parts[0] == "recall", words.count == 1, numbers.count == 1, (0...1).contains(numbers[0]) {
      return .recall(numbers[0])
    }
    if parts[0] == "cost", words.count == 2, numbers.count == 2, numbers.allSatisfy({ abs($0) <= 1e12 }) {
      guard numbers[0] > 0 || numbers[1] > 0 else {
        throw Failure(.usage, at: "--threshold", "expected a false alarm or a miss that costs something, found neither")
      }
      return .cost(DecisionCost(falsePositive: numbers[0], falseNegative: numbers[1]))
    }
    throw Failure(.usage, at: "--threshold", "expected f1, recall=0.9 or cost=1,5, found '\(threshold)'")
  }
}

extension Decision.CalibrationKind: ExpressibleByArgument {}
