import Communication
import Datasets
import Diagnostics
import Kernels
import Layers
import Losses
import Metrics
import Reduction
import Tensors

/// Runs a network forward over a dataset, each sample once, its micro-batches shared by ranks and lanes.
///
/// Counts are integers, which add up to the same in any order; losses and other sums go along the canonical tree over
/// the micro-batches. So every figure has the same bits on any number of ranks.
package final class Evaluator {
  let plan: Plan
  private let loss: any Loss
  private let metrics: [any Metric]
  let world: any Communicator
  private let team: LaneTeam
  private let lanes: [LaneBox]

  /// On `parameters`, which it borrows and reads anew each time; but where layers compute with whole numbers, their weights are rounded
  /// now.
  ///
  /// - Parameters:
  ///   - integers: those weights, where they are rounded already.
  ///   - metrics: what is measured besides the loss; empty: the usual scores of what the loss is for.
  ///   - progress: where lane 0 notes where it is.
  package init(
    plan: Plan, parameters: FloatView, integers: RoundedWeights? = nil, loss: any Loss,
    metrics: [any Metric] = [],
    team: LaneTeam, world: any Communicator, progress: RankProgress? = nil
  ) {
    self.plan = plan
    self.loss = plan.lossOfRealTargets(loss)
    self.metrics = metrics
    self.team = team
    self.world = world
    let integers = integers ?? plan.makeIntegerWeights(parameters)
    lanes = (0..<team.count).map { _ in
      let box = LaneBox(plan.makeLane(parameters: parameters, seed: 0), of: plan)
      box.lane.integerWeights = integers
      return box
    }
    lanes[0].lane.progress = progress
  }

  /// What is measured on `dataset`, by its name in files: `f1`, and of one of several outputs `f1/Status`; which values are better.
  package func goals(on dataset: Dataset) throws -> [String: MetricGoal] {
    let plan = try EvaluationPlan(metrics, loss: loss, dataset: dataset)
    var goals = ["loss": MetricGoal.minimize]
    func add(_ plan: EvaluationPlan, _ output: String?) {
      // What needs all rows does not add up over micro-batches.
      for (metric, _) in plan.metrics where !(metric is any WholeMetric) {
        let name = metric.name.replacing(" ", with: "-")
        goals[output.map { "\(name)/\($0)" } ?? name] = type(of: metric).goal
      }
    }
    add(plan, nil)
    for part in plan.parts { add(part.plan, part.name) }
    return goals
  }

  /// The names in files of a metric that needs all rows, on `dataset`, and which values are better; empty where it says nothing of
  /// such samples.
  package func wholeGoals(_ metric: any Metric, on dataset: Dataset) -> [String: MetricGoal] {
    guard metric is any WholeMetric, let plan = try? EvaluationPlan([metric], loss: loss, dataset: dataset) else {
      return [:]
    }
    let parts = plan.parts.filter { !$0.plan.metrics.isEmpty }.map(\.name)
    let outputs = plan.parts.isEmpty ? plan.task.outputs : parts
    let (name, goal) = (metric.name.replacing(" ", with: "-"), type(of: metric).goal)
    return Dictionary(uniqueKeysWithValues: outputs.isEmpty ? [(name, goal)] : outputs.map { ("\(name)/\($0)", goal) })
  }

  /// Loss and scores over all samples of `dataset`, the same on every rank; all ranks call it.
  package func evaluate(_ dataset: Dataset) throws -> Evaluation {
    let tally = try tally(of: dataset)
    let shares = (0..<world.size).map { tally.tree.share(of: $0, among: world.size) }
    if plan.keepsOutputs || !tally.takesRows {
      forEachLeaf(of: dataset, shares[world.rank]) { tally.add($0, $1, $2, targets($0, $3), $3) }
    } else {
      forEachPass(of: dataset, shares[world.rank]) { number, leaf, staged in
        tally.addRows(number, leaf, targets(number, staged), staged) { plan.forEachOutput(lanes[number].lane, $0) }
      }
    }
    try tally.gather(world, shares)
    return try tally.evaluation(world)
  }

  /// The targets of what a lane has computed, of which those count that `loss` does not ignore.
  func targets(_ lane: Int, _ staged: StagedLeaves) -> Targets {
    plan.real(staged.targets(0), lanes[lane].lane, ignored: loss.ignored)
  }

  /// What an evaluation of `dataset` counts.
  func tally(of dataset: Dataset) throws -> EvaluationTally {
    try EvaluationTally(metrics, loss: loss, dataset, microBatch: plan.microBatch, lanes: team.count)
  }

  /// The outputs of all samples, in their order: N × outputs. Works alone: ranks do not share the work.
  package func outputs(_ dataset: Dataset) -> FlatBuffer {
    let leaves = (dataset.count + plan.microBatch - 1) / plan.microBatch
    let width = plan.outputShape.count
    let result = FlatBuffer(count: dataset.count * width)
    forEachLeaf(of: dataset, 0..<leaves) { _, leaf, outputs, staged in
      let count = staged.validCount(0) * width
      let first = leaf * plan.microBatch * width
      result.view[first..<first + count].assign(outputs[0..<count])
    }
    return result
  }

  /// Forward over some leaves, which the lanes share; outputs are lent.
  func forEachLeaf(
    of dataset: Dataset, _ leaves: Range<Int>,
    _ body: (_ lane: Int, _ leaf: Int, _ outputs: FloatView, StagedLeaves) -> Void
  ) {
    forEachPass(of: dataset, leaves) { number, leaf, staged in
      body(number, leaf, lanes[number].outputs(of: plan), staged)
    }
  }

  /// The same before outputs are there: the lane gives them, all or some rows at a time.
  private func forEachPass(
    of dataset: Dataset, _ leaves: Range<Int>, _ body: (_ lane: Int, _ leaf: Int, StagedLeaves) -> Void
  ) {
    team.run { number in
      let lane = lanes[number]
      let staged = StagedLeaves(
        dataset: dataset, loss: loss, microBatch: plan.microBatch, leaves: 1)
      for leaf in contiguousShare(of: number, among: team.active, in: leaves) {
        let first = leaf * plan.microBatch
        staged.stage(leaf: 0, count: min(plan.microBatch, dataset.count - first)) { samples in
          for place in samples.indices { samples[place] = first + place }
        }
        lane.lane.setInput(staged.input(0))
        lane.lane.setMode(.evaluation, valid: staged.validCount(0))
        plan.forward(lane.lane)
        body(number, leaf, staged)
      }
    }
  }
}
