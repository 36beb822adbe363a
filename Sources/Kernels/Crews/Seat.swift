import Dispatch
import Foundation
import Synchronization

/// Where one thread waits for others to change something.
///
/// It looks for a while before it sleeps: what it waits for often comes within microseconds, and to be woken takes
/// fifty of them. After `quietPatience` it gives its core to others between two looks, since the thread that it waits for may be
/// the one that wants the core.
package final class Seat: Sendable {
  /// Nanoseconds; 0: sleeps at once.
  private let patience: UInt64
  private let quietPatience: UInt64
  private let condition = NSCondition()
  private let isAsleep = Atomic<Bool>(false)

  package init(patience: UInt64, quietPatience: UInt64 = 20_000) {
    (self.patience, self.quietPatience) = (patience, quietPatience)
  }

  /// Returns when `isDone` is true. Whoever makes it true calls `wake` afterwards.
  package func wait(until isDone: () -> Bool) {
    if patience > 0 {
      let start = DispatchTime.now().uptimeNanoseconds
      var waited: UInt64 = 0
      repeat {
        for _ in 0..<16 {
          if isDone() { return }
          Kernels.spinHint()
        }
        if waited >= quietPatience { sched_yield() }
        waited = DispatchTime.now().uptimeNanoseconds - start
      } while waited < patience
    }
    condition.lock()
    isAsleep.store(true, ordering: .sequentiallyConsistent)
    // Either this thread sees what was done, or the one that did it sees it sleep.
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    while !isDone() { condition.wait() }
    isAsleep.store(false, ordering: .relaxed)
    condition.unlock()
  }

  /// To be called after something was changed that the thread may wait for.
  package func wake() {
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    guard isAsleep.load(ordering: .sequentiallyConsistent) else { return }
    condition.lock()
    condition.signal()
    condition.unlock()
  }
}
