import Communication
import Datasets
import Diagnostics
import Layers
import Losses
import Optimizers
import Testing

@testable import Training

@Suite struct DisagreementTests {
  @Test func theOddOnesOutAreNamed() throws {
    #expect(Disagreement([[1, 2], [1, 2], [1, 2]]) == nil)
    #expect(Disagreement([[7]]) == nil)
    let one = try #require(Disagreement([[1, 2, 3], [1, 9, 3], [1, 2, 3]]))
    #expect(one.ranks == [1] && one.place == 1 && one.isMajority)
    #expect(one.names(["a", "b", "c"]) == "rank 1 on b")
    let zero = try #require(Disagreement([[5, 5], [1, 2], [1, 2], [1, 4], [1, 2]]))
    #expect(zero.ranks == [0, 3] && zero.place == 0 && zero.isMajority)
  }

  @Test func ofTwoNobodyIsRight() throws {
    let two = try #require(Disagreement([[1, 2], [1, 3]]))
    #expect(two.ranks == [1] && two.place == 1 && !two.isMajority)
    let four = try #require(Disagreement([[1], [2], [2], [1]]))
    #expect(four.ranks == [1, 2] && !four.isMajority)
  }

  /// The rank that tells of it is the one that a supervisor blames: the odd one, or rank zero where nobody can tell.
  @Test(arguments: [(2, 1, 0), (3, 2, 2), (3, 0, 0), (5, 3, 3)])
  func theOddOneTellsOfIt(ranks: Int, odd: Int, teller: Int) throws {
    let data = Dataset.twoClass(count: 64, seed: 1, part: .train)
    let error = #expect(throws: CollectiveFailure.self) {
      try LocalWorld.run(ranks: ranks, sharesMemory: false) { world in
        let trainer = try Trainer(
          plan: try Network(input: [2]) { Dense(units: 2) }.plan(microBatch: 8), dataset: data,
          options: .init(
            batch: 32, seed: 1, loss: .crossEntropy, optimizer: .sgd(), schedule: Schedule(rate: 0.1, steps: 50)),
          world: world, fault: InjectedFault(.flipParameter, rank: odd, step: 1))
        _ = try trainer.runStep()
        try trainer.compareParameters(inStep: 1)
      }
    }
    let failure = try #require(error)
    #expect(failure.rank == teller && failure.failure.code == .internal)
    #expect(
      failure.failure.description.hasPrefix(
        ranks == 2
          ? "step 1: the ranks have different parameters, first in 0.weight: rank 1 on "
          : "step 1: the parameters of rank \(odd) on "), "\(failure)")
  }
}
