import ArgumentParser
import Benchmarks
import Foundation
import Lockstep

struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure training, and how it scales over ranks and lanes.",
    discussion: """
      Models: \(BenchmarkModel.names.joined(separator: ", ")), on noise; or any recipe or YAML file.
      Each case runs in processes of its own, under mpirun where it has several
      ranks; cases take turns in rounds. `lockstep bench allreduce` measures the
      bandwidth of the sum over ranks alone, `lockstep bench layers` single layers.
      """,
    subcommands: [BenchTraining.self, BenchAllreduce.self, BenchLayers.self], defaultSubcommand: BenchTraining.self)
}

struct BenchTraining: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "training", abstract: "Measure training steps (the default).")

  @Option(help: ArgumentHelp("What to train, separated by commas.", valueName: "names"))
  var models = "mlp"

  @Option(help: ArgumentHelp("Numbers of ranks, separated by commas.", valueName: "numbers"))
  var ranks = "1,2"

  @Option(help: ArgumentHelp("Numbers of lanes of each rank.", valueName: "numbers"))
  var lanes = "1"

  @Option(help: ArgumentHelp("canonical, native, or both.", valueName: "names"))
  var reduction = "canonical"

  @Option(help: "weak: as many samples a rank; strong: as many in all.")
  var scaling = Scaling.weak

  @Option(help: ArgumentHelp("Samples of a step, of each rank (weak) or of all (strong).", valueName: "number"))
  var batch: Int?

  @Option(help: ArgumentHelp("Samples that a lane computes at a time.", valueName: "number"))
  var microBatch: Int?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Override a setting of all models, such as instruction-set=avx2.", valueName: "key.path=value"))
  var overrides: [String] = []

  @Option(help: ArgumentHelp("How often each case is measured.", valueName: "number"))
  var rounds = 5

  @Option(help: ArgumentHelp("How long a case is measured in a round, after warm-up.", valueName: "seconds"))
  var seconds = 1.0

  @OptionGroup var hosts: HostOptions
  @OptionGroup var files: FileOptions

  func validate() throws {
    // Each case has its own, which would win.
    for key in ["lanes", "reduction"] where overrides.contains(where: { $0.hasPrefix("\(key)=") }) {
      throw ValidationError("--set expects no \(key), which each case has its own of; use --\(key)")
    }
  }

  func run() throws {
    let rankCounts = try numbers(ranks, "--ranks")
    let cases = try BenchmarkCase.all(
      models: list(models, "--models"), ranks: rankCounts, lanes: numbers(lanes, "--lanes"),
      reductions: list(reduction, "--reduction").map(method), scaling: scaling,
      batch: batch.map { try positive($0, "--batch") },
      microBatch: microBatch.map { try positive($0, "--micro-batch") },
      settings: overrides)
    guard seconds > 0, seconds <= 3600 else {
      throw Failure(.usage, at: "--seconds", "expected more than 0 and at most 3600, found \(seconds)")
    }
    let benchmark = Benchmark(
      cases: cases, scaling: scaling, rounds: try positive(rounds, "--rounds"), seconds: seconds,
      launcher: try hosts.launcher(ranks: rankCounts))
    try files.files.check()
    let results = try benchmark.run { writeStandardError(line: $0) }
    try writeStandardOutput(table(of: results))
    try files.files.write(results)
  }

  private func method(_ name: String) throws -> ReductionMethod {
    guard let method = ReductionMethod(rawValue: name) else {
      throw Failure(.usage, at: "--reduction", "expected canonical or native, found \(name)")
    }
    return method
  }
}

extension Scaling: ExpressibleByArgument {}
