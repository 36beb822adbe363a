import Communication
import Datasets
import Diagnostics
import Kernels
import Layers
import Losses
import Optimizers
import Reduction
import Tensors

/// One rank of a training run: parameters, optimizer state and lanes, and the step that moves them.
///
/// Every rank calls every method, in the same order. The parameters are the same on all ranks after every step, bit for
/// bit; the optimizer's state is split between the owners.
public final class Trainer {
  package let plan: Plan
  package let options: Options
  package let samples: SampleSchedule
  /// All of them, on every rank, in the plan's layout.
  package let parameters: FloatView
  /// Whether the ranks have one copy of the parameters among them, which rank zero may write for all.
  package let sharesParameters: Bool
  package let team: LaneTeam
  /// Steps done since the run began, resumed ones included.
  package private(set) var step = 0
  /// How often a plateau has let the rate fall, the same on all ranks; whoever evaluates sets it between steps.
  package var rateReductions = 0

  let world: any Communicator
  let dataset: Dataset
  let reducer: GradientReducer
  let state: OptimizerState
  /// One a crew.
  let boxes: [LaneBox]
  /// Copies of parameters for the passes of a step; nil where they would save too little.
  let packedWeights: PackedWeights?
  /// By the number of a batch's leaves, the level of lanes, and how many of them share a leaf.
  private let batches: [Int: [[BatchWork]]]
  /// Lanes that work, by level: `LaneChoice`.
  let laneLevels: [Int]
  /// On rank zero its wish counts.
  var laneChoice: LaneChoice
  /// Of the next step; the same on all ranks.
  private var level = 0
  private let stages: [StagedLeaves]
  private var prefetcher: Prefetcher?
  /// Leaves of a batch that is not the last of an epoch.
  private let wholeLeaves: Int
  let gate: BucketGate
  /// Whether buckets are sent while backward goes on.
  package internal(set) var overlap: OverlapChoice
  /// How many lanes share a leaf.
  private var sharing: LeafSharing
  private let transforms: GradientTransforms
  /// By the plan's stages.
  private let segments: [StepSegments]
  let progress: RankProgress
  let fault: InjectedFault?
  private let groups: [UpdateGroup]
  /// One a group.
  let updates: [any ParameterUpdate]
  /// Where a step depends on whole slots.
  let layerwise: (updates: [any LayerwiseUpdate], trust: TrustRatios)?
  /// The parameters that a step touches, in the layout of gradients.
  private let trained: FloatView
  /// What becomes zeros as training goes on; nil: nothing does.
  let pruner: Pruner?
  /// On rank zero: how fast the ranks compute.
  package let paces: ComputePaces?

