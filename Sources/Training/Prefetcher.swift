import Diagnostics
import Foundation
import Kernels
import Reduction
import Tensors

/// Gathers the samples of the next step while the current one computes. Two stages take turns: one is read by the
/// lanes, the other is filled.
///
/// With a core to spare a thread of its own fills it. Without one, a thread would only push a lane off its core: the
/// lanes fill it themselves after their own leaves, while other ranks may still be computing.
final class Prefetcher: @unchecked Sendable {
  private let schedule: SampleSchedule
  private let stages: [StagedLeaves]
  /// The leaves of a step that this rank computes.
  private let share: @Sendable (SampleSchedule.Step) -> Range<Int>
  private let end: Int
  private let hasThread: Bool
  private let condition = NSCondition()
  /// The step that was last asked for.
  private var wanted: Int
  /// All steps below it are staged, or were.
  private var ready: Int
  private var isClosed = false

  /// For the steps `first ..< end`.
  init(
    schedule: SampleSchedule, stages: [StagedLeaves], first: Int, end: Int, onThread: Bool,
    share: @escaping @Sendable (SampleSchedule.Step) -> Range<Int>
  ) {
    precondition(stages.count == 2, "two stages take turns, found \(stages.count)")
    self.schedule = schedule
    self.stages = stages
    self.share = share
    self.end = end
    wanted = first
    ready = first
    hasThread = onThread
    guard onThread else { return }
    startThread("prefetch") { [self] in serve(first) }
  }

  /// Hands out the samples of step `number`, the one after the last that was taken; waits for them if need be.
  func take(_ number: Int, team: LaneTeam) -> StagedLeaves {
    guard hasThread else {
      if ready <= number { fill(number, team) }
      return stages[number % 2]
    }
    condition.lock()
    wanted = number
    condition.broadcast()
    while ready <= number { condition.wait() }
    condition.unlock()
    return stages[number % 2]
  }

  /// Lets the lanes fill the stage of step `number`, where no thread does. The step before is being computed elsewhere.
  func prepare(_ number: Int, team: LaneTeam) {
    if !hasThread, number < end { fill(number, team) }
  }

  /// Ends the thread.
  func close() {
    condition.lock()
    isClosed = true
    condition.broadcast()
    condition.unlock()
  }

  private func fill(_ number: Int, _ team: LaneTeam) {
    let step = schedule.step(number)
    let leaves = share(step)
    team.run { lane in
      stage(step, contiguousShare(of: lane, among: team.active, in: leaves), from: leaves.lowerBound)
    }
    ready = number + 1
  }

  private func serve(_ first: Int) {
    Kernels.prepareThread()
    for number in first..<max(first, end) {
      condition.lock()
      // The stage was read two steps ago: free as soon as step `number - 1` has been asked for.
      while !isClosed, number > wanted + 1 { condition.wait() }
      let closed = isClosed
      condition.unlock()
      if closed { return }
      let step = schedule.step(number)
      let leaves = share(step)
      stage(step, leaves, from: leaves.lowerBound)
      condition.lock()
      ready = number + 1
      condition.broadcast()
      condition.unlock()
    }
  }

  private func stage(_ step: SampleSchedule.Step, _ leaves: Range<Int>, from firstLeaf: Int) {
    let order = EpochPermutation(count: schedule.samples, seed: schedule.seed, epoch: step.epoch)
    for leaf in leaves {
      let first = leaf * schedule.microBatch
      let count = min(schedule.microBatch, step.count - first)
      stages[step.number % 2].stage(leaf: leaf - firstLeaf, count: count, epoch: step.epoch) {
        order.fill($0, from: step.firstPosition + first)
      }
    }
  }
}
