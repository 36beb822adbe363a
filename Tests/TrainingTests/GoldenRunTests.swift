import Communication
import Datasets
import Goldens
import Layers
import Losses
import Optimizers
import Tensors
import Testing
import Training

/// Short runs against PyTorch, sample by sample in the same order; see `Tests/Goldens/make-goldens.py`.
@Suite struct GoldenRunTests {
  struct Run: Decodable, Sendable {
    let name: String
    let batch: Int
    let microBatch: Int
    let steps: Int
    let seed: UInt64
    let rate: Double
    let features: [Float]
    let classes: [Int32]
    let test: [Float]
    let initial: [String: [Float]]
    let orders: [[Int]]
    let losses: [Double]
    let final: [String: [Double]]
    let logits: [Double]

    var optimizer: any Optimizer { name.hasPrefix("adam") ? .adam() : .sgd(momentum: 0.9, weightDecay: 1e-3) }
    var schedule: Schedule {
      name.hasSuffix("cosine")
        ? Schedule(rate: rate, warmup: 2, shape: .cosine(minimum: 1e-3), steps: steps)
        : Schedule(rate: rate, steps: steps)
    }
  }

  static let network = Network(input: [12]) {
    Dense(units: 16)
    ReLU()
    Dense(units: 8)
    Tanh()
    Dense(units: 5)
  }

  struct Order: Decodable {
    let count: Int
    let seed: UInt64
    let epoch: Int
    let order: [Int]
  }

  /// The order of samples, as another writing of the permutation gives it.
  @Test func ordersAreThoseOfTheScript() throws {
    let runs: [Run] = try golden("runs.json")
    let inRuns = runs.flatMap { run in
      run.orders.enumerated().map { Order(count: run.classes.count, seed: run.seed, epoch: $0, order: $1) }
    }
    let orders: [Order] = try golden("orders.json")
    #expect(inRuns.count == 12 && orders.count == 5)
    for order in orders + inRuns {
      let permutation = EpochPermutation(count: order.count, seed: order.seed, epoch: order.epoch)
      #expect((0..<order.count).map { permutation[$0] } == order.order, "seed \(order.seed), epoch \(order.epoch)")
    }
  }

  /// Three epochs and a step: batches of 24, 24 and 12 samples in micro-batches of 8, on one rank and on three.
  ///
  /// Tolerances: losses and parameters of order one, whose gradients' roundings (1e-7, another order of addition than
  /// PyTorch's and floats where it has doubles) pass through ten steps. With SGD they grow by the rate times the
  /// curvature a step, at most tenfold in all: 2e-6. Adam divides by the gradient's size, so that a gradient of 1e-4
  /// with an error of 1e-7 is off by a thousandth of a step of 0.01: 2e-5.
  @Test(arguments: [1, 3])
  func parametersLossesAndLogitsArePyTorchs(ranks: Int) throws {
    let runs: [Run] = try golden("runs.json")
    #expect(runs.count == 3)
    for run in runs {
      let tolerance = run.name.hasPrefix("adam") ? 2e-5 : 2e-6
      let results = try LocalWorld.run(ranks: ranks) { world in try Self.train(run, world) }
      for (losses, parameters, logits) in results {
        #expect(distance(losses, run.losses) < tolerance, "\(run.name): losses")
        #expect(parameters.keys.sorted() == run.final.keys.sorted())
        for (name, values) in parameters {
          #expect(distance(values, run.final[name]!) < tolerance, "\(run.name): \(name)")
        }
        #expect(distance(logits, run.logits) < 4 * tolerance, "\(run.name): logits, sums of eight parameters' errors")
      }
      // The comparison can fail: training moved every slot by far more than the tolerance.
      for (name, values) in run.initial {
        #expect(distance(values, run.final[name]!) > 1000 * tolerance, "\(run.name): \(name)")
      }
    }
  }

  private static func train(
    _ run: Run, _ world: any Communicator
  ) throws -> (losses: [Float], parameters: [String: [Float]], logits: [Float]) {
    let names = (0..<5).map { "class \($0)" }
    let data = Dataset(
      source: "golden", shape: [12], features: .floats(run.features), targets: .classes(run.classes, names: names))
    let test = Dataset(source: "golden", shape: [12], features: .floats(run.test), targets: .none)
    let plan = try network.plan(microBatch: run.microBatch)
    let trainer = try Trainer(
      plan: plan, dataset: data,
      options: .init(
        batch: run.batch, seed: run.seed, loss: .crossEntropy, optimizer: run.optimizer, schedule: run.schedule),
      world: world)
    for slot in plan.layout.slots { trainer.parameters[slot.range].assign(run.initial[slot.name]!) }
    var losses: [Float] = []
    for _ in 0..<run.steps { losses.append(Float(try trainer.runStep().loss)) }
    let evaluator = Evaluator(
      plan: plan, parameters: trainer.parameters, loss: .crossEntropy, team: trainer.team, world: world)
    let parameters = plan.layout.slots.map { ($0.name, trainer.parameters[$0.range].array) }
    let logits = evaluator.outputs(test)
    return (losses, Dictionary(uniqueKeysWithValues: parameters), logits.view.array)
  }
}
