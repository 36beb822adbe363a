import ArgumentParser
import Lockstep

/// What the commands share that prepare a table.
struct TableOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "MiB for the words of a table's columns while it is prepared; changes no bit (default: its memory, or 512).",
      valueName: "mib"))
  var memory: Int?

  func validate() throws {
    let range = RunConfiguration.tableMemory
    guard let memory, !range.contains(memory) else { return }
    throw ValidationError("--memory expects MiB from \(range.lowerBound) to \(range.upperBound), found \(memory)")
  }
}
