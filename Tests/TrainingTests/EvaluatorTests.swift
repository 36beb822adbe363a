import Communication
import Datasets
import Diagnostics
import Layers
import Losses
import Reduction
import Tensors
import Testing

@testable import Training

@Suite struct EvaluatorTests {
  /// A long evaluation is no standstill: what a watchdog looks at moves with every layer.
  @Test(arguments: [1, 3])
  func notesItsProgress(lanes: Int) throws {
    let plan = try Network(input: [2]) {
      Dense(units: 8)
      ReLU()
      Dense(units: 2)
    }.plan(microBatch: 8)
    let parameters = FlatBuffer(count: plan.layout.count)
    plan.initialise(parameters.view, seed: 1)
    let team = LaneTeam(count: lanes)
    defer { team.close() }
    let progress = RankProgress()
    let evaluator = Evaluator(
      plan: plan, parameters: parameters.view, loss: .crossEntropy, team: team, world: LocalWorld.single(),
      progress: progress)
    progress.enter(.evaluating, step: 4)
    let before = progress.count
    _ = try evaluator.evaluate(.twoClass(count: 96, seed: 1, part: .test))
    #expect(progress.count - before >= 12 / lanes * 3, "12 micro-batches of three layers among the lanes")
    #expect(progress.position.text.hasPrefix("step 5, evaluating layer 2, "))
  }
}
