import Communication
import Datasets
import Diagnostics
import Kernels
import Layers
import Optimizers
import Reduction
import Tensors

/// One rank of a training run: parameters, optimizer state and lanes, and the step that moves them.
///
/// Every rank calls every method, in the same order. The parameters are the same on all ranks after every step, bit for
/// bit; the optimizer's state is split between the owners.
public final class Trainer {
  public let plan: Plan
  public let options: Options
  public let samples: SampleSchedule
  /// All of them, on every rank, in the plan's layout.
  public let parameters: FloatView
  /// Whether the ranks have one copy of the parameters among them, which rank zero may write for all.
  public let sharesParameters: Bool
  public let team: LaneTeam
  /// Steps done since the run began, resumed ones included.
  public private(set) var step = 0

  let world: any Communicator
  let reducer: GradientReducer
  let state: OptimizerState
  private let lanes: [LaneBox]
  private let work: [Int: LaneWork]
  private let exchanges: [Int: StepExchange]
  private let stages: [StagedLeaves]
  private var prefetcher: Prefetcher?
  private let norm: NormTree?

  /// Makes all memory and the start values; nothing is computed yet. All ranks call it.
  public init(
    plan: Plan, dataset: Dataset, standardisation: Standardisation?, options: Options, world: any Communicator
  ) throws {
    self.plan = plan
    self.options = options
    self.world = world
    let samples = SampleSchedule(
      samples: dataset.count, batch: options.batch, microBatch: plan.microBatch, seed: options.seed)
    let team = LaneTeam(count: options.lanes, waiting: options.cores >= options.lanes ? .eager : .lazy)
    var (work, exchanges) = ([Int: LaneWork](), [Int: StepExchange]())
    for leaves in samples.leafCounts {
      work[leaves] = LaneWork(
        lanes: options.lanes, route: Route(leaves: leaves, rank: world.rank, of: world.size))
      exchanges[leaves] = StepExchange(leaves: leaves, world: world)
    }
    let count = plan.layout.count
    let memory = try StepMemory(
      count: count,
      buffers: (0..<options.lanes).map { lane in work.values.map { $0.bufferCounts[lane] }.max() ?? 0 },
      sharing: options.sharesMemory && options.reduction == .canonical, world: world)
    let reducer = GradientReducer(
      method: options.reduction, count: count, bucketSize: options.bucketSize, world: world, team: team,
      shared: memory.shared)
    for leaves in work.keys.sorted() {
      try reducer.prepare(work[leaves]!.route, nodes: work[leaves]!.nodes(in: memory.gradients))
    }
    (self.samples, self.team, self.reducer, self.work, self.exchanges) = (samples, team, reducer, work, exchanges)
    (parameters, sharesParameters) = (memory.parameters, memory.shared != nil)
    state = OptimizerState(names: options.optimizer.stateNames, ranges: reducer.ownedRanges)
    lanes = memory.gradients.map { buffers in
      LaneBox(plan.makeLane(parameters: memory.parameters, seed: options.seed), buffers: buffers)
    }
    let leaves = work.values.map(\.route.range.count).max() ?? 0
    stages = (0..<2).map { _ in
      StagedLeaves(
        dataset: dataset, standardisation: standardisation, loss: options.loss, microBatch: plan.microBatch,
        leaves: leaves)
    }
    norm = options.clipNorm.map { _ in NormTree(count: count, reducer: reducer, world: world) }
    if world.rank == 0 || !sharesParameters { plan.initialise(parameters, seed: options.seed) }
    try world.barrier()
  }

  deinit {
    prefetcher?.close()
    team.close()
  }

  /// Goes on after `step` steps: the parameters and the state have been read from a checkpoint.
  public func resume(at step: Int) {
    precondition(prefetcher == nil, "resume before the first step")
    self.step = step
  }

  /// Steps of the whole run.
  public var stepCount: Int { options.schedule.steps }

