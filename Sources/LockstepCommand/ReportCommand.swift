import ArgumentParser
import Lockstep
import Reports

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write a page that tells what runs have come to: figures beside a baseline, curves, data, receipt.",
    discussion: """
      One file of HTML, which needs no network and no script: to be looked at, sent and printed. Of several runs it sets
      the figures side by side, and what differs in their configurations. The same runs give the same bytes.
      """)

  @Argument(help: ArgumentHelp("The directories of runs.", valueName: "run"))
  var runs: [String]

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The file (default: report.html in the directory of the only run, or in the current one).", valueName: "file"))
  var output: String?

  func validate() throws {
    for run in runs { try refuseEmpty(run, "<run>") }
    try refuseEmpty(output, "--output")
  }

  func run() throws {
    try requireAlone("report")
    let report = try Report(runs: runs)
    let path = output ?? (runs.count == 1 ? "\(report.runs[0].path)/report.html" : "report.html")
    try report.write(to: path)
    if path != "-" { try writeStandardOutput("\(path.shown()): \(byteText(Double(report.html.utf8.count)))\n") }
  }
}
