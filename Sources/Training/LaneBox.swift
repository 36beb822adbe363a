import Datasets
import Kernels
import Layers
import Losses
import Reduction
import Tensors

/// The memory of a lane, or of a crew of them, and its gradient buffers; a class, so that the lanes of a team reach theirs without
/// copying.
final class LaneBox: @unchecked Sendable {
  var lane: Lane
  let buffers: [FloatView]
  /// Where the leaves lie that are on their way into a sum.
  private let staging: FloatView
  /// All outputs of a plan that does not keep them, once somebody wants them.
  private var wholeOutputs: FlatBuffer?
  /// Where the loss of other targets goes, once targets are mixed.
  private var lossScratch: FlatBuffer?
  /// Of each buffer, and of what is staged, the rows that were written of slots of many rows.
  private let rows: [[TouchedRows?]]
  private let stagedRows: [TouchedRows?]

  init(_ lane: consuming Lane, of plan: Plan, buffers: [FloatView] = [], staging: Int = 0) {
    self.lane = lane
    self.buffers = buffers
    self.staging = FlatBuffer(count: staging).view
    rows = buffers.map { _ in plan.makeTouchedRows() }
    stagedRows = staging > 0 ? plan.makeTouchedRows() : []
  }

  /// To be called when others have written the buffers.
  func forgetRows() {
    for buffer in rows { for slot in buffer { slot?.forget() } }
  }

  /// Chooses where the leaf of a pass goes.
  private func begin(_ pass: LeafSchedule.Pass, _ layout: ParameterLayout) {
    guard let buffer = pass.buffer else {
      for slot in stagedRows { slot?.restart() }
      return lane.setStaging(staging, touched: stagedRows)
    }
    for (slot, touched) in zip(layout.slots, rows[buffer]) { touched?.restart(buffers[buffer][slot.range]) }
    lane.setLeaf(buffers[buffer], touched: rows[buffer])
  }

  /// Adds a slot of the leaf to the sums of its pass, one through the other.
  private func add(_ slot: Int, _ pass: LeafSchedule.Pass, _ layout: ParameterLayout) {
    var (from, touched) = (lane.parameterGradients[slot], lane.touched(slot))
    for buffer in pass.sums {
      let (into, sum) = (buffers[buffer][layout.slots[slot].range], rows[buffer][slot])
      if let sum, let touched { sum.add(from, touched: touched, to: into) } else { Kernels.add(into, from, into: into) }
      (from, touched) = (into, sum)
    }
  }

  /// Makes a slot of the leaf zeros, which does not learn yet: so is its sum, whatever the buffers held.
  private func clear(_ slot: Int, _ pass: LeafSchedule.Pass, _ layout: ParameterLayout) {
    // A table whose rows are kept is zeros already.
    guard let buffer = pass.buffer, rows[buffer][slot] == nil else { return }
    buffers[buffer][layout.slots[slot].range].clear()
  }

  /// Forward, loss and backward of one micro-batch: one leaf, which goes where `pass` says. Returns the sum of the
  /// losses and what the targets weigh.
  ///
  /// Calls `body` after each operation of the backward pass, when its slots are written and added. `stage` is that of the plan's
  /// stages that the step is in.
  func compute(
    _ pass: LeafSchedule.Pass, _ samples: Samples, of plan: Plan, _ mode: Lane.Mode, loss: any Loss,
    fault: Bool = false, stage: Int = 0,
    body: (_ operation: Int) -> Void = { _ in }
  ) -> (loss: Double, weight: Double) {
    lane.setStage(stage)
    lane.setInput(samples.input)
    lane.setMode(mode, valid: samples.valid)
    begin(pass, plan.layout)
    samples.features?.sampleWeights = samples.weights
    samples.features?.begin()
    lane.features = samples.features
    plan.forward(lane)
    let samples = samples.real(of: plan, lane, loss)
    let own = plan.lossAndGradient(lane, samples, loss, scratch: scratch(plan))
    let sum = samples.features.map { own + $0.sum } ?? own
    let weight = loss.weight(
      of: samples.targets, mixture: samples.mixture, weights: samples.weights, rows: plan.microBatch,
      valid: samples.valid)
    var fault = fault
    plan.backward(lane) { operation in
      for slot in plan.backwardSlots[operation] {
        guard lane.learns(slot) else {
          clear(slot, pass, plan.layout)
          continue
        }
        if fault {
          lane.touched(slot)?.touchAll(lane.parameterGradients[slot])
          lane.parameterGradients[slot].flipBit()
          fault = false
        }
        add(slot, pass, plan.layout)
      }
      body(operation)
    }
    return (sum, weight)
  }

