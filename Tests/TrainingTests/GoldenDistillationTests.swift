import Communication
import Datasets
import Goldens
import Kernels
import Layers
import Losses
import Optimizers
import Reduction
import Tensors
import Testing

@testable import Training

/// Models of tokens that learn of a teacher, against PyTorch: `Tests/Goldens/make-distillation.py`.
///
/// Tolerance: four steps of a network of 50 numbers below 1, in single precision.
@Suite struct GoldenDistillationTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let temperature: Float
    let share: Float
    let ignored: Int32?
    let padded: Bool
    let text: [Int32]
    let teacher: [String: [Float]]
    let student: [String: [Float]]
    let losses: [Double]
    let final: [String: [Double]]

    var testDescription: String { name }
    static let length = 5
    static let tokens = 7

    var data: Dataset {
      let names = (0..<Self.tokens).map(String.init)
      return Dataset(
        source: "windows", shape: [Self.length],
        features: .windows(TokenWindows(tokens: text, length: Self.length, stride: Self.length)),
        targets: .following(names: names))
    }

    func network(_ parameters: [String: [Float]]) -> Network {
      let width = parameters["0.weight"]!.count / Self.tokens
      return Network(input: [Self.length]) {
        Embedding(vocabulary: Self.tokens, width: width, padding: padded ? 0 : nil)
        Tanh()
        Dense(units: Self.tokens)
      }
    }
  }

  static func fill(_ buffer: FloatView, of plan: Plan, _ parameters: [String: [Float]]) {
    for slot in plan.layout.slots { buffer[slot.range].assign(parameters[slot.name]!) }
  }

  /// What the teacher says of all samples, computed before the first step, or in each.
  static func lesson(_ golden: Case, keeps: Bool, microBatch: Int) throws -> Lesson {
    let plan = try golden.network(golden.teacher).plan(microBatch: microBatch)
    let parameters = FlatBuffer(count: plan.layout.count)
    fill(parameters.view, of: plan, golden.teacher)
    let outputs = Evaluator(
      plan: plan, parameters: parameters.view, loss: .crossEntropy, team: LaneTeam(count: 1),
      world: LocalWorld.single()
    ).outputs(golden.data)
    return Lesson(
      Distillation(temperature: golden.temperature, share: golden.share),
      from: keeps
        ? .kept(outputs.view) : .asked(AskedTeacher(plan, parameters: parameters.view, samples: golden.data)),
      width: plan.outputShape.count)
  }

  @Test(arguments: try golden("distillation.json", as: [Case].self), [true, false])
  func eachPositionIsTaught(golden: Case, keeps: Bool) throws {
    let microBatch = 2
    let plan = try golden.network(golden.student).plan(microBatch: microBatch)
    let results = try LocalWorld.run(ranks: keeps ? 1 : 2, sharesMemory: false) { world in
      var options = Trainer.Options(
        batch: golden.data.count, seed: 1, loss: CrossEntropyLoss(ignored: golden.ignored), optimizer: .sgd(),
        schedule: Schedule(rate: 0.5, steps: golden.losses.count))
      options.lesson = try Self.lesson(golden, keeps: keeps, microBatch: microBatch)
      let trainer = try Trainer(plan: plan, dataset: golden.data, options: options, world: world)
      Self.fill(trainer.parameters, of: plan, golden.student)
      let losses = try golden.losses.map { _ in try trainer.runStep().loss }
      return (losses, trainer.parameters.array)
    }
    for (losses, parameters) in results {
      for (found, expected) in zip(losses, golden.losses) { #expect(abs(found - expected) < 1e-5, "\(golden.name)") }
      for slot in plan.layout.slots {
        let expected = try #require(golden.final[slot.name])
        #expect(distance(Array(parameters[slot.range]), expected) < 1e-5, "\(golden.name): \(slot.name)")
        #expect(distance(golden.student[slot.name]!, expected) > 0.01)
      }
    }
  }
}
