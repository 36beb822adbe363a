import Kernels
import Layers
import Reduction
import Tensors

extension Trainer {
  /// Every lane computes its leaves and adds what they complete; then the lanes' sums are joined to the rank's nodes.
  ///
  /// With `overlaps`, lanes join bucket by bucket during their last backward pass, and lane 0 sends what is joined
  /// between two of its layers. Else all join at the end, a slice each. Either way the additions are the same.
  func compute(_ current: SampleSchedule.Step, _ batch: BatchWork, _ staged: StagedLeaves, overlaps: Bool) throws {
    let work = batch.lanes
    if overlaps { gate.close(lanes: work.schedules.count { !$0.passes.isEmpty }) }
    var failure: (any Error)?
    team.run { number in
      let passes = work.schedules[number].passes
      for pass in passes {
        guard overlaps, pass.leaf == passes.last!.leaf else {
          compute(pass, current, batch, staged, on: lanes[number]) { _ in }
          continue
        }
        compute(pass, current, batch, staged, on: lanes[number]) { operation in
          gate.pass(operation) { join(work, reducer.buckets[$0]) }
          // MPI is called by the thread that began it alone.
          guard number == 0, failure == nil else { return }
          do {
            try reducer.start(batch.nodes, route: batch.route, ready: gate.readyCount())
          } catch {
            failure = error
          }
        }
      }
    }
    if let failure { throw failure }
    if overlaps { return try reducer.start(batch.nodes, route: batch.route, ready: reducer.buckets.count) }
    guard work.hasJoins else { return }
    team.run { number in join(work, contiguousShare(of: number, among: team.count, in: 0..<parameters.count)) }
  }

  private func compute(
    _ pass: LeafSchedule.Pass, _ current: SampleSchedule.Step, _ batch: BatchWork, _ staged: StagedLeaves,
    on lane: LaneBox, body: (_ operation: Int) -> Void
  ) {
    let place = pass.leaf - batch.route.range.lowerBound
    let flips = place == 0 && fault?.befalls(.flipLeaf, rank: world.rank, step: step) == true
    let (loss, weight) = lane.compute(
      pass, staged.samples(place), of: plan,
      .training(step: current.number, firstPosition: pass.leaf * plan.microBatch), loss: options.loss, fault: flips,
      body: body)
    batch.exchange.set(loss: loss, weight: weight, leaf: place)
  }

  /// Adds the lanes' sums of a part of the flat buffer to the rank's nodes.
  private func join(_ work: LaneWork, _ part: Range<Int>) {
    for join in work.joins {
      for addition in join.additions {
        let (into, from) = (join.operands[addition.into], join.operands[addition.from])
        let target = lanes[into.lane].buffers[into.buffer][part]
        Kernels.add(target, lanes[from.lane].buffers[from.buffer][part], into: target)
      }
    }
  }
}