  /// Room for the outputs of a sample, made once.
  private func scratch(_ plan: Plan) -> FloatView {
    let memory = lossScratch ?? FlatBuffer(count: plan.outputShape.count)
    lossScratch = memory
    return memory.view
  }

  /// All outputs, behind the plan's `forward`: lent until the next one.
  func outputs(of plan: Plan) -> FloatView {
    guard !plan.keepsOutputs else { return lane.output }
    let width = plan.outputShape.extents.last!
    let all = wholeOutputs ?? FlatBuffer(count: plan.microBatch * plan.outputShape.count)
    wholeOutputs = all
    plan.forEachOutput(lane) { rows, outputs in
      all.view[rows.lowerBound * width..<rows.upperBound * width].assign(outputs)
    }
    return all.view
  }

  /// What a micro-batch is computed from.
  struct Samples {
    let input: FloatView
    let targets: Targets
    /// What each sample weighs; nil: 1 each.
    let weights: FloatView?
    /// The other classes of targets that are mixed; nil: none is.
    let mixture: TargetMixture?
    /// What a teacher says of the samples, and how it counts; nil: there is none.
    let lesson: (distillation: Distillation, outputs: FloatView)?
    /// What it has of them between its layers; nil: nothing is compared.
    let features: FeaturePass?
    /// How many samples are there.
    let valid: Int
  }
}

extension Plan {
  /// The sum of the losses, behind `forward`; then the gradient of the outputs is where `backward` begins.
  ///
  /// `scratch` has room for the outputs of a sample, where targets are mixed.
  func lossAndGradient(
    _ lane: borrowing Lane, _ samples: LaneBox.Samples, _ loss: any Loss, scratch: @autoclosure () -> FloatView
  ) -> Double {
    guard !keepsOutputs else {
      let hard = loss.sum(
        lane.output, samples.targets, mixture: samples.mixture, weights: samples.weights, rows: microBatch,
        valid: samples.valid, gradient: lane.outputGradient, scratch: scratch())
      guard let (distillation, outputs) = samples.lesson else { return hard }
      let (output, gradient, targets) = (lane.output, lane.outputGradient, samples.targets)
      let counted = loss.weight(of: targets, rows: microBatch, valid: samples.valid)
      guard samples.weights != nil || loss.classWeights != nil || counted != Double(samples.valid) else {
        return distillation.sum(
          hard: hard, output, teacher: outputs, of: loss.meaning, rows: microBatch, valid: samples.valid,
          gradient: gradient)
      }
      return distillation.sum(
        hard: hard, output, teacher: outputs, of: loss.meaning, rows: microBatch, valid: samples.valid,
        gradient: gradient
      ) { row in
        (samples.weights?[row] ?? 1) * Float(loss.weight(of: targets.sample(row, of: microBatch), rows: 1, valid: 1))
      }
    }
    precondition(samples.mixture == nil && samples.lesson == nil, "targets of positions are not mixed, nor taught")
    var sum = RowSum(loss, samples.targets, weights: samples.weights, samples: microBatch, valid: samples.valid)
    passOutputs(lane) { rows, outputs in sum.add(outputs, rows: rows, gradient: outputs) }
    return sum.total
  }
}
