import ArgumentParser
import Foundation
import Lockstep

struct Quantise: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Round a trained model to whole numbers of 8 bits, and measure what that comes to.",
    discussion: """
      Weights of dense layers, convolutions and attention's projections get a step an output, their inputs a range that training rows
      tell; tables of embeddings get a step a row. Adapters (lora) are merged into the weights before. The model stays as it is:
      what was chosen is kept in quantisation.json of its checkpoint, for

      lockstep predict RUN --int8 --input new.csv --output out.csv
      lockstep evaluate RUN --int8
      lockstep generate RUN --int8
      lockstep export RUN --int8 --onnx model.onnx
      """)

  @OptionGroup var model: ModelOptions

  @Option(help: ArgumentHelp("Training rows that ranges of inputs are taken of.", valueName: "count"))
  var rows = Model.usualQuantisationRows

  @Option(
    help: ArgumentHelp(
      "The layers to round, as places or patterns of them, '4.*' (default: all that can be; more than once for several).",
      valueName: "pattern"))
  var layers: [String] = []

  func validate() throws {
    guard (1...10_000_000).contains(rows) else {
      throw ValidationError("--rows expects a number from 1 to 10000000, found \(rows)")
    }
  }

  func run() throws {
    let model = try model.load(for: "quantise")
    let found = try model.quantise(
      rows: rows, layers: layers.isEmpty ? nil : layers.map { NamePattern($0) })
    let (floats, bytes) = ("as trained", "8 bits")
    let lines = found.rows()
    let width = 2 + (lines.map(\.name.count).max() ?? 0)
    let second = 2 + max(floats.count, lines.map(\.floats.count).max() ?? 0)
    var text = "\(model.path.shown()): \(found.summary)\n"
    text += "layers: \(found.layers.joined(separator: ", "))\n"
    if let comparison = found.comparison {
      text += "on \(grouped(comparison.rows)) rows of \(comparison.data)\n"
    }
    text += "".padded(to: width) + floats.padded(to: second) + bytes + "\n"
    for line in lines { text += line.name.padded(to: width) + line.floats.padded(to: second) + line.bytes + "\n" }
    try writeStandardOutput(text + "digest".padded(to: width) + found.digest + "\n")
  }
}
