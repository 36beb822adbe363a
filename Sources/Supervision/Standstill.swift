import Foundation

/// Tells when nothing of an attempt has moved for too long: no line, no pulse that differs, no change in the run directory.
///
/// The ranks' own watchdogs come first. This one is for what they cannot see: an mpirun that starts no ranks, or does not
/// end when they have.
struct Standstill {
  /// Seconds that mpirun has until the first rank is heard; nil: for ever.
  let start: Double?
  /// Seconds on top of the ranks' own patience, in which they speak and end.
  static let margin = 20.0

  private var since: Duration?
  private var seen: [Int] = []
  /// A clock that nobody sets, in which time asleep does not count.
  private let clock = SuspendingClock()
  private let begin: SuspendingClock.Instant

  init(start: Double?) {
    self.start = start
    begin = clock.now
  }

  /// For how many seconds nothing has moved, where that is too long.
  ///
  /// - Parameters:
  ///   - changes: numbers that change when something moves.
  ///   - patience: that of the ranks; nil where none was heard yet, 0: for ever.
  mutating func seconds(_ changes: [Int], patience: Double?) -> Double? {
    seconds(changes, patience: patience, at: begin.duration(to: clock.now))
  }

  mutating func seconds(_ changes: [Int], patience: Double?, at now: Duration) -> Double? {
    if changes != seen || since == nil { (seen, since) = (changes, now) }
    guard let limit = patience ?? start, limit > 0 else { return nil }
    let waited = (now - since!) / .seconds(1)
    return waited >= limit + Self.margin ? waited : nil
  }
}
