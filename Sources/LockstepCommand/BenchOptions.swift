import ArgumentParser
import Benchmarks
import Foundation
import Lockstep

/// Where the ranks of a benchmark run.
struct HostOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The hosts for mpirun, as in hostfiles/cluster.example.", valueName: "file"))
  var hostfile: String?

  @Flag(help: "Let a hostfile's hosts take more ranks than they have slots.")
  var oversubscribe = false

  func validate() throws { try refuseEmpty(hostfile, "--hostfile") }

  func launcher(ranks: [Int]) throws -> Launcher {
    try Launcher(
      ranks: ranks, hostfile: hostfile, oversubscribe: oversubscribe,
      environment: ProcessInfo.processInfo.environment)
  }
}

/// What a benchmark writes besides the table.
struct FileOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Write the results as an array of objects.", valueName: "file"))
  var json: String?

  @Option(help: ArgumentHelp("Write the results as a table.", valueName: "file"))
  var csv: String?

  @Option(help: ArgumentHelp("Write a plot.", valueName: "file"))
  var svg: String?

  func validate() throws {
    for (path, name) in [(json, "--json"), (csv, "--csv"), (svg, "--svg")] { try refuseEmpty(path, name) }
  }

  var files: BenchmarkFiles { BenchmarkFiles(json: json, csv: csv, svg: svg) }
}
