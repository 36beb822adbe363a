import Configuration
import Kernels
import Tensors
import Testing

@testable import Optimizers

/// A kind that a program brings along. In a process of its own, since the registry is the whole process's.
@Suite struct RegistryTests {
  /// p -= rate·sign(g), as a stranger would write it.
  struct Sign: Optimizer {
    static let kind = "sign"
    static let usualRate = 0.25

    let scale: Double

    init(_ settings: ConfigReader) throws { scale = try settings.double("scale", default: 1, in: 0...) }

    func state(for layout: ParameterLayout) -> [StateSlot] { [] }

    func prepared(step: Int, rate: Double, decays: Bool) -> Float { Float(rate * scale) }

    func update(_ parameters: FloatView, state: OptimizerSlice, gradient: FloatView, scale: Float, _ step: Float) {
      for index in 0..<parameters.count { parameters[index] -= gradient[index] > 0 ? step : -step }
    }
  }

  static func read(_ yaml: String) throws -> any Optimizer {
    let reader = try ConfigReader(yaml: yaml, file: "run.yaml")
    let optimizer = try reader.choice("optimizer", optimizerKinds.cases { kind, settings in try kind.init(settings) })
    try reader.finish()
    return optimizer
  }

  @Test func aStrangersKindIsKnownOnceItIsAdded() async {
    await #expect(processExitsWith: .success) {
      #expect(throws: (any Error).self) { try RegistryTests.read("optimizer: sign") }
      optimizerKinds.add(Sign.self)
      #expect(optimizerKinds.all.last?.kind == "sign")
      let read = try RegistryTests.read("optimizer: {sign: {scale: 2}}")
      let optimizer = try #require(read as? Sign)
      let (parameters, gradient) = (FlatBuffer(count: 2), FlatBuffer(count: 2))
      (gradient.view[0], gradient.view[1]) = (3, -5)
      let update = optimizer.makeUpdate()
      update.prepare(step: 0, rate: Sign.usualRate, replicated: [])
      update.update(
        parameters.view, state: OptimizerSlice([], 0..<2), gradient: gradient.view, scale: 1, decays: false)
      #expect(parameters.view[0] == -0.5 && parameters.view[1] == 0.5)
    }
  }

  @Test func aNameTwiceIsRefused() async {
    await #expect(processExitsWith: .failure) { optimizerKinds.add(SGD.self) }
  }
}
