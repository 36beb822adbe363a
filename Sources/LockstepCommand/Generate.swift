import ArgumentParser
import Foundation
import Lockstep

struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write text with a trained language model.",
    discussion: """
      Prints the prompt and what the model writes after it, each character as soon as it is known. The same options give
      the same text on every machine.

      A model sees at most as many tokens as it was trained with (data.text.length): characters, bytes or pieces of words. When
      these are full, the oldest quarter goes: from then on each token follows from the last three quarters, or more.
      """)

  @OptionGroup var model: ModelOptions
  @OptionGroup var arithmetic: ArithmeticOptions

  @Option(help: ArgumentHelp("The text to go on from (default: a line break).", valueName: "text"))
  var prompt = "\n"

  @Option(help: ArgumentHelp("How many tokens to write: characters, bytes or pieces of words.", valueName: "n"))
  var length = 400

  @Option(help: ArgumentHelp("Below 1 for likelier text, above for wilder; 0: the likeliest.", valueName: "t"))
  var temperature = 0.8

  @Option(help: ArgumentHelp("Draw from so many of the likeliest tokens only.", valueName: "k"))
  var topK: Int?

  @Option(help: ArgumentHelp("Another seed gives another text.", valueName: "s"))
  var seed: UInt64 = 0

  func validate() throws {
    guard 0...1_000_000 ~= length else { throw ValidationError("--length must be in 0...1000000, found \(length)") }
    guard 0...1000 ~= temperature else {
      throw ValidationError("--temperature must be in 0...1000, found \(temperature)")
    }
    if let topK, topK < 1 { throw ValidationError("--top-k must be at least 1, found \(topK)") }
  }

  func run() throws {
    // A reader that goes ends it quietly, even where whoever started it ignores that.
    signal(SIGPIPE, SIG_DFL)
    let model = try model.load(for: "generate", arithmetic: arithmetic.arithmetic)
    var isBegun = false
    /// The prompt comes with the first character: one that the model does not know leaves no half a line.
    func write(_ text: String) throws {
      try writeStandardOutput(result: isBegun ? text : prompt + text)
      isBegun = true
    }
    try model.generate(
      from: prompt, count: length, temperature: temperature, topK: topK, seed: seed, write)
    try write("\n")
  }
}
