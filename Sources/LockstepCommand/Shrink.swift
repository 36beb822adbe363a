import ArgumentParser
import Foundation
import Lockstep

struct Shrink: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Cut out of a trained model the outputs of layers that were pruned, and measure what that comes to.",
    discussion: """
      A run with prune: {share: 0.5, until: 5, structured: true} has layers some of whose outputs are zeros. The smaller model
      is a run of its own, for evaluate, predict, quantise, export and start-from.
      """)

  @OptionGroup var model: ModelOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("The folder of the smaller model.", valueName: "dir"))
  var output: String

  func validate() throws { try refuseEmpty(output, "--output") }

  func run() throws {
    let model = try model.load(for: "shrink")
    let found = try model.shrink(to: output)
    let lines = found.rows()
    let width = 2 + max("layers".count, lines.map(\.name.count).max() ?? 0)
    let second = 2 + max("as trained".count, lines.map(\.before.count).max() ?? 0)
    var text = "\(model.path.shown()): \(found.summary)\n"
    if let comparison = found.comparison {
      text += "on \(grouped(comparison.rows)) rows of \(comparison.data)\n"
    }
    text += "".padded(to: width) + "as trained".padded(to: second) + "cut\n"
    for line in lines { text += line.name.padded(to: width) + line.before.padded(to: second) + line.after + "\n" }
    try writeStandardOutput(text + "written".padded(to: width) + output.shown() + "\n")
  }
}
