import Sources

/// Of an input's blocks of rows those that are a rank's: of N ranks, block k is that of rank k mod N.
///
/// Each of them goes through the whole input, and passes over what others take.
final class TurnBatches: SampleBatches {
  private let all: any SampleBatches
  private let ranks: Int
  /// Blocks of others before the next own one.
  private var ahead: Int
  /// How many rows there were so far, those that were passed over too.
  private(set) var rows = 0

  init(_ all: any SampleBatches, rank: Int, of ranks: Int) { (self.all, self.ranks, ahead) = (all, ranks, rank) }

  func next() throws -> SampleBatch? {
    for _ in 0..<ahead {
      let passed = try all.skip()
      guard passed > 0 else { return nil }
      rows += passed
    }
    ahead = ranks - 1
    let own = try all.next()
    rows += own?.rows ?? 0
    return own
  }

  var counts: [Int] { all.counts }
  func findings(of counts: [Int]) -> [String] { all.findings(of: counts) }
}
