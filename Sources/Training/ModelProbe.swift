import Communication
import Datasets
import Diagnostics
import Kernels
import Layers
import Losses
import Tensors

/// A micro-batch forward and backward through a model, and a checksum of all that each operation of it computes.
///
/// A probe of fixed shapes meets few of the paths that kernels take: blocks, edges and vectors depend on a model's own shapes. It
/// computes the first training samples with the parameters as they are, on one lane, and changes neither.
struct ModelProbe {
  /// `model.2.0 (dense), backward`: what each checksum is of, in the order of the computation.
  let places: [String]

  private let plan: Plan
  private let staged: StagedLeaves
  private let parameters: FloatView
  private let options: Trainer.Options

  /// Multiply-adds of the forward pass from which on it takes fewer samples than a micro-batch has, but one at least: about a tenth
  /// of a second for both passes on a core with AVX-512.
  static let enough = 1 << 31

  /// Of the model that `plan` is of, with `parameters`, which it borrows.
  init(_ plan: Plan, dataset: Dataset, options: Trainer.Options, parameters: FloatView) {
    let affordable = max(1, Self.enough / max(1, plan.multiplyAdds))
    // A layer may want more samples than one; then the micro-batch is whole.
    let outputsAtATime = plan.keepsOutputs ? nil : OutputChunks.usualCount
    let smaller =
      affordable < plan.microBatch
      ? try? plan.network.plan(microBatch: affordable, precision: plan.precision, outputsAtATime: outputsAtATime) : nil
    self.plan = smaller ?? plan
    (self.parameters, self.options) = (parameters, options)
    let bound = self.plan
    let (forward, backward) = (
      // Outputs that come some rows at a time are with the loss.
      bound.operations.indices.dropLast(bound.keepsOutputs ? 0 : 1).compactMap { bound.computed(forward: $0)?.name },
      bound.backwardOperations.compactMap { bound.computed(backward: $0)?.name }
    )
    places =
      ["the samples"] + forward.map { "model.\($0), forward" } + ["loss"] + backward.map { "model.\($0), backward" }
    // A teacher that is asked has a network of its own, which is not what is probed.
    let lesson = options.lesson.flatMap { $0.asked == nil ? $0 : nil }
    staged = StagedLeaves(
      dataset: dataset, loss: options.loss, microBatch: self.plan.microBatch, leaves: 1, augmenter: options.augmenter,
      lesson: lesson)
    let count = min(dataset.count, self.plan.microBatch)
    staged.stage(leaf: 0, count: count, epoch: 0) { samples in
      for place in samples.indices { samples[place] = place }
    }
  }

  /// How many samples it takes.
  var sampleCount: Int { plan.microBatch }

  /// The place halfway through a pass.
  func middle(_ kind: InjectedFault.Kind) -> Int {
    let loss = places.firstIndex(of: "loss")!
    return kind == .flipForward ? (1 + loss) / 2 : (loss + 1 + places.count) / 2
  }

  /// The checksum of each of `places`, computed as a lane computes.
  ///
  /// A bit of what is at place `flipped` is turned over, where one is named: what follows is computed from it.
  /// Memory that nobody has written holds `content`.
  func checksums(flipping flipped: Int? = nil, in content: Float = 0) -> [UInt64] {
    var sums: [UInt64] = []
    sums.reserveCapacity(places.count)
    // Memory, and how many of its bytes are numbers.
    func note(_ parts: [(view: FloatView, bytes: Int)]) {
      if sums.count == flipped, let part = parts.first(where: { $0.view.count > 0 }) {
        part.view[0..<max(1, part.bytes / 4)].flipBit()
      }
      var sum = Checksum()
      for part in parts {
        sum.add(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(part.view.bytes).prefix(part.bytes)))
      }
      sums.append(sum.value)
    }
    func whole(_ view: FloatView) -> (view: FloatView, bytes: Int) { (view, view.bytes.count) }
    let samples = staged.samples(0)
    var lane = plan.makeLane(parameters: parameters, seed: options.seed)
    if content != 0 { lane.fill(content) }
    lane.setInput(samples.input)
    lane.setMode(.training(step: 0, firstPosition: 0), valid: samples.valid)
    lane.setStaging(FlatBuffer(count: plan.stagingCount).view)
    Kernels.asLane {
      note([whole(samples.input)])
      plan.forward(lane) { place in
        guard let computed = plan.computed(forward: place) else { return }
        note(computed.tensors.map { (lane.values[$0], lane.byteCount($0)) })
      }
      let loss = FlatBuffer(count: 2)
      loss.view.bytes.storeBytes(
        of: plan.lossAndGradient(
          lane, samples.real(of: plan, lane, options.loss), options.loss,
          scratch: FlatBuffer(count: plan.outputShape.count).view), as: Double.self)
      note([whole(lane.outputGradient), whole(loss.view)])
      plan.backward(lane) { number in
        guard let computed = plan.computed(backward: plan.backwardOperations[number]) else { return }
        note(
          computed.tensors.map { (lane.gradients[$0], lane.byteCount($0)) }
            + plan.backwardSlots[number].map { whole(lane.parameterGradients[$0]) })
      }
    }
    return sums
  }
}

extension Trainer {
  /// Computes the model's probe on every rank and compares the bits; all ranks call it, before a step. Does nothing where there is
  /// one rank.
  ///
  /// Throws a `CollectiveFailure` (69) that names the ranks that compute other bits, their hosts, and the first operation.
  package func compareProbes() throws {
    guard world.size > 1 else { return }
    progress.enter(.computing, step: step)
    let probe = ModelProbe(plan, dataset: dataset, options: options, parameters: parameters)
    let kinds = [InjectedFault.Kind.flipForward, .flipBackward]
    let flips = kinds.first { fault?.befalls($0, rank: world.rank) == true }
    let own = probe.checksums(flipping: flips.map(probe.middle))
    var total = Checksum()
    total.add(own)
    // One number a rank, unless something is wrong.
    let totals = try world.allGather([total.value])
    guard totals.contains(where: { $0 != totals[0] }) else { return }
    let hosts = try world.allGather(world.host)
    guard let disagreement = Disagreement(try world.allGather(own)) else { return }
    throw disagreement.thrown(
      Failure(
        .unavailable, at: probe.places[disagreement.place],
        "the bits of \(disagreement.names(hosts)) are not those of "
          + (disagreement.isMajority ? "the other ranks" : "rank 0 on \(hosts[0])"),
        cure: disagreement.isMajority
          ? "take that host out, and test its memory and processor"
          : "start three ranks or more to tell who is right, and take that host out"), hosts: hosts)
  }
}