  /// Makes all memory and the start values; nothing is computed yet. All ranks call it.
  package init(
    plan: Plan, dataset: Dataset, options: Options, world: any Communicator,
    progress: RankProgress = RankProgress(), fault: InjectedFault? = nil
  ) throws {
    self.plan = plan
    self.progress = progress
    self.fault = fault
    var options = options
    try plan.checkRealTargets(options.loss)
    options.loss = plan.lossOfRealTargets(options.loss)
    self.options = options
    self.world = world
    self.dataset = dataset
    func seed(_ kind: InjectedFault.Kind) -> UInt64 {
      fault?.seed(options.seed, kind, rank: world.rank) ?? options.seed
    }
    paces = world.rank == 0 ? ComputePaces(ranks: world.size) : nil
    let samples = SampleSchedule(
      samples: dataset.count, batch: options.batch, microBatch: plan.microBatch, seed: seed(.keyOrder))
    let team = LaneTeam(count: options.lanes, waiting: options.cores >= options.lanes ? .eager : .lazy)
    let levels = try LaneChoice.levels(options.lanes, adapts: options.adaptsLanes, world)
    (laneLevels, laneChoice) = (levels, LaneChoice(levels: levels.count))
    let routes = samples.leafCounts.sorted().map { Route(leaves: $0, rank: world.rank, of: world.size) }
    let sharing = try LeafSharing(
      options.lanesPerLeaf, lanes: options.lanes, leaves: routes.last!.range.count, world)
    let seats = (0..<options.lanes).map { _ in
      // Where lanes share cores, one that waits gives its own to others between two looks.
      options.cores >= options.lanes ? Seat(patience: 200_000) : Seat(patience: 50_000, quietPatience: 0)
    }
    let work = routes.map { route in
      levels.map { lanes in
        sharing.ways.map { perLeaf in
          let formation = Formation(
            lanes: lanes, perLeaf: perLeaf, leaves: route.range.count, seats: seats, grain: options.crewGrain)
          return (crews: LaneWork(crews: formation.crewCount, route: route), formation: formation)
        }
      }
    }
    let all = work.joined().joined()
    let buffers = (0..<all.map(\.formation.crewCount).max()!).map { crew in
      all.map { crew < $0.crews.bufferCounts.count ? $0.crews.bufferCounts[crew] : 0 }.max()!
    }
    let (count, layout) = (plan.layout.trainedCount, plan.layout.trained)
    let grouped = try world.agree {
      try UpdateGroups(plan, groups: options.groups, layerDecay: options.layerDecay, optimizer: options.optimizer)
    }
    let memory = try StepMemory(
      parameters: plan.layout.count, count: count,
      buffers: buffers,
      sharing: options.sharesMemory && options.reduction == .canonical
        && options.transport?.wantsSharedMemory ?? true, world: world)
    let reducer = try GradientReducer(
      method: options.reduction, count: count, bucketSize: options.bucketSize, world: world, team: team,
      transport: options.transport, shared: memory.shared,
      writes: plan.backwardSlots.map { $0.map { plan.layout.slots[$0].range } }, canOverlap: options.overlap != .never)
    var batches: [Int: [[BatchWork]]] = [:]
    for (route, work) in zip(routes, work) {
      batches[route.leaves] = try work.map {
        try $0.map {
          try BatchWork($0.crews, $0.formation, gradients: memory.gradients, reducer: reducer, world: world)
        }
      }
    }
    self.sharing = sharing
    (self.samples, self.team, self.reducer, self.batches) = (samples, team, reducer, batches)
    wholeLeaves = samples.leafCounts.max()!
    gate = BucketGate(reducer.bucketOrder)
    overlap = OverlapChoice(options.overlap, isPossible: reducer.canOverlap && reducer.bucketOrder.buckets.count > 1)
    (parameters, sharesParameters) = (memory.parameters, memory.shared != nil)
    trained = memory.parameters[0..<count]
    state = OptimizerState(
      options.optimizer.state(for: layout) + (options.averageDecay == nil ? [] : [WeightAverage.slot]),
      packing: OwnedPacking(reducer.ownedRanges))
    segments = plan.stages.map {
      StepSegments(plan.layout, decay: options.decay, learns: $0.learns, groups: grouped.ofSlot)
    }
    groups = grouped.groups
    let updates = groups.map { group -> any ParameterUpdate in
      let own = group.weightDecay.flatMap { options.optimizer.with(weightDecay: $0) }
      return (own ?? options.optimizer).makeUpdate()
    }
    self.updates = updates
    let isLayerwise = updates[0] is any LayerwiseUpdate
    layerwise = isLayerwise ? (updates.map { $0 as! any LayerwiseUpdate }, TrustRatios(layout, reducer: reducer)) : nil
    boxes = memory.gradients.map { buffers in
      LaneBox(
        plan.makeLane(parameters: memory.parameters, seed: seed(.keyDropout)), of: plan, buffers: buffers,
        staging: plan.stagingCount, asking: options.lesson?.asked)
    }
    boxes[0].lane.progress = progress
    reducer.progress = progress
    let leaves = routes.map(\.range.count).max()!
    packedWeights = options.packsWeights ? plan.makePackedWeights(memory.parameters, passes: leaves) : nil
    for box in boxes { box.lane.packedWeights = packedWeights }
    stages = (0..<2).map { _ in
      StagedLeaves(
        dataset: dataset, loss: options.loss, microBatch: plan.microBatch, leaves: leaves,
        augmenter: options.augmenter, lesson: options.lesson)
    }
    let pruner = try world.agree {
      try options.pruning.map { try Pruner($0, plan, stepsPerEpoch: samples.stepsPerEpoch) }
    }
    self.pruner = pruner
    transforms = GradientTransforms(
      options.gradientTransforms, around: pruner?.gradients(of: memory.parameters),
      binding: GradientBinding(layout: layout, seed: options.seed, reducer: reducer))
    if world.rank == 0 || !sharesParameters { plan.initialise(parameters, seed: options.seed) }
    try world.barrier()
  }

  deinit {
    prefetcher?.close()
    team.close()
  }

  /// Goes on after `step` steps: the parameters and the state have been read from a checkpoint.
  package func resume(at step: Int) {
    precondition(prefetcher == nil, "resume before the first step")
    self.step = step
  }

  /// Bytes of gradients and parameters that this rank has read where other ranks wrote them, in shared memory.
  package var sharedBytesRead: Int { reducer.sharedBytesRead }

  /// The learning rate of the next step.
  package var rate: Double { options.schedule(step, reductions: rateReductions) }

  /// Steps of the whole run.
  package var stepCount: Int { options.schedule.steps }

