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
  /// Steps tried each way.
  static let trials = 7

  /// Apart, and overlapped.
  private var trial: TurnTrial
  private let always: Bool

  /// Medians over the steps of each way, of the rank where it took longest.
  public struct Measured: Sendable {
    package let apart: Double
    package let overlapped: Double
  }

  /// Where it is not possible, nothing overlaps whatever is wished.
  init(_ wish: Overlap, isPossible: Bool) {
    always = isPossible && wish == .always
    trial = TurnTrial(ways: isPossible && wish == .auto ? 2 : 1, rounds: Self.trials, warmUp: 2)
  }

  /// Whether the next step sends during backward.
  package var overlaps: Bool { always || trial.way == 1 }
  /// Whether the two ways are still compared.
  package var isTrying: Bool { trial.isTrying }

  /// Notes how long a step took; all ranks call it after every step. Returns what was measured when it has chosen.
  ///
  /// Only whole batches count: an epoch's last one is shorter.
  mutating func note(_ total: Double, isWhole: Bool, in world: any Communicator) throws -> Measured? {
    try trial.note(total, isWhole: isWhole, in: world).map { Measured(apart: $0[0], overlapped: $0[1]) }
  }
}
