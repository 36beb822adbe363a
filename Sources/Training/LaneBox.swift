import Datasets
import Kernels
import Layers
import Losses
import Reduction
import Tensors

/// A lane and its gradient buffers; a class, so that the lanes of a team reach theirs without copying.
final class LaneBox: @unchecked Sendable {
  var lane: Lane
  let buffers: [FloatView]
  /// Where the leaves lie that are on their way into a sum.
  private let staging: FloatView

  init(_ lane: consuming Lane, buffers: [FloatView] = [], staging: Int = 0) {
    self.lane = lane
    self.buffers = buffers
    self.staging = FlatBuffer(count: staging).view
  }

  /// Forward, loss and backward of one micro-batch: one leaf, which goes where `pass` says. Returns the sum of the
  /// losses and what the targets weigh.
  ///
  /// Calls `body` after each operation of the backward pass, when its slots are written and added.
  func compute(
    _ pass: LeafSchedule.Pass, _ samples: Samples, of plan: Plan, _ mode: Lane.Mode, loss: any Loss,
    fault: Bool = false,
    body: (_ operation: Int) -> Void = { _ in }
  ) -> (loss: Double, weight: Double) {
    lane.setInput(samples.input)
    lane.setMode(mode, valid: samples.valid)
    if let buffer = pass.buffer { lane.setLeaf(buffers[buffer]) } else { lane.setStaging(staging) }
    plan.forward(lane)
    let rows = plan.microBatch
    let sum = loss.sum(
      lane.output, samples.targets, weights: samples.weights, rows: rows, valid: samples.valid,
      gradient: lane.outputGradient)
    let weight = loss.weight(of: samples.targets, weights: samples.weights, rows: rows, valid: samples.valid)
    var fault = fault
    plan.backward(lane) { operation in
      for slot in plan.backwardSlots[operation] {
        if fault {
          lane.parameterGradients[slot].flipBit()
          fault = false
        }
        var from = lane.parameterGradients[slot]
        for buffer in pass.sums {
          let into = buffers[buffer][plan.layout.slots[slot].range]
          Kernels.add(into, from, into: into)
          from = into
        }
      }
      body(operation)
    }
    return (sum, weight)
  }

  /// What a micro-batch is computed from.
  struct Samples {
    let input: FloatView
    let targets: Targets
    /// What each sample weighs; nil: 1 each.
    let weights: FloatView?
    /// How many samples are there.
    let valid: Int
  }
}
