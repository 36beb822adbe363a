/// SplitMix64 (Steele, Lea, Flood, 2014): the same numbers on every rank from the same state.
public struct SplitMix: Sendable {
  var state: UInt64

  public init(state: UInt64) { self.state = state }

  mutating func below(_ bound: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((z ^ (z >> 31)) % UInt64(bound))
  }

  /// Nothing, a few bytes, or some thousands: past the size at which MPI changes from eager to rendezvous messages.
  mutating func length() -> Int {
    switch below(4) {
    case 0: 0
    case 1: 1 + below(9)
    case 2: 1 + below(300)
    default: 1 + below(12_000)
    }
  }

  /// Ranges of these lengths, in shuffled order and with gaps, and the end of the last.
  mutating func place(_ counts: [Int]) -> (ranges: [Range<Int>], end: Int) {
    var order = Array(counts.indices)
    for i in order.indices { order.swapAt(i, below(i + 1)) }
    var ranges = counts.map { _ in 0..<0 }
    var end = 0
    for i in order {
      end += below(3) == 0 ? below(20) : 0
      ranges[i] = end..<end + counts[i]
      end += counts[i]
    }
    return (ranges, end + below(5))
  }

  mutating func ranges(_ count: Int) -> (ranges: [Range<Int>], end: Int) {
    place((0..<count).map { _ in length() })
  }
}

/// The bytes that one rank has for another: all different for different ranks and places, never 254 or 255.
func pattern(from source: Int, to destination: Int, count: Int) -> [UInt8] {
  (0..<count).map { UInt8((source * 31 + destination * 57 + $0 * 7 + $0 / 251) % 254) }
}
