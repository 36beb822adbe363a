import Datasets
import Kernels
import Layers
import Losses
import Tensors

/// A micro-batch that passes forward on one thread, as often as one likes: how long that takes.
package final class ForwardPass {
  private let plan: Plan
  private let box: LaneBox
  private let staged: StagedLeaves
  private let count: Int

  /// Of the first samples of `dataset`, which has at least one; `parameters` are borrowed.
  ///
  /// - Parameter integers: those of `plan` on `parameters`; nil: they are rounded now.
  package init(
    _ plan: Plan, _ parameters: FloatView, integers: RoundedWeights? = nil, loss: any Loss,
    _ dataset: Dataset
  ) {
    self.plan = plan
    box = LaneBox(plan.makeLane(parameters: parameters, seed: 0), of: plan)
    box.lane.integerWeights = integers ?? plan.makeIntegerWeights(parameters)
    staged = StagedLeaves(dataset: dataset, loss: loss, microBatch: plan.microBatch, leaves: 1)
    count = min(dataset.count, plan.microBatch)
  }

  /// Seconds of a pass, without gathering.
  package func seconds() -> Double {
    // A pass may overwrite its input.
    staged.stage(leaf: 0, count: count) { samples in for place in samples.indices { samples[place] = place } }
    box.lane.setInput(staged.input(0))
    box.lane.setMode(.evaluation, valid: count)
    let clock = ContinuousClock()
    let time = clock.measure {
      Kernels.asLane {
        plan.forward(box.lane)
        _ = box.outputs(of: plan)
      }
    }
    return max(1e-9, Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18)
  }
}
