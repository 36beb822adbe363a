import Testing

@testable import Lockstep
@testable import Training

/// One line that names rank and host, how much slower, and the cure.
@Suite struct StragglerTextTests {
  @Test func aSlowRankIsNamed() {
    let straggler = Straggler(rank: 1, ratio: 1.456, steps: 1200, others: 0)
    #expect(
      straggler.note(["node1", "node2"])
        == "rank 1 on node2 computes slowly: for 1,200 steps it took 1.46 times as long as the median of the ranks, and "
        + "the others waited; look at the load and the clock of that host: lockstep doctor")
    #expect(straggler.row(["node1", "node2"]) == "rank 1 on node2: 1.46 times the median to compute")
    let several = Straggler(rank: 0, ratio: 2, steps: 50, others: 3)
    #expect(several.note(["a"]).contains("median of the ranks (3 more ranks also slow), and"))
  }
}