  /// One step: forward, backward, reduction, update. All ranks together.
  ///
  /// Throws a `CollectiveFailure` where the loss is not finite; the parameters are then those before the step. There
  /// must be a step left to do.
  public func runStep(wantsStop: Bool = false) throws -> Report {
    precondition(step < stepCount, "all \(stepCount) steps of the run are done")
    var clock = Stopwatch()
    var times = Times()
    let current = samples.step(step)
    let (work, exchange) = (work[current.leaves]!, exchanges[current.leaves]!)

    let staged = samplesOf(current)
    times.input = clock.lap()
    compute(current, work, staged, exchange)
    times.compute = clock.lap()
    prefetcher!.prepare(step + 1, team: team)
    times.input += clock.lap()
    let (lossSum, stop) = try exchange(wantsStop: wantsStop)
    times.waiting = clock.lap()
    let nodes = work.nodes(in: lanes.map(\.buffers))
    let loss = lossSum / Double(current.count)
    guard loss.isFinite else { try reportDivergence(loss, nodes) }

    let rate = options.schedule(step)
    var scale = 1 / Float(current.count)
    var gradientNorm: Double?
    if let norm, let limit = options.clipNorm {
      // The norm is known only when the last bucket is summed: updates wait for it.
      try reducer.sum(nodes, route: work.route) { range, sum in norm.note(range, sum) }
      let total = try norm.value() / Double(current.count)
      gradientNorm = total
      if total > limit { scale *= Float(limit / total) }
      team.run { lane in norm.forEachSum(of: lane, among: team.count) { update($0, $1, scale, rate) } }
    } else {
      try reducer.sum(nodes, route: work.route) { range, sum in update(range, sum, scale, rate) }
    }
    try reducer.spread(parameters)
    times.communication = reducer.takeTrafficSeconds()
    times.update = clock.lap() - times.communication
    step += 1
    return Report(
      step: current, loss: loss, rate: rate, gradientNorm: gradientNorm, stop: stop, times: times)
  }

  private func samplesOf(_ current: SampleSchedule.Step) -> StagedLeaves {
    if prefetcher == nil {
      prefetcher = Prefetcher(
        schedule: samples, stages: stages, first: step, end: stepCount, onThread: options.cores > options.lanes
      ) { [work] in
        work[$0.leaves]!.route.range
      }
    }
    return prefetcher!.take(step, team: team)
  }

  /// Every lane computes its leaves and adds what is complete; then all lanes join their sums, a slice each.
  private func compute(
    _ current: SampleSchedule.Step, _ work: LaneWork, _ staged: StagedLeaves, _ exchange: StepExchange
  ) {
    let (first, microBatch) = (work.route.range.lowerBound, plan.microBatch)
    team.run { number in
      let lane = lanes[number]
      for action in work.schedules[number].actions {
        switch action {
        case .leaf(let leaf, let buffer):
          lane.lane.setInput(staged.input(leaf - first))
          lane.lane.setLeaf(lane.buffers[buffer])
          lane.lane.setMode(.training(step: current.number, firstPosition: leaf * microBatch))
          plan.forward(lane.lane)
          let loss = options.loss.sum(
            lane.lane.output, staged.targets(leaf - first), rows: microBatch,
            valid: staged.validCount(leaf - first), gradient: lane.lane.outputGradient)
          exchange.setLoss(loss, leaf: leaf - first)
          plan.backward(lane.lane)
        case .add(let addition):
          lane.add(addition)
        }
      }
    }
    guard work.joins.contains(where: { !$0.additions.isEmpty }) else { return }
    team.run { number in
      let part = contiguousShare(of: number, among: team.count, in: 0..<parameters.count)
      for join in work.joins {
        for addition in join.additions {
          let (into, from) = (join.operands[addition.into], join.operands[addition.from])
          let target = lanes[into.lane].buffers[into.buffer][part]
          Kernels.add(target, lanes[from.lane].buffers[from.buffer][part], into: target)
        }
      }
    }
  }

  /// Updates a part of what this rank owns; lanes call it at the same time for different parts.
  private func update(_ range: Range<Int>, _ sum: FloatView, _ scale: Float, _ rate: Double) {
    options.optimizer.update(
      parameters[range], state: state.views(range), gradient: sum, scale: scale, rate: rate, step: step)
  }

  /// Throws, on all ranks together, naming the first slot that is not finite: of the parameters, else of any gradient.
  private func reportDivergence(_ loss: Double, _ nodes: [FloatView]) throws -> Never {
    let inParameters = Kernels.firstNonFinite(in: parameters)
    let inGradient = nodes.compactMap { Kernels.firstNonFinite(in: $0) }.min() ?? .max
    let firstInGradients = try world.allGather([inGradient]).map { $0[0] }.min()!
    let first = inParameters ?? firstInGradients
    let what = inParameters == nil ? "gradient" : "parameter"
    let slot = plan.layout.slot(at: first).map { "the first \(what) that is not finite is in \($0.name)" }
    try world.agree {
      throw Failure(
        .badData, at: "step \(step + 1)",
        "the loss is \(loss.isNaN ? "not a number" : "infinite"); \(slot ?? "all gradients are finite")",
        cure: "lower the learning rate (now \(options.schedule(step))), warm it up, or set clip-norm")
    }
    preconditionFailure("agree has thrown")
  }
}
