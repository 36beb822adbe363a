import Communication
import Datasets
import Layers
import Losses
import Optimizers
import Tensors
import Testing

@testable import Training

/// A loss that is no number ends the run on all ranks together, with the step and the slot.
@Suite struct DivergenceTests {
  /// Also where buckets are under way by then, of which none may be left: their memory goes with the trainer.
  @Test(arguments: 1...3, [true, false])
  func aLossThatIsNoNumberIsReportedOnce(ranks: Int, sharesMemory: Bool) throws {
    let data = Dataset.twoClass(count: 64, seed: 1, part: .train)
    let error = #expect(throws: CollectiveFailure.self) {
      try LocalWorld.run(ranks: ranks, sharesMemory: sharesMemory) { base in
        let world = CountingCommunicator(base)
        let trainer = try Trainer(
          plan: try Network(input: [2]) {
            Dense(units: 900)
            Dense(units: 2)
          }.plan(microBatch: 8), dataset: data,
          options: .init(
            batch: 32, seed: 1, loss: .crossEntropy, optimizer: .sgd(), schedule: Schedule(rate: 1e30, steps: 50),
            bucketSize: 1024, overlap: .always),
          world: world)
        for _ in 0..<50 { _ = try trainer.runStep() }
      }
    }
    let failure = try #require(error).failure
    #expect(failure.code == .badData)
    #expect(failure.description.hasPrefix("step 2: the loss is not a number"))
    #expect(failure.description.contains("the first gradient that is not finite is in 0.weight"), "\(failure)")
    #expect(try #require(error).rank == 0)
  }
}
