import Communication

/// How many lanes work: found out by trying, and again when it turns bad. The bits are the same.
///
/// Where another program takes a core, a lane waits for it milliseconds at a time, and all lanes for that lane: a step of
/// 50 µs may then take a hundred times as long as one lane alone would. So rank zero measures *levels*, each with half the
/// lanes of the one before, down to one, and tells all ranks which is next.
///
/// ```
/// lanes  8   4   2   1
/// level  0   1   2   3
/// ```
///
/// A trial compares the settled level with a neighbour, in turn, by blocks of at least 20 ms, which last longer than
/// a scheduler lets one thread wait for another; where the neighbour is quicker it is settled, and the next one tried. The
/// time that trials cost is bounded: after one that lost s seconds the next is due after 100·s. It comes sooner where the
/// steps have become slower by half. Where steps take longer than 0.25 s nothing is tried: that would
/// be dear, and there a core that is shared slows a lane by half and not a hundredfold.
struct LaneChoice {
  /// Steps that are not counted: memory is touched for the first time.
  static let warmUp = 2
  /// Blocks of each level in a trial.
  static let blocks = 5
  /// Seconds of a block, at least.
  static let blockSeconds = 0.02
  static let longestStep = 0.25
  /// What a trial may lose of the time until the next.
  static let lossShare = 0.01
  /// Seconds between trials, at least.
  static let leastRest = 1.0
  /// By how much another level must be quicker, so that noise does not choose.
  static let margin = 0.95
  /// By how much steps must have become slower, so that a trial comes after this share of the rest.
  static let decline = 1.5
  static let hasteShare = 0.2

  /// The level of the step after the next exchange.
  var level = 0
  private let levelCount: Int
  private var settled = 0
  private var phase: Phase
  private var block = Block()
  private var toWarm = LaneChoice.warmUp
  /// Seconds a step at the settled level, when that was last tried.
  private var usual = Double.infinity
  /// Seconds of steps since the last trial, and until the next.
  private var rested = 0.0
  private var rest = 0.0
  /// Seconds that the trials since the last rest have lost.
  private var lost = 0.0

  /// What a trial has found: where the lanes have changed.
  struct Change: Equatable {
    let from: Int
    let to: Int
    /// Seconds a step.
    let before: Double
    let after: Double
  }

  private enum Phase {
    case resting
    /// Compares with `other`; where it is no better, `next` is tried. Blocks of the settled level, and of the other one.
    case trying(other: Int, next: Int?, blocks: [[Block]])
  }

  /// Steps at one level, one after the other.
  private struct Block {
    var seconds = 0.0
    var steps = 0.0
    var mean: Double { seconds / steps }
  }

  /// With one level there is nothing to choose.
  init(levels: Int) {
    precondition(levels > 0, "expected at least one level, found \(levels)")
    levelCount = levels
    phase = .resting
  }

  /// Notes how long a step took, as every step does; returns what has changed for good.
  ///
  /// Only whole batches count, as an epoch's last one is shorter, and steps at the level that was asked for.
  mutating func note(_ seconds: Double, at used: Int, isWhole: Bool) -> Change? {
    guard levelCount > 1, isWhole else { return nil }
    guard used == level else {
      // The step in which the ranks hear of a wish; what it takes longer is lost as well.
      if case .trying = phase, used != settled, usual.isFinite { lost += max(0, seconds - usual) }
      return nil
    }
    guard toWarm == 0 else {
      toWarm -= 1
      return nil
    }
    rested += seconds
    block.seconds += seconds
    block.steps += 1
    guard block.seconds >= Self.blockSeconds else { return nil }
    defer { block = Block() }
    guard case .trying(let other, let next, let blocks) = phase else {
      if isTrialDue { beginTrials() }
      return nil
    }
    return endBlock(other, next, blocks)
  }

  private var isTrialDue: Bool {
    guard block.mean <= Self.longestStep else { return false }
    return rested >= rest || block.mean > Self.decline * usual && rested >= Self.hasteShare * rest
  }

  private mutating func beginTrials() {
    lost = 0
    let neighbours = [settled + 1, settled - 1].filter { 0..<levelCount ~= $0 }
    tryLevel(neighbours[0], next: neighbours.dropFirst().first)
  }

  private mutating func tryLevel(_ other: Int, next: Int?) {
    phase = .trying(other: other, next: next, blocks: [[], []])
    level = settled
  }

  private mutating func endBlock(_ other: Int, _ next: Int?, _ earlier: [[Block]]) -> Change? {
    var blocks = earlier
    blocks[level == other ? 1 : 0].append(block)
    level = level == other ? settled : other
    guard blocks[1].count == Self.blocks else {
      phase = .trying(other: other, next: next, blocks: blocks)
      return nil
    }
    let means = blocks.map { Self.median($0.map(\.mean)) }
    let isBetter = means[1] < Self.margin * means[0]
    // The slower level's blocks, against what the quicker one would have taken.
    lost += blocks[isBetter ? 0 : 1].reduce(0) { $0 + max(0, $1.seconds - $1.steps * means[isBetter ? 1 : 0]) }
    usual = means[isBetter ? 1 : 0]
    guard isBetter else {
      if let next { tryLevel(next, next: nil) } else { beginRest() }
      return nil
    }
    let change = Change(from: settled, to: other, before: means[0], after: means[1])
    let further = other + (other - settled)
    settled = other
    if 0..<levelCount ~= further { tryLevel(further, next: nil) } else { beginRest() }
    return change
  }

  private mutating func beginRest() {
    (phase, level) = (.resting, settled)
    (rested, rest) = (0, max(Self.leastRest, lost / Self.lossShare))
  }

  private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

  /// Lanes by level for a rank with `lanes` of them; as many levels on all ranks, which all call it.
  static func levels(_ lanes: Int, adapts: Bool, _ world: any Communicator) throws -> [Int] {
    var levels = [lanes]
    while adapts, levels.last! > 1 { levels.append(levels.last! / 2) }
    let most = try world.allGather([levels.count]).map { $0[0] }.max()!
    return levels + Array(repeating: levels.last!, count: most - levels.count)
  }
}
