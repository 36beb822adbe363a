import TestSupport
import Testing

/// A training that something can happen to: 3072 steps in seconds, a line of metrics every 20 steps.
enum LongRun {
  /// Larger than the recipe's network, so that time goes into computing.
  static let recipe = [
    "two-class", "--set", "model=[dense: 256, relu, dense: 256, relu, dense: 2]",
    "--set", "data.two-class.train=65536", "--set", "epochs=3", "--set", "checkpoint-every=200",
    "--set", "log-every=20", "--set", "evaluate-every=3",
  ]

  /// A sixth of it, for ranks that go on over TCP on cores which all hosts of this machine share: a step takes them long.
  static let short = recipe + ["--set", "epochs=1", "--set", "data.two-class.train=32768", "--set", "lanes=1"]

  /// The digest of a run that nothing happens to.
  static let expected = Result { try alone(recipe) }
  static let expectedOfShort = Result { try alone(short) }

  private static func alone(_ recipe: [String]) throws -> String {
    let folder = try Folder()
    return try digest(recipe + ["-q", "-o", folder["run"]], deadline: deadline)
  }

  /// The digest of a run in `folder` that goes on to its end on so many ranks.
  static func resumed(in folder: Folder, ranks: Int) throws -> String {
    try digest(recipe + ["-o", folder["run"], "--resume"], ranks: ranks, deadline: deadline)
  }

  /// Seconds; a machine with much else to do was seen to take over a minute.
  private static let deadline = 300.0
}

/// A generator of numbers that a seed repeats (Steele, Lea and Flood's SplitMix64).
struct Seeded: RandomNumberGenerator {
  let seed: UInt64
  private var state: UInt64

  init(seed: UInt64) { (self.seed, state) = (seed, seed) }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
    bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
    return bits ^ (bits >> 31)
  }
}
