import ArgumentParser
import Benchmarks
import Lockstep

struct BenchAllreduce: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "allreduce",
    abstract: "Measure the bandwidth of sums over ranks, from 2 KiB to 64 MiB.",
    discussion: """
      canonical: along the fixed tree, in shared memory where there is some;
      messages: the same without; native: MPI_Allreduce. algbw and busbw as
      nccl-tests define them.
      """)

  @Option(help: ArgumentHelp("Numbers of ranks, separated by commas.", valueName: "numbers"))
  var ranks = "2"

  @Option(help: ArgumentHelp("How often each case is measured.", valueName: "number"))
  var rounds = 3

  @OptionGroup var hosts: HostOptions
  @OptionGroup var files: FileOptions

  func run() throws {
    let ranks = try numbers(ranks, "--ranks")
    guard ranks.allSatisfy({ $0 > 1 }) else {
      throw Failure(.usage, at: "--ranks", "expected at least 2 ranks, found 1", cure: "one rank has nothing to sum")
    }
    let rounds = try positive(rounds, "--rounds")
    let launcher = try hosts.launcher(ranks: ranks)
    try files.files.check()
    let results = try measureAllreduce(ranks: ranks, rounds: rounds, launcher: launcher) {
      writeStandardError(line: $0)
    }
    try writeStandardOutput(table(of: results))
    try files.files.write(results)
  }
}
