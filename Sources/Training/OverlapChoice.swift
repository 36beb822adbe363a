import Communication

/// Whether a gradient's buckets are sent while the backward pass still computes others.
public enum Overlap: String, Sendable, CaseIterable {
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
  public private(set) var overlaps: Bool
  /// Whether the two ways are still compared.
  public var isTrying: Bool { seconds != nil }
  /// Seconds of the steps of each way; nil when it is chosen.
  private var seconds: [Bool: [Double]]?
  private var steps = 0

  /// Medians over the steps of each way, of the rank where it took longest.
  public struct Measured: Sendable {
    public let apart: Double
    public let overlapped: Double
  }

  /// Where it is not possible, nothing overlaps whatever is wished.
  init(_ wish: Overlap, isPossible: Bool) {
    overlaps = isPossible && wish == .always
    seconds = isPossible && wish == .auto ? [:] : nil
  }

  /// Notes how long a step took; all ranks call it after every step. Returns what was measured when it has chosen.
  mutating func note(_ total: Double, in world: any Communicator) throws -> Measured? {
    guard seconds != nil else { return nil }
    steps += 1
    if steps > Self.warmUp { seconds![overlaps, default: []].append(total) }
    if steps == Self.warmUp + 2 * Self.trials { return try choose(in: world) }
    overlaps.toggle()
    return nil
  }

  private mutating func choose(in world: any Communicator) throws -> Measured {
    let medians = [false, true].map { way in
      let sorted = seconds![way, default: []].sorted()
      return sorted[sorted.count / 2]
    }
    let ranks = try world.allGather(medians)
    let slowest = [0, 1].map { way in ranks.map { $0[way] }.max()! }
    overlaps = slowest[1] < slowest[0]
    seconds = nil
    return Measured(apart: slowest[0], overlapped: slowest[1])
  }
}
