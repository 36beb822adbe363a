import Foundation

/// Counts the seconds that a machine with nothing else to do would have needed.
///
/// Where more threads want to run than there are cores, time passes more slowly, in proportion. No more slowly than a
/// fifth, though: what hangs may itself keep all cores busy.
struct QuietClock {
  /// Seconds since the beginning, as they really passed.
  private(set) var elapsed: TimeInterval = 0
  private var quiet: TimeInterval = 0
  private var sampled: TimeInterval = -1
  private var share = 1.0
  private let begin = ContinuousClock.now
  private let shareNow: () -> Double

  init(share: @escaping () -> Double = { QuietClock.share(of: QuietClock.loadAverage()) }) { shareNow = share }

  /// Has to be called every now and then; returns the quiet seconds since the beginning.
  mutating func tick() -> TimeInterval {
    let now = (ContinuousClock.now - begin) / .seconds(1)
    // Often enough for a mean of what comes and goes.
    if now - sampled >= 0.1 { (sampled, share) = (now, max(0.2, min(1, shareNow()))) }
    quiet += (now - elapsed) * share
    elapsed = now
    return quiet
  }

  /// A core's share for each thread that wants to run: of `0.42 1.20 1.10 5/321 4711` on two cores, 2/5.
  static func share(of loadAverage: String, cores: Int = ProcessInfo.processInfo.activeProcessorCount) -> Double {
    let running = loadAverage.split(separator: " ").dropFirst(3).first?.split(separator: "/").first.flatMap {
      Double($0)
    }
    return Double(cores) / max(1, running ?? 1)
  }

  private static func loadAverage() -> String {
    String(decoding: FileManager.default.contents(atPath: "/proc/loadavg") ?? Data(), as: UTF8.self)
  }
}
