import Communication
import Datasets
import Diagnostics
import Layers
import Losses
import Reduction
import Tensors

/// Computes the same micro-batches on every rank and compares the bits: finds the node that computes wrongly.
package final class Auditor {
  private let plan: Plan
  private let options: Trainer.Options
  private let parameters: FloatView
  private let samples: SampleSchedule
  private let staged: StagedLeaves
  private let world: any Communicator
  private let lane: LaneBox
  private let fault: InjectedFault?

  /// Of a step with `parameters`, which it borrows.
  package init(
    plan: Plan, dataset: Dataset, options: Trainer.Options, parameters: FloatView, world: any Communicator,
    fault: InjectedFault? = nil
  ) {
    self.plan = plan
    var options = options
    options.loss = plan.lossOfRealTargets(options.loss)
    self.options = options
    self.parameters = parameters
    self.world = world
    self.fault = fault
    samples = SampleSchedule(
      samples: dataset.count, batch: options.batch, microBatch: plan.microBatch, seed: options.seed)
    staged = StagedLeaves(
      dataset: dataset, loss: options.loss, microBatch: plan.microBatch, leaves: 1, augmenter: options.augmenter,
      lesson: options.lesson)
    lane = LaneBox(
      plan.makeLane(parameters: parameters, seed: options.seed), of: plan,
      buffers: [FlatBuffer(count: plan.layout.trainedCount).view], asking: options.lesson?.asked)
  }

  /// Micro-batches of the step.
  package func leafCount(ofStep step: Int) -> Int { samples.step(step).leaves }

  /// Computes leaf `leaf` of step `step`, both from 0, on every rank, and compares; all ranks call it.
  ///
  /// Throws a `CollectiveFailure` that names the ranks whose gradient or parameters differ.
  package func compare(leaf: Int, ofStep step: Int) throws {
    let rows = try world.allGather(plan.layout.checksums(of: parameters) + gradient(leaf, samples.step(step)))
    let hosts = try world.allGather(world.host)
    guard let disagreement = Disagreement(rows) else { return }
    let (count, place) = (plan.layout.slots.count, disagreement.place)
    let what = place < count ? "parameters" : "gradient"
    let slot = place < count ? plan.layout.slots[place].name : plan.layout.trained.slots[place - count].name
    throw disagreement.thrown(
      Failure(
        .internal, at: "step \(step + 1), micro-batch \(leaf)",
        disagreement.isMajority
          ? "the \(what) of \(disagreement.names(hosts)) differ from those of the other ranks, first in \(slot)"
          : "the \(what) differ, first in \(slot): \(disagreement.names(hosts)) are not as rank 0",
        cure: disagreement.isMajority
          ? "take that host out, and test its memory and processor"
          : "audit with three ranks or more to tell who is right"), hosts: hosts)
  }

  /// The checksums of the leaf's slots.
  private func gradient(_ leaf: Int, _ step: SampleSchedule.Step) -> [UInt64] {
    let first = leaf * plan.microBatch
    let order = EpochPermutation(count: samples.samples, seed: samples.seed, epoch: step.epoch)
    staged.stage(leaf: 0, count: min(plan.microBatch, step.count - first), epoch: step.epoch) {
      order.fill($0, from: step.firstPosition + first)
    }
    _ = lane.compute(
      LeafSchedule.Pass(leaf: leaf, buffer: 0, sums: []), staged.samples(0), of: plan,
      .training(step: step.number, firstPosition: first), loss: options.loss,
      fault: fault?.befalls(.flipLeaf, rank: world.rank, step: step.number) == true,
      stage: plan.stage(ofEpoch: step.epoch))
    return plan.layout.trained.checksums(of: lane.buffers[0])
  }
}
