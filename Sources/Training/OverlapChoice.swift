import Communication

/// Whether a gradient's buckets are sent while the backward pass still computes others.
package enum Overlap: String, Sendable, CaseIterable {
  /// The first steps of a run try both in turn; the quicker way is kept.
  case auto
  case always
  case never
}

/// Finds out which way is quicker; the bits are the same. All ranks choose the same.
///
/// On cores that have nothing to spare, messages that move during backward take time from it; over a network they move
/// while it computes.
public struct OverlapChoice: Sendable {
  /// Steps that are not counted: memory is touched for the first time.
  static let warmUp = 2
  /// Steps tried each way.
  static let trials = 7

  /// Whether the next step sends during backward.
  package private(set) var overlaps: Bool
  /// Whether the two ways are still compared.
  package private(set) var isTrying: Bool
  /// Seconds of the steps of each way, apart and overlapped.
  private var seconds: [[Double]] = [[], []]
  private var steps = 0

  /// Medians over the steps of each way, of the rank where it took longest.
  public struct Measured: Sendable {
    package let apart: Double
    package let overlapped: Double
  }

  /// Where it is not possible, nothing overlaps whatever is wished.
  init(_ wish: Overlap, isPossible: Bool) {
    overlaps = isPossible && wish == .always
    isTrying = isPossible && wish == .auto
    for way in 0...1 { seconds[way].reserveCapacity(Self.trials) }
  }

  /// Notes how long a step took; all ranks call it after every step. Returns what was measured when it has chosen.
  ///
  /// Only whole batches count: an epoch's last one is shorter.
  mutating func note(_ total: Double, isWhole: Bool, in world: any Communicator) throws -> Measured? {
    guard isTrying, isWhole else { return nil }
    steps += 1
    if steps > Self.warmUp { seconds[overlaps ? 1 : 0].append(total) }
    if steps == Self.warmUp + 2 * Self.trials { return try choose(in: world) }
    overlaps.toggle()
    return nil
  }

  private mutating func choose(in world: any Communicator) throws -> Measured {
    let medians = seconds.map { $0.sorted()[$0.count / 2] }
    let ranks = try world.allGather(medians)
    let slowest = [0, 1].map { way in ranks.map { $0[way] }.max()! }
    overlaps = slowest[1] < slowest[0]
    isTrying = false
    return Measured(apart: slowest[0], overlapped: slowest[1])
  }
}
