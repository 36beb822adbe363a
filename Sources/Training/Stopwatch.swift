import Foundation

/// Seconds between laps, by the monotonic clock.
package struct Stopwatch: Sendable {
  private var last = Stopwatch.now

  package init() {}

  /// Seconds since the last lap, or since the start.
  package mutating func lap() -> Double {
    let now = Self.now
    defer { last = now }
    return Double(now - last) * 1e-9
  }

  private static var now: UInt64 { DispatchTime.now().uptimeNanoseconds }
}
