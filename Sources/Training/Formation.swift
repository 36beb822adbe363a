import Kernels
import Reduction

/// Which lanes of a rank compute together: the crews, each of which computes a leaf at a time.
///
/// ```
/// lanes            0   1   2   3   4   5      six lanes, four a leaf
/// crews            0   0   0   1   1   1      two crews, of which lanes 0 and 3 lead
/// ```
///
/// There are no more crews than leaves, and none has more lanes than may share a leaf: lanes beyond have nothing to compute.
final class Formation: Sendable {
  /// Lanes of each crew.
  let shares: [Range<Int>]
  private let crews: [Crew]

  /// `seats` has one for each lane, which serves one formation at a time.
  init(lanes: Int, perLeaf: Int, leaves: Int, seats: [Seat], grain: Int) {
    precondition(lanes > 0 && perLeaf > 0, "\(lanes) lanes, \(perLeaf) a leaf")
    let count = max(1, min(leaves, (lanes + perLeaf - 1) / perLeaf))
    let busy = min(lanes, count * perLeaf)
    shares = (0..<count).map { contiguousShare(of: $0, among: count, in: 0..<busy) }
    crews = shares.map { Crew(seats: Array(seats[$0]), grain: grain) }
  }

  var crewCount: Int { shares.count }

  /// What a lane does while leaves are computed: the first of a crew runs `body` with its number, the others help. Every lane calls it
  /// once.
  func run(_ lane: Int, body: (_ crew: Int) -> Void) {
    guard let number = shares.firstIndex(where: { $0.contains(lane) }) else { return }
    let member = lane - shares[number].lowerBound
    if member == 0 { crews[number].lead { body(number) } } else { crews[number].serve(as: member) }
  }
}
