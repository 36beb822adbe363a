import Diagnostics
import Foundation
import Synchronization

/// Saves checkpoints on a thread of its own, one at a time, while its caller trains on.
///
/// ```swift
/// let writer = CheckpointWriter(store)
/// writer.begin { store in try store.save(contents, record: record) }
/// …                        // what `contents` lie in must not change meanwhile
/// try writer.finish()      // waits, and throws what the save failed with
/// ```
/// It lets go of the store, and so of the lock of its directory, only after the last save is done.
package final class CheckpointWriter: Sendable {
  /// Runs on the writer's thread.
  package typealias Save = @Sendable (CheckpointStore) throws -> CheckpointStore.Saved

  private let store: CheckpointStore
  private let thread = SavingThread()

  package init(_ store: CheckpointStore) { self.store = store }

  deinit { thread.close() }

  /// Lets the thread do `save`, and returns at once; the save before must have been waited for by `finish`.
  package func begin(_ save: @escaping Save) { thread.begin { [store] in try save(store) } }

  /// Whether a save has failed. Takes no lock: to be asked at every step.
  package var hasFailed: Bool { thread.hasFailed.load(ordering: .relaxed) }

  /// Waits until nothing is being saved, and returns what became of the last save, or throws its failure.
  ///
  /// Nil where nothing was begun since the last call.
  @discardableResult
  package func finish() throws -> CheckpointStore.Saved? { try thread.takeOutcome()?.get() }

  /// Waits until nothing is being saved; what became of it is left for `finish`.
  package func wait() { thread.wait() }
}

/// The thread, which must not keep the writer alive. It has the signals blocked that its maker has, as every thread.
private final class SavingThread: @unchecked Sendable {
  typealias Outcome = Result<CheckpointStore.Saved, any Error>

  let hasFailed = Atomic<Bool>(false)
  private let condition = NSCondition()
  /// Set from the beginning of a save to its end.
  private var save: (@Sendable () throws -> CheckpointStore.Saved)?
  private var outcome: Outcome?
  private var isClosed = false

  init() {
    startThread("checkpoints") { [self] in serve() }
  }

  func begin(_ next: @escaping @Sendable () throws -> CheckpointStore.Saved) {
    condition.withLock {
      precondition(save == nil && outcome == nil, "the save before has not been waited for")
      save = next
      condition.broadcast()
    }
  }

  func wait() {
    condition.withLock { while save != nil { condition.wait() } }
  }

  func takeOutcome() -> Outcome? {
    condition.withLock {
      while save != nil { condition.wait() }
      defer { outcome = nil }
      return outcome
    }
  }

  /// Ends the thread after the save that is under way.
  func close() {
    condition.withLock {
      while save != nil { condition.wait() }
      isClosed = true
      condition.broadcast()
    }
  }

  private func serve() {
    while condition.withLock({
      while save == nil, !isClosed { condition.wait() }
      return save != nil
    }) {
      let done = perform()
      if case .failure = done { hasFailed.store(true, ordering: .relaxed) }
      condition.withLock {
        (save, outcome) = (nil, done)
        condition.broadcast()
      }
    }
  }

  /// A function of its own, so that the store is let go of before the save counts as done.
  @inline(never)
  private func perform() -> Outcome {
    let save = condition.withLock { self.save! }
    return Outcome { try save() }
  }
}
