import Diagnostics
import Host
import Tensors

/// Resamples of rows for intervals (Efron 1979): each row is there as often as a Poisson number of mean 1 says, which
/// depends on the seed, the resample and the row alone (Hanley, MacGibbon 2006; Chamandy et al. 2012).
///
/// So the same resamples are had on any number of ranks and cores, and by every model that is judged by the same rows.
public struct Resamples: Sendable, Equatable {
  /// How many, where nothing makes them dear.
  public static let usual = 1000
  /// Fewer of them would not tell a bound.
  private static let least = 200
  /// Steps that all of them take at most: some seconds of a core. Where these are too few for the least number, that is
  /// taken, if it comes to no more than eight times as many.
  private static let mostWork = 5e9

  public var count: Int
  public var seed: UInt64

  public init(count: Int = Self.usual, seed: UInt64 = 1) { (self.count, self.seed) = (count, seed) }

  /// As many as can be afforded, of so many steps each: all, or 200, or none.
  func afforded(work: Int) -> Int {
    let limit = Int(Self.mostWork / Double(max(1, work)))
    if limit >= count { return count }
    if limit >= Self.least { return limit / 100 * 100 }
    return 8 * limit >= Self.least ? min(count, Self.least) : 0
  }

  /// What `body` makes of the weights of each of the first `count`, in their order.
  func map<Result>(
    _ count: Int, _ rows: JudgedRows, _ team: CoreTeam?, _ body: (RowWeights) -> Result
  ) -> [Result] {
    let (random, own) = (Philox(seed: seed, purpose: .bootstrap), rows.ownWeights)
    func one(_ number: Int) -> Result {
      SignsOfLife.note()
      return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: rows.count) { draws in
        random.drawPoisson(draws, stream: UInt64(number))
        return body(RowWeights(draws: UnsafeBufferPointer(draws), own: own?.elements))
      }
    }
    // Nothing throws.
    guard let team, let results = try? team.map(count, one) else { return (0..<count).map(one) }
    return results
  }

  /// What `body` makes of the rows as they are.
  static func once<Result>(_ rows: JudgedRows, _ body: (RowWeights) -> Result) -> Result {
    let (draws, own) = (NumberBuffer<UInt8>(count: rows.count, repeating: 1), rows.ownWeights)
    return withExtendedLifetime((draws, own)) {
      body(RowWeights(draws: UnsafeBufferPointer(draws.elements), own: own?.elements))
    }
  }
}
