/// A moment to come, on a clock that nobody sets and in which time asleep does not count.
package struct Deadline: Sendable {
  private static let clock = SuspendingClock()
  private let moment: SuspendingClock.Instant

  /// In so many seconds from now, a century at most.
  package init(seconds: Double) {
    moment = Self.clock.now.advanced(by: .seconds(min(max(0, seconds), 3e9)))
  }

  /// Seconds that are left; below 0 once it is over.
  package var remaining: Double { Self.clock.now.duration(to: moment) / .seconds(1) }

  package var isOver: Bool { remaining <= 0 }
}
