import Foundation
import Kernels
import Layers
import Losses
import Reduction
import Tensors

extension Trainer {
  /// Every crew computes its leaves and adds what they complete; then the crews' sums are joined to the rank's nodes.
  ///
  /// Where the reducer overlaps, crews join bucket by bucket during their last backward pass, and lane 0, which leads the
  /// first, sends what is joined between two of its layers. Else all join at the end, a slice each. Either way the additions are the
  /// same.
  ///
  /// Returns the seconds of lane 0 that went into sending, and not into computing. What it sends while it waits for crews
  /// that have more leaves takes nothing from them.
  func compute(_ current: SampleSchedule.Step, _ batch: BatchWork, _ staged: StagedLeaves) throws -> Double {
    guard let packedWeights else { return try computeLeaves(current, batch, staged) }
    // Parameters change behind it, when all ranks have told each other their losses.
    return try packedWeights.whileFixed { try computeLeaves(current, batch, staged) }
  }

  private func computeLeaves(
    _ current: SampleSchedule.Step, _ batch: BatchWork, _ staged: StagedLeaves
  ) throws -> Double {
    let (work, overlaps) = (batch.crews, reducer.overlaps)
    let busy = work.schedules.count { !$0.passes.isEmpty }
    if overlaps { gate.close(lanes: busy) }
    var failure: (any Error)?
    var traffic = 0.0
    team.run { lane in
      batch.formation.run(lane) { crew in
        let passes = work.schedules[crew].passes
        // The reducer adds the sums of ranks and crews where they lie.
        boxes[crew].forgetRows()
        for pass in passes {
          let isLast = pass.leaf == passes.last!.leaf
          compute(pass, current, batch, staged, on: boxes[crew]) { operation in
            guard overlaps, isLast else { return }
            gate.pass(operation) { join(work, reducer.buckets[$0]) }
            if crew == 0 { send(batch, &failure) }
          }
        }
      }
      guard overlaps, lane == 0, busy > 0 else { return }
      traffic = reducer.takeTrafficSeconds()
      // Other crews may have more leaves. Where lanes share cores, the wait must not take theirs.
      while failure == nil, gate.readyCount() < reducer.buckets.count {
        send(batch, &failure)
        if options.cores < options.lanes { usleep(50) } else { sched_yield() }
      }
      _ = reducer.takeTrafficSeconds()
    }
    if let failure { throw failure }
    if overlaps {
      try reducer.start(batch.contribution, ready: reducer.buckets.count)
    } else if work.hasJoins {
      team.run { number in join(work, contiguousShare(of: number, among: team.active, in: 0..<plan.layout.trainedCount))
      }
    }
    return traffic + reducer.takeTrafficSeconds()
  }

  /// Starts what has been joined; on lane 0 alone, since MPI is called by the thread that began it. After a failure it
  /// does nothing.
  private func send(_ batch: BatchWork, _ failure: inout (any Error)?) {
    guard failure == nil else { return }
    do {
      try reducer.start(batch.contribution, ready: gate.readyCount())
    } catch let error {
      failure = error
    }
  }

  private func compute(
    _ pass: LeafSchedule.Pass, _ current: SampleSchedule.Step, _ batch: BatchWork, _ staged: StagedLeaves,
    on box: LaneBox, body: (_ operation: Int) -> Void
  ) {
    let place = pass.leaf - batch.route.range.lowerBound
    let flips = place == 0 && fault?.befalls(.flipLeaf, rank: world.rank, step: step) == true
    let (loss, weight) = box.compute(
      pass, staged.samples(place), of: plan,
      .training(step: current.number, firstPosition: pass.leaf * plan.microBatch), loss: options.loss, fault: flips,
      stage: stage(ofEpoch: current.epoch), body: body)
    batch.exchange.set(loss: loss, weight: weight, leaf: place)
  }

  /// Adds the crews' sums of a part of the flat buffer to the rank's nodes.
  private func join(_ work: LaneWork, _ part: Range<Int>) {
    for join in work.joins {
      for addition in join.additions {
        let (into, from) = (join.operands[addition.into], join.operands[addition.from])
        let target = boxes[into.crew].buffers[into.buffer][part]
        Kernels.add(target, boxes[from.crew].buffers[from.buffer][part], into: target)
      }
    }
  }
}
