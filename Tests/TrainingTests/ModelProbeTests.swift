import Communication
import Datasets
import Diagnostics
import Layers
import Losses
import Optimizers
import Tensors
import Testing

@testable import Training

/// Ranks that compute other bits are found before a run begins, with the first operation at which they do.
@Suite struct ModelProbeTests {
  static let data = Dataset.twoClass(count: 64, seed: 1, part: .train)

  static func trainer(_ world: any Communicator, fault: InjectedFault? = nil) throws -> Trainer {
    let network = Network(input: [2]) {
      Dense(units: 7)
      Residual {
        Dense(units: 7)
        Tanh()
      }
      Dropout(rate: 0.25)
      Dense(units: 2)
    }
    return try Trainer(
      plan: network.plan(microBatch: 8), dataset: data,
      options: .init(
        batch: 32, seed: 1, loss: .crossEntropy, optimizer: .sgd(), schedule: Schedule(rate: 0.1, steps: 50)),
      world: world, fault: fault)
  }

  @Test func eachOperationOfBothPassesIsLookedAt() throws {
    let trainer = try Self.trainer(LocalWorld.single())
    let probe = ModelProbe(
      trainer.plan, dataset: Self.data, options: trainer.options, parameters: trainer.parameters)
    #expect(
      probe.places == [
        "the samples", "model.0 (dense), forward", "model.1.0 (dense) with 1.1 (tanh), forward",
        "model.1 (add), forward", "model.2 (dropout), forward", "model.3 (dense), forward", "loss",
        "model.3 (dense), backward", "model.2 (dropout), backward", "model.1 (add), backward",
        "model.1.1 (tanh), backward", "model.1.0 (dense), backward", "model.0 (dense), backward",
      ])
    let before = trainer.parameters.array
    let sound = probe.checksums()
    #expect(sound.count == probe.places.count && Set(sound).count > 9)
    #expect(probe.checksums() == sound && trainer.parameters.array == before)
  }

  /// Memory behind an odd count of bfloat16 numbers holds whatever was there: it is none of what is compared.
  @Test func memoryBehindNumbersIsNotLookedAt() throws {
    let network = Network(input: [2]) {
      Dense(units: 7)
      Tanh()
      Dense(units: 5)
      Sigmoid()
      Dense(units: 2)
    }
    func checksums(after content: Float) throws -> [UInt64] {
      let plan = try network.plan(microBatch: 3, precision: .bfloat16)
      let trainer = try Trainer(
        plan: plan, dataset: Self.data,
        options: .init(
          batch: 6, seed: 1, loss: .crossEntropy, optimizer: .sgd(), schedule: Schedule(rate: 0.1, steps: 5)),
        world: LocalWorld.single())
      let probe = ModelProbe(plan, dataset: Self.data, options: trainer.options, parameters: trainer.parameters)
      return probe.checksums(in: content)
    }
    #expect(try checksums(after: 0) == checksums(after: .nan), "what was there before is looked at")
    // The samples, three times dense with what follows, the loss, and back.
    #expect(try Set(checksums(after: 0)).count == 1 + 3 + 1 + 3)
  }

  /// One bit anywhere is seen there, and not before.
  @Test func aBitAnywhereIsSeenThere() throws {
    let trainer = try Self.trainer(LocalWorld.single())
    func checksums(_ place: Int?) -> [UInt64] {
      ModelProbe(trainer.plan, dataset: Self.data, options: trainer.options, parameters: trainer.parameters)
        .checksums(flipping: place)
    }
    let sound = checksums(nil)
    for place in sound.indices {
      let found = checksums(place)
      #expect(zip(found, sound).prefix { $0 == $1 }.count == place)
      #expect(Disagreement([sound, found, sound])?.place == place)
    }
  }

  @Test(arguments: [
    (InjectedFault.Kind.flipForward, 3, 1, 1, "model.1 (add), forward: the bits of rank 1 on "),
    (.flipBackward, 3, 0, 0, "model.1.1 (tanh), backward: the bits of rank 0 on "),
    (.flipBackward, 2, 1, 0, "model.1.1 (tanh), backward: the bits of rank 1 on "),
  ])
  func theRankTheHostAndTheOperationAreNamed(
    kind: InjectedFault.Kind, ranks: Int, odd: Int, teller: Int, message: String
  ) throws {
    for sharesMemory in [true, false] {
      let error = #expect(throws: CollectiveFailure.self) {
        try LocalWorld.run(ranks: ranks, sharesMemory: sharesMemory) { world in
          try Self.trainer(world, fault: InjectedFault(kind, rank: odd)).compareProbes()
        }
      }
      let failure = try #require(error)
      #expect(failure.rank == teller && failure.failure.code == .unavailable)
      #expect(failure.failure.description.hasPrefix(message), "\(failure)")
    }
  }

  /// It leaves the bits of the run as they are, and says nothing where ranks agree.
  @Test func aSoundRunIsLeftAsItIs() throws {
    func losses(probing: Bool) throws -> [Double] {
      try LocalWorld.run(ranks: 3) { world in
        let trainer = try Self.trainer(world)
        if probing { try trainer.compareProbes() }
        return try (0..<4).map { _ in try trainer.runStep().loss }
      }[0]
    }
    #expect(try losses(probing: true) == losses(probing: false))
  }

  /// As many samples as cost little, and one at least; all of a micro-batch that costs little.
  @Test(arguments: [(1, 64), (1 << 10, 64), (1 << 12, 16), (1 << 17, 1)])
  func largeModelsAreProbedWithFewerSamples(units: Int, samples: Int) throws {
    let width = 1 << 15
    let data = Dataset.noise(shape: [units > 1 << 12 ? 1 << 16 : width], classes: 2, count: 64, seed: 1)
    // Its parameters are not looked at, and need no memory.
    let plan = try Network(input: data.shape) { Dense(units: units) }.plan(microBatch: 64)
    let options = Trainer.Options(
      batch: 64, seed: 1, loss: .crossEntropy, optimizer: .sgd(), schedule: Schedule(rate: 0.1, steps: 1))
    let probe = ModelProbe(plan, dataset: data, options: options, parameters: FlatBuffer(count: 1).view)
    #expect(probe.sampleCount == samples)
  }
}
