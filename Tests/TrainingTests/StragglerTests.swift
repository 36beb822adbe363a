import Communication
import Testing

@testable import Training

/// Ranks that are slow for long are found, from made-up paces: no clock is asked.
@Suite struct StragglerTests {
  /// Feeds steps of 0.1 s, two a slice, as long as `window` windows take; what was found in each.
  private func found(
    _ paces: ComputePaces, windows: Int = 1, _ pace: (_ step: Int, _ rank: Int) -> Double
  ) -> [Straggler?] {
    (0..<windows).map { window in
      for step in 0..<2 * ComputePaces.windowSlices {
        #expect(paces.takeStraggler() == nil, "the window is not full")
        paces.add(seconds: 0.1) { pace(window * 2 * ComputePaces.windowSlices + step, $0) }
      }
      return paces.takeStraggler()
    }
  }

  @Test(arguments: [2, 3, 4, 9], [1.25, 2, 30])
  func aSlowRankIsFoundOnce(ranks: Int, ratio: Double) {
    for slow in 0..<ranks {
      let found = found(ComputePaces(ranks: ranks), windows: 3) { $1 == slow ? ratio : 1 }
      #expect(found == [Straggler(rank: slow, ratio: ratio, steps: 100, others: 0), nil, nil])
    }
  }

  @Test func anotherSlowRankIsFoundToo() {
    let found = found(ComputePaces(ranks: 4), windows: 4) { step, rank in
      rank == (step < 200 ? 3 : 1) ? 1.5 : 1
    }
    #expect(found.map { $0?.rank } == [3, nil, 1, nil])
  }

  /// A slow host has several ranks: they are told of in one line, and do not take turns.
  @Test func severalAreToldTogether() {
    let found = found(ComputePaces(ranks: 8), windows: 2) { step, rank in rank > 5 ? 1.5 + Double(rank) / 10 : 1 }
    #expect(found == [Straggler(rank: 7, ratio: 2.2, steps: 100, others: 1), nil])
  }

  /// Slow now and then, by little, or for less than half of a window: no rank is to blame.
  @Test func whatDoesNotLastIsNotFound() {
    #expect(found(ComputePaces(ranks: 2)) { $0 % 5 == 0 && $1 == 1 ? 100 : 1 } == [nil], "two slices of five")
    #expect(found(ComputePaces(ranks: 3)) { $1 == 2 ? 1.19 : 1 } == [nil])
    #expect(found(ComputePaces(ranks: 3)) { $0 < 48 && $1 == 0 ? 9 : 1 } == [nil])
    #expect(found(ComputePaces(ranks: 1)) { _, _ in 1 } == [nil])
  }

  /// Ranks without a micro-batch have no pace, and a pace that they had now and then counts.
  @Test func ranksWithNothingToComputeAreLeftOut() {
    #expect(found(ComputePaces(ranks: 3)) { $1 == 0 ? 1 : 0 } == [nil])
    let found = found(ComputePaces(ranks: 3)) { $1 == 2 ? ($0 % 2 == 0 ? 2 : 0) : 1 }
    #expect(found == [Straggler(rank: 2, ratio: 2, steps: 100, others: 0)])
  }

  /// Short steps make no window of themselves: 50 of them are nothing that lasts.
  @Test func aWindowTakesTime() {
    let paces = ComputePaces(ranks: 2)
    for _ in 0..<9_999 {
      paces.add(seconds: 0.001) { $0 == 1 ? 2 : 1 }
      #expect(paces.takeStraggler() == nil)
    }
    for _ in 0..<1_000 { paces.add(seconds: 0.001) { $0 == 1 ? 2 : 1 } }
    #expect(paces.takeStraggler()?.rank == 1)
  }

  /// The paces ride along the step's exchange, with requests, losses and weights beside them; of the levels of lanes that
  /// ranks wish, that of rank zero counts.
  @Test(arguments: 1...4)
  func everyRankHearsOfAllPaces(ranks: Int) throws {
    let heard = try LocalWorld.run(ranks: ranks) { world in
      let exchange = StepExchange(leaves: 3, world: world)
      let (loss, weight, request, level) = try exchange(
        world.rank == ranks - 1 ? .stop : .goOn, pace: Double(world.rank) + 0.5, level: 3 + world.rank)
      #expect(loss == 0 && weight == 0 && request == .stop && level == 3)
      return (0..<ranks).map { exchange.pace(of: $0) }
    }
    #expect(heard == Array(repeating: (0..<ranks).map { Double($0) + 0.5 }, count: ranks))
  }
}