  /// One step: forward, backward, reduction, update. All ranks together.
  ///
  /// Throws a `CollectiveFailure` where the loss is not finite; the parameters are then those before the step. There
  /// must be a step left to do.
  /// With `compares` the ranks compare the parameters that they have computed with: see `compareParameters`.
  package func runStep(_ request: Request = .goOn, compares: Bool = false) throws -> Report {
    precondition(step < stepCount, "all \(stepCount) steps of the run are done")
    var clock = Stopwatch()
    var times = Times()
    let current = samples.step(step)
    let used = level
    let batch = batches[current.leaves]![used][sharing.way]
    pruner?.begin(parameters, done: step)
    team.active = laneLevels[used]
    _ = team.takeWaitingSeconds()
    // Seconds since the last lap, without those in which lanes waited for each other. While lane 0 sends, the others wait
    // for it: that is communication already.
    func lap(sending: Double = 0) -> Double {
      let waited = max(0, team.takeWaitingSeconds() - sending * Double(team.active - 1) / Double(team.active))
      times.lanes += waited
      return clock.lap() - sending - waited
    }

    progress.enter(.gathering, step: step)
    let staged = samplesOf(current)
    times.input = lap()
    progress.enter(.computing, step: step)
    reducer.overlaps = overlap.overlaps
    times.communication = try compute(current, batch, staged)
    times.compute = lap(sending: times.communication)
    progress.enter(.gathering, step: step)
    prefetcher!.prepare(step + 1, team: team)
    times.input += lap()
    progress.enter(.exchanging, step: step)
    let (lossSum, weight, request, agreed) = try batch.exchange(
      request, pace: batch.rounds > 0 ? (times.compute + times.lanes) / Double(batch.rounds) : 0,
      level: laneChoice.level)
    level = agreed
    times.waiting = clock.lap()
    // A batch whose targets weigh nothing has a loss and a gradient of zero. Their sums need not be: a class of weight
    // zero still has the part of its targets that label smoothing spreads over the others.
    let loss = weight > 0 ? lossSum / weight : 0
    guard loss.isFinite else {
      try reducer.drain(batch.contribution)
      try reportDivergence(loss, batch.contribution.nodes)
    }

    if compares {
      do {
        try compareParameters(inStep: step + 1)
      } catch let failure as CollectiveFailure {
        // All ranks are here, and MPI is ended in order: nothing may be under way then.
        try reducer.drain(batch.contribution)
        throw failure
      }
    }
    progress.enter(.reducing, step: step)
    let rate = self.rate
    for (update, group) in zip(updates, groups) where current.epoch >= group.epoch {
      let own = step - group.epoch * samples.stepsPerEpoch
      update.prepare(step: own, rate: rate * group.rate, replicated: state.replicated)
    }
    let mean = 1 / Float(current.count)
    let segments = segments[stage(ofEpoch: current.epoch)]
    try transforms.sum(batch.contribution, step: step, weight: weight, by: reducer) { range, sum, scale in
      update(range, sum, scale: scale, mean: mean, segments)
    }
    if let (updates, trust) = layerwise {
      // The norms of slots are known only when the last bucket is summed.
      try trust.exchange {
        updates[0].ratio(ofSlot: $0, parameters: $1, update: $2, replicated: state.replicated)
      }
      reducer.forEachSum(batch.contribution) { range, _ in apply(range, updates, trust, segments) }
    }
    progress.enter(.spreading, step: step)
    try reducer.spread(trained)
    try prune(after: step + 1, epoch: current.epoch)
    if let fault, fault.befalls(.flipParameter, rank: world.rank, step: step) { parameters.flipBit() }
    let traffic = reducer.takeTrafficSeconds()
    times.update = lap() - traffic
    times.communication += traffic
    paces?.add(seconds: times.total, pace: batch.exchange.pace(of:))
    step += 1
    let isWhole = current.leaves == wholeLeaves
    // One thing at a time.
    let wasSharing = sharing.isTrying
    let change = isTrying ? nil : laneChoice.note(times.total, at: used, isWhole: isWhole)
    let shared = try sharing.note(times.total, isWhole: isWhole, in: world)
    let measured = wasSharing ? nil : try overlap.note(times.total, isWhole: isWhole, in: world)
    return Report(
      step: current, loss: loss, weight: weight, rate: rate, gradientNorm: transforms.gradientNorm, request: request,
      times: times, overlap: measured, lanes: change.map(laneChange), sharing: shared)
  }

  /// Which of the plan's stages an epoch, from 0, is in.
  func stage(ofEpoch epoch: Int) -> Int { plan.stage(ofEpoch: epoch) }

  /// Whether ways of doing a step are still compared, which all have the same bits.
  package var isTrying: Bool { sharing.isTrying || overlap.isTrying }

  private func laneChange(_ change: LaneChoice.Change) -> LaneChange {
    LaneChange(
      all: options.lanes, from: laneLevels[change.from], to: laneLevels[change.to], before: change.before,
      after: change.after)
  }

  private func samplesOf(_ current: SampleSchedule.Step) -> StagedLeaves {
    if prefetcher == nil {
      prefetcher = Prefetcher(
        schedule: samples, stages: stages, first: step, end: stepCount, onThread: options.cores > options.lanes
      ) { [batches] in
        batches[$0.leaves]![0][0].route.range
      }
    }
    return prefetcher!.take(step, team: team)
  }
}
