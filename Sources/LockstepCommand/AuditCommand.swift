import ArgumentParser
import Foundation
import Lockstep
import MPICommunication

struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Find a node that computes wrongly: the same micro-batches on every rank, compared bit for bit.",
    usage: "mpirun -np <ranks> lockstep audit <checkpoint> [--micro-batches <count>]",
    discussion: """
      Every rank computes micro-batches of the step that follows the checkpoint. With three ranks or more the odd ones
      out are named, with their hosts; the exit code is then 70.
      """)

  @Argument(help: ArgumentHelp("A checkpoint, or a run directory for its newest one.", valueName: "checkpoint"))
  var checkpoint: String

  @Option(help: ArgumentHelp("How many micro-batches to compute (default: those of the step).", valueName: "count"))
  var microBatches: Int?

  func validate() throws {
    try refuseEmpty(checkpoint, "<checkpoint>")
    if let microBatches, microBatches < 1 {
      throw ValidationError("--micro-batches expects a number above 0, found \(microBatches)")
    }
  }

  func run() throws {
    let watchdog = Watchdog()
    let asked = [Asked("<checkpoint>", checkpoint), Asked("--micro-batches", microBatches.map { "\($0)" })]
    onEveryRank("audit", asked, watchdog: watchdog) { world in
      if world.size == 1 {
        throw Failure(
          .usage, "one rank has no other to compare with", cure: "start it under mpirun, with a rank on each host")
      }
      let audit = try Audit(checkpoint, world: world, watchdog: watchdog)
      let count = min(microBatches ?? audit.leafCount, audit.leafCount)
      for leaf in 0..<count { try audit.compare(leaf: leaf) }
      if world.rank == 0 {
        try writeStandardOutput(
          "\(world.size) ranks computed the same bits: \(count) micro-batches of step \(audit.step + 1)\n")
      }
      return 0
    }
  }
}
