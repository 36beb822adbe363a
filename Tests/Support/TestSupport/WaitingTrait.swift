import Dispatch
import Testing

/// Runs a suite on a thread of its own, one test after the other.
///
/// A test that waits for a process keeps its thread meanwhile, and there are few for all tests: two for each core. They also
/// wait in one line, in which the second test of a suite would come behind all the others.
public struct WaitingTrait: SuiteTrait, TestScoping {
  public func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    try await withTaskExecutorPreference(OwnThread()) { try await function() }
  }
}

extension Trait where Self == WaitingTrait {
  /// For suites whose tests wait for processes.
  public static var waiting: Self { WaitingTrait() }
}

/// A thread for one task and its children.
private final class OwnThread: TaskExecutor {
  // Serial queues are given threads whatever the others' are doing.
  private let queue = DispatchQueue(label: "waiting tests")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
