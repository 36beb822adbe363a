import Checkpoints
import Configuration
import Tensors
import TestSupport
import Testing

@testable import Lockstep

/// State that is not as long as the parameters: every rank keeps all of it, and a run goes on from it.
@Suite struct ReplicatedStateTests {
  /// Five blocks of parameters, in buckets of two, so that some of nine ranks own none; an epoch's last batch is shorter.
  private static let yaml = """
    data: {two-class: {train: 200, test: 50}}
    model: [{dense: 61}, tanh, {dense: 64}, tanh, {dense: 2}]
    optimizer: {slot-momentum: 0.02}
    batch: 56
    micro-batch: 8
    bucket-size: 2048
    epochs: 3
    checkpoint-every: 5
    keep-checkpoints: 99
    seed: 4
    """

  /// Once in a process, for all tests.
  private static let isKnown: Bool = {
    optimizerKinds.add(SlotMomentum.self)
    return true
  }()

  @Test(arguments: 1...9)
  func runsGoOnFromIt(ranks: Int) throws {
    #expect(Self.isKnown)
    let folder = try Folder()
    let recipe = try folder.write("run.yaml", Self.yaml)
    let expected = try train(recipe, in: folder["one"])
    #expect(try train(recipe, in: folder["whole"], ranks: ranks) == expected)
    // From the checkpoint after five steps, on another number of ranks.
    for name in folder.names("whole") where name.hasPrefix("step-") && name != "step-00000005" {
      try folder.remove("whole/\(name)")
    }
    #expect(try train(recipe, in: folder["whole"], ranks: 10 - ranks, start: .resume) == expected)
    let (one, whole) = (try Model(folder["one"]).record, try Model(folder["whole"]).record)
    #expect(one.files == whole.files)
  }

  /// One number a slot and one for all, beside a buffer that is as long as the parameters.
  @Test func checkpointsHaveItByNameAndShape() throws {
    #expect(Self.isKnown)
    let folder = try Folder()
    try train(folder.write("run.yaml", Self.yaml), in: folder["run"], ranks: 3)
    let path = try Model(folder["run"]).path
    let file = try SafeTensorsFile("\(path)/optimizer.safetensors")
    let slots = ["0.weight", "0.bias", "2.weight", "2.bias", "4.weight", "4.bias"]
    #expect(file.entries.map(\.name) == ["steps"] + slots.map { "m.\($0)" } + ["squares"])
    #expect(file.entries.first?.shape == [1] && file.entries.last?.shape == [6])
    let tensors = file.entries.map { NamedTensor($0.name, $0.shape, FlatBuffer(count: $0.shape.count).view) }
    try file.read(into: tensors)
    #expect(tensors[0].view.array == [12])
    let squares = tensors.last!.view.array
    #expect(squares.allSatisfy { $0 > 0 } && Set(squares).count == 6)
  }

  /// Without it a run does not go on as it would have: the first test can fail.
  @Test func itCounts() throws {
    #expect(Self.isKnown)
    let folder = try Folder()
    let recipe = try folder.write("run.yaml", Self.yaml)
    let expected = try train(recipe, in: folder["run"])
    let forgetful = ["optimizer={slot-momentum: {learning-rate: 0.02, forgets: true}}"]
    #expect(try train(recipe, forgetful, in: folder["forgetful"]) != expected)
  }
}

/// Momentum whose steps are divided by the size that it has had in a slot, somewhat as NovoGrad does:
/// m ← 0.9·m + g, v ← (v + Σm²) / 2 over a slot, p ← p - rate·m / √v.
private struct SlotMomentum: LayerwiseOptimizer {
  static let kind = "slot-momentum"
  static let summary = "momentum over its size in a slot"
  static let usualRate = 0.01
  let forgets: Bool

  init(_ settings: ConfigReader) throws { forgets = try settings.bool("forgets", default: false) }

  func state(for layout: ParameterLayout) -> [StateSlot] {
    let count = layout.slots.count { $0.role.isLearned && !$0.range.isEmpty }
    return [.replicated("steps", [1]), .sharded("m"), .replicated("squares", [count])]
  }

  func prepared(step: Int, rate: Double, decays: Bool) -> Double { rate }

  func advance(_ replicated: [FlatBuffer], step: Int, rate: Double) {
    replicated[0].view[0] += 1
    if forgets { replicated[1].view.clear() }
  }

  func update(_ parameters: FloatView, state: OptimizerSlice, gradient: FloatView, scale: Float, _ step: Double) {
    for index in 0..<gradient.count { state[0][index] = 0.9 * state[0][index] + scale * gradient[index] }
  }

  func squareSums(
    _ parameters: FloatView, state: OptimizerSlice, _ step: Double
  ) -> (parameters: Double, update: Double) {
    (0, (0..<parameters.count).reduce(0) { $0 + Double(state[0][$1]) * Double(state[0][$1]) })
  }

  func ratio(ofSlot slot: Int, parameters: Double, update: Double, replicated: [FlatBuffer]) -> Double {
    let (steps, squares) = (replicated[0].view[0], replicated[1].view)
    squares[slot] = steps == 1 ? Float(update) : (squares[slot] + Float(update)) / 2
    return 1 / (Double(squares[slot]).squareRoot() + 1e-8)
  }

  func apply(_ parameters: FloatView, state: OptimizerSlice, ratio: Double, _ step: Double) {
    for index in 0..<parameters.count { parameters[index] -= Float(step * ratio) * state[0][index] }
  }
}
