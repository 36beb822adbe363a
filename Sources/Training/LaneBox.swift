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
  /// Who says what a student learns of, where that is not kept.
  private let teacher: (plan: Plan, box: LaneBox)?

  init(
    _ lane: consuming Lane, of plan: Plan, buffers: [FloatView] = [], staging: Int = 0,
    asking asked: AskedTeacher? = nil
  ) {
    self.lane = lane
    teacher = asked.map { ($0.plan, LaneBox($0.plan.makeLane(parameters: $0.parameters, seed: 0), of: $0.plan)) }
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
    let samples = taught(samples).real(of: plan, lane, loss)
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

  /// Samples with what the teacher says of them, who is asked where that is not kept.
  private func taught(_ samples: Samples) -> Samples {
    guard let teacher, let (distillation, question) = samples.lesson else { return samples }
    teacher.box.lane.setInput(question)
    teacher.box.lane.setMode(.evaluation, valid: samples.valid)
    teacher.plan.forward(teacher.box.lane)
    var samples = samples
    samples.lesson = (distillation, teacher.box.outputs(of: teacher.plan))
    return samples
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
    /// What a teacher says of the samples, or what it is to be asked of them, and how it counts; nil: there is none.
    var lesson: (distillation: Distillation, outputs: FloatView)?
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
      return samples.lesson.map { taught(hard, by: $0, lane, samples, loss) } ?? hard
    }
    precondition(
      samples.mixture == nil && samples.lesson == nil,
      "targets of positions are not mixed, and a student keeps its outputs")
    var sum = RowSum(loss, samples.targets, weights: samples.weights, samples: microBatch, valid: samples.valid)
    passOutputs(lane) { rows, outputs in sum.add(outputs, rows: rows, gradient: outputs) }
    return sum.total
  }

  /// The sum once a teacher counts, of `hard`, the one without it, and of its gradient the same.
  ///
  /// Each position of a sample has a row of its own; what the teacher says of one that the loss ignores counts nothing.
  private func taught(
    _ hard: Double, by lesson: (distillation: Distillation, outputs: FloatView), _ lane: borrowing Lane,
    _ samples: LaneBox.Samples, _ loss: any Loss
  ) -> Double {
    let positions = outputShape.rank > 1 ? outputShape.count / outputShape.extents.last! : 1
    let (rows, valid, targets) = (microBatch * positions, samples.valid * positions, samples.targets)
    let counted = loss.weight(of: targets, rows: microBatch, valid: samples.valid)
    guard samples.weights != nil || loss.classWeights != nil || counted != Double(valid) else {
      return lesson.distillation.sum(
        hard: hard, lane.output, teacher: lesson.outputs, of: loss.meaning, rows: rows, valid: valid,
        gradient: lane.outputGradient)
    }
    return lesson.distillation.sum(
      hard: hard, lane.output, teacher: lesson.outputs, of: loss.meaning, rows: rows, valid: valid,
      gradient: lane.outputGradient
    ) { row in
      let own = Float(loss.weight(of: targets.sample(row, of: rows), rows: 1, valid: 1))
      return (samples.weights?[row / positions] ?? 1) * own
    }
  }
}
