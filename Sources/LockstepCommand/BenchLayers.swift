import ArgumentParser
import Benchmarks
import Lockstep

struct BenchLayers: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layers",
    abstract: "Measure single layers, forward and backward, on one thread.",
    discussion: """
      A pass of one micro-batch, with the gradients of input and parameters;
      times in microseconds. scripts/compare-layers has PyTorch's beside them.
      """)

  @Option(help: ArgumentHelp("Layers, separated by semicolons; all, if left out.", valueName: "names"))
  var layers: String?

  @Option(help: ArgumentHelp("float32 or bfloat16.", valueName: "name"))
  var precision = "float32"

  @Option(help: ArgumentHelp("How often each layer is measured.", valueName: "number"))
  var rounds = 3

  @Option(help: ArgumentHelp("How long a layer is measured in a round.", valueName: "seconds"))
  var seconds = 0.1

  @Option(help: ArgumentHelp("Write the results as an array of objects.", valueName: "file"))
  var json: String?

  @Option(help: ArgumentHelp("Write the results as a table.", valueName: "file"))
  var csv: String?

  func validate() throws {
    for (path, name) in [(json, "--json"), (csv, "--csv")] { try refuseEmpty(path, name) }
  }

  func run() throws {
    guard let format = NumberFormat(rawValue: precision) else {
      throw Failure(.usage, at: "--precision", "expected float32 or bfloat16, found \(precision)")
    }
    guard seconds > 0, seconds <= 60 else {
      throw Failure(.usage, at: "--seconds", "expected more than 0 and at most 60, found \(seconds)")
    }
    let benchmark = LayerBenchmark(
      cases: try cases(), precision: format, rounds: try positive(rounds, "--rounds"), seconds: seconds)
    let files = BenchmarkFiles(json: json, csv: csv)
    try files.check()
    let results = try benchmark.run { writeStandardError(line: $0) }
    try writeStandardOutput(table(of: results))
    try files.write(results)
  }

  private func cases() throws -> [LayerCase] {
    guard let layers else { return LayerCase.all }
    return try layers.split(separator: ";").map { word in
      let name = word.drop { $0 == " " }
      guard let found = LayerCase.all.first(where: { $0.name == name }) else {
        throw Failure(
          .usage, at: "--layers", "expected some of \(LayerCase.all.map(\.name).joined(separator: "; ")), found \(name)"
        )
      }
      return found
    }
  }
}
