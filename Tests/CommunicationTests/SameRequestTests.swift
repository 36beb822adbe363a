import Communication
import Diagnostics
import Testing

@Suite struct SameRequestTests {
  private func outcome(_ asked: [[Asked?]]) throws -> CollectiveFailure? {
    let caught = try LocalWorld.run(ranks: asked.count) { world -> CollectiveFailure? in
      do {
        try world.requireSame(asked[world.rank].compactMap { $0 }, cure: "ask for the same")
        return nil
      } catch let failure as CollectiveFailure {
        return failure
      }
    }
    #expect(caught.allSatisfy { $0 == caught[0] }, "all ranks know the same")
    return caught[0]
  }

  @Test(arguments: 1...4)
  func whoAsksForTheSameGoesOn(ranks: Int) throws {
    let asked = [Asked("seed", "1"), Asked("--output", nil), Asked("--quiet", flag: false), Asked("empty", "")]
    #expect(try outcome(Array(repeating: asked, count: ranks)) == nil)
    #expect(try outcome(Array(repeating: [], count: ranks)) == nil)
  }

  /// The lowest rank that differs, and the first name in rank zero's order, whatever else differs too.
  @Test func theFirstDifferenceIsNamed() throws {
    let first = [Asked("seed", "1"), Asked("rate", "0.1")]
    let table: [([Asked], String)] = [
      ([Asked("seed", "2"), Asked("rate", "0.2")], "seed: expected 1, as rank 0 has it, found 2"),
      ([Asked("rate", "0.1")], "seed: expected 1, as rank 0 has it, found none"),
      ([], "seed: expected 1, as rank 0 has it, found none"),
      (first + [Asked("more", "x")], "more: expected none, as rank 0 has it, found x"),
      ([Asked("seed", "1"), Asked("rate", "")], "rate: expected 0.1, as rank 0 has it, found "),
    ]
    for (other, line) in table {
      for ranks in [[first, other], [first, first, other, other], [first, other, first]] {
        let failure = try #require(try outcome(ranks))
        #expect(failure.rank == ranks.firstIndex(of: other))
        #expect(failure.failure == Failure(.usage, line, cure: "ask for the same"))
      }
    }
    #expect(try outcome([[], first])?.failure.description.hasPrefix("seed: expected none") == true)
  }
}
