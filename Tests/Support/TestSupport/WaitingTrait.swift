import Dispatch
import Testing

/// Runs each test of a suite on a thread of its own.
///
/// A test that waits for a process keeps its thread meanwhile, and there are few for all tests: two for each core.
public struct WaitingTrait: SuiteTrait, TestTrait, TestScoping {
  public var isRecursive: Bool { true }

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

/// A thread for one task.
private final class OwnThread: TaskExecutor {
  // Serial queues are given threads whatever the others' are doing.
  private let queue = DispatchQueue(label: "waiting test")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
