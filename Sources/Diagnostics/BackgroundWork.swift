import Dispatch
import Synchronization

/// Something that is done on a thread of its own, whose result is waited for. What the work holds may live a moment longer.
///
/// ```swift
/// let digest = BackgroundWork("digest") { try file.digest() }
/// …
/// try digest.value()
/// ```
package final class BackgroundWork<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)
  private let isThere = DispatchSemaphore(value: 0)

  /// Begins it, on a thread of that name.
  package init(_ name: String, _ work: @escaping @Sendable () throws -> Value) {
    startThread(name) { [self] in
      let found = Result { try work() }
      result.withLock { $0 = found }
      isThere.signal()
    }
  }

  /// What the work returns; throws what it does. Waits for its end.
  package func value() throws -> Value { try value(within: .distantFuture)!.get() }

  /// What came of the work; nil where it has not ended by then.
  package func value(within time: DispatchTime) -> Result<Value, any Error>? {
    guard isThere.wait(timeout: time) == .success else { return nil }
    // Whoever asks again finds it there.
    isThere.signal()
    return result.withLock { $0 }
  }
}
