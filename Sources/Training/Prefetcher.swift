import Foundation
import Kernels
import Tensors

/// Gathers the samples of the next step on a thread of its own while the current step computes.
///
/// Two stages take turns: one is read by the lanes, the other is filled.
final class Prefetcher: @unchecked Sendable {
  private let schedule: SampleSchedule
  private let stages: [StagedLeaves]
  private let share: @Sendable (SampleSchedule.Step) -> Range<Int>
  private let condition = NSCondition()
  private var wanted: Int
  private var ready: Int
  private var isClosed = false

  /// Fills stages from step `first` on; `share` says which leaves of a step this rank computes.
  init(
    schedule: SampleSchedule, stages: [StagedLeaves], first: Int, end: Int,
    share: @escaping @Sendable (SampleSchedule.Step) -> Range<Int>
  ) {
    precondition(stages.count == 2, "two stages take turns, found \(stages.count)")
    self.schedule = schedule
    self.stages = stages
    self.share = share
    wanted = first
    ready = first
    let thread = Thread { [self] in fill(first..<max(first, end)) }
    thread.name = "prefetch"
    thread.start()
  }

  /// Waits for the samples of step `number`, the one after the last that was taken, and hands them out.
  func take(_ number: Int) -> StagedLeaves {
    condition.lock()
    wanted = number
    condition.broadcast()
    while ready <= number { condition.wait() }
    condition.unlock()
    return stages[number % 2]
  }

  /// Ends the thread.
  func close() {
    condition.lock()
    isClosed = true
    condition.broadcast()
    condition.unlock()
  }

  private func fill(_ steps: Range<Int>) {
    Kernels.prepareThread()
    for number in steps {
      condition.lock()
      // The stage was read two steps ago: free as soon as step `number - 1` has been asked for.
      while !isClosed, number > wanted + 1 { condition.wait() }
      let closed = isClosed
      condition.unlock()
      if closed { return }
      stage(schedule.step(number), in: stages[number % 2])
      condition.lock()
      ready = number + 1
      condition.broadcast()
      condition.unlock()
    }
  }

  private func stage(_ step: SampleSchedule.Step, in stage: StagedLeaves) {
    let order = EpochPermutation(count: schedule.samples, seed: schedule.seed, epoch: step.epoch)
    let leaves = share(step)
    for leaf in leaves {
      let first = leaf * schedule.microBatch
      stage.stage(leaf: leaf - leaves.lowerBound, count: min(schedule.microBatch, step.count - first)) { row in
        order[step.firstPosition + first + row]
      }
    }
  }
}
