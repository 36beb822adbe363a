import Communication
import Diagnostics
import Host
import Layers
import Tensors
import Training

/// Whether a host has the memory that a run cannot do without.
package enum MemoryNeed {
  /// Refuses a model of which not even the least fits into the memory of this host, or of its container: the parameters,
  /// which its ranks share, a gradient and activations of each, and `copies` as large as the parameters besides.
  package static func require(
    for plan: Plan, ranks: Int, copies: Double = 0, available: ProcessMemory = .ofThisProcess
  ) throws {
    // A process sees what its host's ranks share, and may have a limit of its own.
    let own = 4 * ((1 + copies) * Double(plan.layout.count) + Double(plan.layout.trainedCount + plan.arenaCount))
    if let limit = available.own, own > Double(limit.bytes) {
      throw Failure(
        .unavailable, at: "model",
        "expected at least \(byteText(own)) of memory for a rank, found a limit of "
          + "\(byteText(Double(limit.bytes))) (\(limit.name))",
        cure: "lift the limit, or make a layer smaller")
    }
    let floats =
      (1 + copies) * Double(plan.layout.count) + Double(ranks)
      * Double(plan.layout.trainedCount + plan.arenaCount)
    let bytes = floats * Double(MemoryLayout<Float>.stride)
    guard bytes > Double(available.shared.bytes) else { return }
    throw Failure(
      .unavailable, at: "model",
      "expected at least \(byteText(bytes)) of memory for \(count(ranks, "rank")), "
        + "found \(byteText(Double(available.shared.bytes))) (\(available.shared.name))",
      cure: ranks > 1 ? "make a layer smaller, or start fewer ranks a host" : "make a layer smaller")
  }

  /// What this rank's host keeps besides, as many times the parameters: its ranks' share of the optimizer's state, and on
  /// rank zero the copy of all that checkpoints are written from.
  package static func copies(
    _ configuration: RunConfiguration, of layout: ParameterLayout, _ world: any Communicator
  ) -> Double {
    let slots = configuration.stateSlots(for: layout)
    // Of what is frozen nothing is kept.
    let share = Double(layout.trainedCount) / Double(max(1, layout.count))
    let sharded = Double(slots.count { $0.isSharded }) * share
    let replicated = slots.reduce(0) { $0 + ($1.isSharded ? 0 : $1.count(for: layout)) }
    let replicas = Double(replicated) / Double(max(1, layout.count))
    return sharded * Double(world.hostSize) / Double(world.size) + replicas * Double(world.hostSize)
      + (world.rank == 0 ? 1 + sharded + replicas : 0)
  }
}
