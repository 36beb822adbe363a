import ArgumentParser
import Foundation
import Lockstep
import Supervision

struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract:
      "Show on your own model that the number of ranks and lanes, and a kill, change no bit; or check a run's receipt.",
    discussion: """
      With --from, RUN is a run's directory: everything behind that link of its receipt is computed again, from the raw
      data, the prepared data, or the weights on, and the first link that differs is named.

      Trains a few steps in each way under mpirun, with a checkpoint after each step, and compares the parameters.
      Where they differ, the first step and slot are named, and the exit code is 70.
      """)

  @Argument(help: ArgumentHelp("A recipe's name, or a YAML file.", valueName: "recipe-or-file"))
  var recipe: String

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Override a setting, such as batch=512.", valueName: "key.path=value"))
  var overrides: [String] = []

  @Option(help: ArgumentHelp("Numbers of ranks (default: 1,2,3,4; with --from 1).", valueName: "list"))
  var ranks: String?

  @Option(help: ArgumentHelp("Numbers of lanes a rank.", valueName: "list"))
  var lanes = "1,2"

  @Option(help: ArgumentHelp("Steps to train.", valueName: "count"))
  var steps = 8

  @Flag(help: "Also kill a rank on the way, by SIGKILL, and go on with another number of ranks.")
  var kill = false

  @Option(help: ArgumentHelp("Draws which rank is killed, and when.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("The hosts; the runs then need a shared --directory.", valueName: "file"))
  var hostfile: String?

  @Option(help: ArgumentHelp("Where the runs are kept (default: a temporary directory, removed).", valueName: "dir"))
  var directory: String?

  @Option(
    help: ArgumentHelp("Check the receipt of a run's directory, from this link on.", valueName: "raw|prepared|weights"))
  var from: ReceiptCheck.Link?

  func validate() throws {
    try refuseEmpty(recipe, "<recipe-or-file>")
    try refuseEmpty(hostfile, "--hostfile")
    try refuseEmpty(directory, "--directory")
    _ = try numbers(ranks ?? "1", "--ranks")
    _ = try numbers(lanes, "--lanes")
    guard steps > 0 else { throw ValidationError("--steps expects a number above 0, found \(steps)") }
    guard hostfile == nil || directory != nil else {
      throw ValidationError("--hostfile needs --directory, which all hosts share")
    }
  }

  private func numbers(_ text: String, _ option: String) throws -> [Int] {
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard !numbers.isEmpty, numbers.allSatisfy({ $0 ?? 0 > 0 }) else {
      throw ValidationError("\(option) expects numbers above 0, as in 1,2,4, found \(text)")
    }
    return numbers.map { $0! }
  }

  func run() throws {
    try requireAlone("verify")
    if let from { return try inFolder { try check(from, in: $0) } }
    // What is wrong with the settings is said once, and before any process is started.
    let configuration = try RunConfiguration(recipeOrFile: recipe, overrides: overrides)
    if let hostfile { _ = try Hostfile(path: hostfile) }
    try inFolder { try compare(configuration, in: $0) }
  }

  /// Trains in all ways, and tells of each.
  private func compare(_ configuration: RunConfiguration, in folder: String) throws {
    if kill { try Verification.requireProcesses() }
    let (ranks, lanes) = (try numbers(ranks ?? "1,2,3,4", "--ranks"), try numbers(lanes, "--lanes"))
    var ways = ranks.flatMap { ranks in lanes.map { Verification.Case(ranks: ranks, lanes: $0) } }
    if kill { ways += ways.map { Verification.Case(ranks: $0.ranks, lanes: $0.lanes, isKilled: true) } }
    var verification = Verification(
      program: try ownProgram(), recipe: recipe, overrides: overrides, steps: steps, hostfile: hostfile, seed: seed,
      directory: folder)
    try writeStandardOutput("\(configuration.name), \(steps) steps\(kill ? ", kills drawn from seed \(seed)" : "")\n")
    var differing = 0
    for (number, way) in ways.enumerated() {
      let outcome = try verification.run(way, number: number)
      let verdict = outcome.difference.map { "DIFFERS \($0)" } ?? "same bits"
      if outcome.difference != nil { differing += 1 }
      try writeStandardOutput(
        "\(way)".padded(to: 26) + "\(outcome.digest.prefix(23))…  " + (number == 0 ? "reference" : verdict) + "\n")
    }
    guard differing == 0 else {
      throw Failure(
        .internal, at: configuration.name, "\(differing) of \(ways.count) ways to train gave other bits",
        cure: configuration.reduction == .native
          ? "the native reduction promises none: use reduction: canonical"
          : "audit the hosts with lockstep audit, and report it if they are sound")
    }
    try writeStandardOutput("all \(ways.count) ways gave the same bits\n")
  }
}

extension ReceiptCheck.Link: ExpressibleByArgument {}

extension Verify {
  /// Lends the folder for what is trained, which is removed where nobody named it.
  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = directory ?? NSTemporaryDirectory() + "lockstep-verify-\(getpid())"
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw Failure(
        .inputOutput, at: folder,
        "expected a directory, or a place for one; found \((error as NSError).localizedDescription)",
        cure: "choose another --directory")
    }
    defer { if directory == nil { try? FileManager.default.removeItem(atPath: folder) } }
    try body(folder)
  }

  /// Computes the links of a run's receipt again.
  private func check(_ link: ReceiptCheck.Link, in folder: String) throws {
    let check = try ReceiptCheck(run: recipe)
    let found = try check.receipt(from: link, in: folder) { settings in
      let ranks = try numbers(self.ranks ?? "1", "--ranks")[0]
      try Verification.train(
        ownProgram(), recipe: check.configurationPath, overrides: settings, output: "\(folder)/run", ranks: ranks)
    }
    for link in check.receipt.links {
      let other = found.links.first { $0.name == link.name }
      let isSame = other.map { $0.output == link.output && $0.settings == link.settings } ?? false
      let verdict = other == link ? "the same" : isSame ? "the same, behind another link" : "DIFFERS"
      try writeStandardOutput(
        "\(link.name.padded(to: 12)) \(link.output.prefix(23))…  \(verdict)\n")
    }
    guard let difference = check.receipt.firstDifference(from: found) else { return }
    throw Failure(
      .badData, at: "\(recipe)/\(Receipt.fileName)", "link \(difference.link) differs: \(difference.what)",
      cure: ReceiptCheck.cure(of: difference.link))
  }
}
