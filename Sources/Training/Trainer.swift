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
  /// What a run is, besides its data and its network.
  public struct Options: Sendable {
    public var batch: Int
    public var seed: UInt64
    public var loss: Loss
    public var optimizer: Optimizer
    public var schedule: Schedule
    /// The largest global norm of a gradient; nil where it is not clipped.
    public var clipNorm: Double?
    public var reduction: ReductionMethod
    /// Floats.
    public var bucketSize: Int
    public var lanes: Int
    /// Whether ranks of one host may use memory that all of them see; the bits are the same.
    public var sharesMemory: Bool
    /// The cores that this rank may use: they decide how lanes wait, and whether a thread of its own gathers samples.
    public var cores: Int

    public init(
      batch: Int, seed: UInt64, loss: Loss, optimizer: Optimizer, schedule: Schedule, clipNorm: Double? = nil,
      reduction: ReductionMethod = .canonical, bucketSize: Int = 1 << 20, lanes: Int = 1,
      sharesMemory: Bool = true, cores: Int = 1
    ) {
      self.batch = batch
      self.seed = seed
      self.loss = loss
      self.optimizer = optimizer
      self.schedule = schedule
      self.clipNorm = clipNorm
      self.reduction = reduction
      self.bucketSize = bucketSize
      self.lanes = lanes
      self.sharesMemory = sharesMemory
      self.cores = cores
    }
  }

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
  private var lanes: [LaneBox]
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
    for exchange in exchanges.values { exchange.deallocate() }
  }

  /// Goes on after `step` steps: the parameters and the state have been read from a checkpoint.
  public func resume(at step: Int) {
    precondition(prefetcher == nil, "resume before the first step")
    self.step = step
  }

  /// Steps of the whole run.
  public var stepCount: Int { options.schedule.steps }

  /// Where the seconds of a step went.
  public struct Times: Sendable {
    public var input = 0.0
    public var compute = 0.0
    public var waiting = 0.0
    public var communication = 0.0
    public var update = 0.0
    public init() {}
    public var total: Double { input + compute + waiting + communication + update }
  }

  /// What a step tells.
  public struct Report: Sendable {
    public let step: SampleSchedule.Step
    /// The mean over the step's samples.
    public let loss: Double
    public let rate: Double
    /// Of the gradient before clipping; nil where it is not clipped.
    public let gradientNorm: Double?
    /// Some rank wants to stop; all ranks see it at the same step.
    public let stop: Bool
    public let times: Times
  }

  /// One step: forward, backward, reduction, update. All ranks together.
  ///
  /// Throws a `Failure`, on every rank alike, where the loss is not finite; the parameters are then those before the step.
  public func runStep(wantsStop: Bool = false) throws -> Report {
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
    guard loss.isFinite else { throw try notFinite(loss, nodes) }

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

  /// Names the first slot that is not finite: in the parameters, else in any rank's gradient.
  private func notFinite(_ loss: Double, _ nodes: [FloatView]) throws -> Failure {
    let inParameters = Kernels.firstNonFinite(in: parameters)
    let inGradient = nodes.compactMap { Kernels.firstNonFinite(in: $0) }.min() ?? .max
    let first = try inParameters ?? world.allGather([inGradient]).map { $0[0] }.min()!
    let what = inParameters == nil ? "gradient" : "parameter"
    let slot = plan.layout.slot(at: first).map { "the first \(what) that is not finite is in \($0.name)" }
    return Failure(
      .badData, at: "step \(step)", "loss is \(loss); \(slot ?? "all gradients are finite")",
      cure: "lower the learning rate (now \(options.schedule(step))), warm it up, or set clip-norm")
  }
}

/// A lane and its gradient buffers; a class, so that the lanes of a team reach theirs without copying.
final class LaneBox: @unchecked Sendable {
  var lane: Lane
  let buffers: [FloatView]

  init(_ lane: consuming Lane, buffers: [FloatView] = []) {
    self.lane = lane
    self.buffers = buffers
  }

  func add(_ addition: CanonicalTree.Addition) {
    Kernels.add(buffers[addition.into], buffers[addition.from], into: buffers[addition.into])
  }
}
