import Foundation
import Synchronization

/// Signs of life of work that takes long and knows of no rank: reading and preparing data.
///
/// Whoever watches a rank sees them in `RankProgress.count`. Ranks that are threads of one process give each other's.
package enum SignsOfLife {
  private static let beats = Atomic<Int>(0)

  /// Notes that the work has come on; costs one addition.
  package static func note() { beats.add(1, ordering: .relaxed) }

  static var count: Int { beats.load(ordering: .relaxed) }

  /// Calls `body`, which waits for the work of another process, and meanwhile notes about once a second that it has come on
  /// where what `makeCheck` gives says so, on a thread of its own.
  package static func noting<Result>(
    while body: () throws -> Result, _ makeCheck: @escaping @Sendable () -> () -> Bool
  ) rethrows -> Result {
    try looking(while: body) {
      let hasComeOn = makeCheck()
      return { if hasComeOn() { note() } }
    }
  }

  /// Calls `body`, and `tell` about once a second where the work has come on since, on a thread of its own.
  package static func telling<Result>(
    _ tell: @escaping @Sendable () -> Void, while body: () throws -> Result
  ) rethrows -> Result {
    try looking(while: body) {
      var last = count
      return {
        let now = count
        if now != last { tell() }
        last = now
      }
    }
  }

  /// Calls `body`, and about once a second what `makeLook` gives, on a thread of its own.
  private static func looking<Result>(
    while body: () throws -> Result, _ makeLook: @escaping @Sendable () -> () -> Void
  ) rethrows -> Result {
    let watch = Watch()
    startThread("signs of life") {
      let look = makeLook()
      while !watch.isOver(within: 1) { look() }
    }
    defer { watch.end() }
    return try body()
  }

  /// Whether what is waited for is over.
  private final class Watch: @unchecked Sendable {
    private let condition = NSCondition()
    private var hasEnded = false

    func end() {
      condition.lock()
      hasEnded = true
      condition.signal()
      condition.unlock()
    }

    /// Waits for it, so many seconds at most.
    func isOver(within seconds: Double) -> Bool {
      condition.lock()
      defer { condition.unlock() }
      if !hasEnded { _ = condition.wait(until: Date(timeIntervalSinceNow: seconds)) }
      return hasEnded
    }
  }
}
