import Goldens
import Kernels
import Tensors
import Testing

@testable import Optimizers

@Suite struct OptimizerTests {
  struct Case: Decodable {
    let kind: String
    let rate: Double
    let momentum: Double?
    let nesterov: Bool?
    let smoothing: Double?
    let centered: Bool?
    let weightDecay: Double?
    let beta1: Double?
    let beta2: Double?
    let epsilon: Double?
    let amsgrad: Bool?
    let rateDecay: Double?
    let initialSum: Double?
    let initial: [Float]
    let gradients: [[Float]]
    let after: [[Double]]

    var optimizer: any Optimizer {
      let (beta1, beta2, epsilon) = (
        beta1 ?? 0.9, beta2 ?? (kind == "lion" ? 0.99 : 0.999),
        epsilon ?? (kind == "lamb" ? 1e-6 : kind == "adagrad" ? 1e-10 : 1e-8)
      )
      let decay = weightDecay ?? 0
      return switch kind {
      case "sgd": .sgd(momentum: momentum ?? 0, nesterov: nesterov ?? false, weightDecay: decay)
      case "adam":
        .adam(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: decay, amsgrad: amsgrad ?? false)
      case "lion": .lion(beta1: beta1, beta2: beta2, weightDecay: decay)
      case "adagrad":
        .adagrad(rateDecay: rateDecay ?? 0, initial: initialSum ?? 0, epsilon: epsilon, weightDecay: decay)
      case "rmsprop":
        .rmsProp(
          smoothing: smoothing ?? 0.99, epsilon: epsilon, momentum: momentum ?? 0, centered: centered ?? false,
          weightDecay: decay)
      case "lamb": .lamb(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: weightDecay ?? 0.01)
      default: .adamW(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: decay, amsgrad: amsgrad ?? false)
      }
    }
  }

  private func run(_ test: Case, scale: Float = 1, split: Int? = nil) -> [[Float]] {
    let count = test.initial.count
    let parameters = FlatBuffer(count: count)
    parameters.view.assign(test.initial)
    let update = test.optimizer.makeUpdate()
    let state = test.optimizer.state(for: ParameterLayout()).map { _ in FlatBuffer(count: count) }
    return test.gradients.enumerated().map { step, gradient in
      let values = FlatBuffer(count: count)
      values.view.assign(gradient.map { $0 / scale })
      update.prepare(step: step, rate: test.rate, replicated: [])
      for part in [0..<(split ?? 0), (split ?? 0)..<count] {
        update.update(
          parameters.view[part], state: OptimizerSlice(state, part), gradient: values.view[part], scale: scale,
          decays: true)
      }
      if let update = update as? any LayerwiseUpdate {
        let slice = OptimizerSlice(state, 0..<count)
        let squares = update.squareSums(parameters.view, state: slice, decays: true)
        let ratio = update.ratio(
          ofSlot: 0, parameters: squares.parameters, update: squares.update, replicated: [])
        for part in [0..<(split ?? 0), (split ?? 0)..<count] {
          update.apply(parameters.view[part], state: OptimizerSlice(state, part), ratio: ratio, decays: true)
        }
      }
      return parameters.view.array
    }
  }

  /// 4e-7: five steps of parameters near one, each rounded three times or so by 6e-8 at most; larger parameters, where
  /// RMSProp's first steps of ten times the rate take them, have larger roundings.
  @Test func fiveStepsArePyTorchs() throws {
    let cases: [Case] = try golden("optimizers.json")
    #expect(cases.count == 26)
    for test in cases {
      for (step, (found, expected)) in zip(run(test), test.after).enumerated() {
        let size = expected.reduce(1) { max($0, abs($1)) }
        #expect(distance(found, expected) < 4e-7 * size, "\(test.optimizer), step \(step)")
      }
    }
  }

  /// Owners update slices, lanes parts of them: no bit may depend on the cut. A scale that is a power of two changes none
  /// either.
  @Test func slicesAndScalesChangeNoBit() throws {
    let cases: [Case] = try golden("optimizers.json")
    for test in cases {
      let expected = run(test)
      for split in 1...20 { #expect(run(test, split: split) == expected, "\(test.optimizer), cut at \(split)") }
      #expect(run(test, scale: 0.25) == expected, "\(test.optimizer)")
    }
  }

  /// What is no number, or infinite, shows in the parameters, and so in the next loss: nothing goes on as if it were one.
  @Test(arguments: [Float.infinity, -.infinity, .nan])
  func gradientsThatAreNoNumbersShow(gradient: Float) {
    let all: [any Optimizer] = [
      .sgd(), .sgd(momentum: 0.9), .adam(), .adam(amsgrad: true), .adamW(), .rmsProp(), .adagrad(), .lion(),
    ]
    for optimizer in all {
      let parameters = floats([0.5, 0.5])
      let state = optimizer.state(for: ParameterLayout()).map { _ in FlatBuffer(count: 2) }
      let update = optimizer.makeUpdate()
      update.prepare(step: 0, rate: 0.01, replicated: [])
      update.update(
        parameters, state: OptimizerSlice(state, 0..<2), gradient: floats([gradient, 1]), scale: 1, decays: true)
      #expect(!parameters[0].isFinite && parameters[1].isFinite && parameters[1] != 0.5, "\(optimizer)")
    }
  }

  private func floats(_ values: [Float]) -> FloatView {
    let buffer = FlatBuffer(count: values.count)
    buffer.view.assign(values)
    return buffer.view
  }

  @Test func checkpointsKnowTheStateByName() {
    func names(_ optimizer: some Optimizer) -> [String] {
      let slots = optimizer.state(for: ParameterLayout())
      #expect(slots.allSatisfy { $0.isSharded })
      return slots.map(\.name)
    }
    #expect(names(SGD()) == [])
    #expect(names(SGD(momentum: 0.9)) == ["velocity"])
    #expect(names(Adam()) == ["m", "v"])
    #expect(names(AdamW()) == ["m", "v"])
    #expect(names(LAMB()) == ["m", "v"])
    #expect(names(Adam(amsgrad: true)) == ["m", "v", "v-largest"])
    #expect(names(AdamW(amsgrad: true)) == ["m", "v", "v-largest"])
    #expect(names(Lion()) == ["m"])
    #expect(names(Adagrad()) == ["v"])
    #expect(names(RMSProp()) == ["v"])
    #expect(names(RMSProp(momentum: 0.9, centered: true)) == ["v", "m", "velocity"])
  }

  /// The first step of Adam is the rate, in the direction of the gradient, whatever its size: the corrections of both
  /// moments cancel what the decay rates are, the rounding of 0.999 to a float included.
  @Test(arguments: [Float(1e-3), 1, 1000])
  func theFirstStepOfAdamIsTheRate(gradient: Float) {
    let (parameter, m, v, g) = (
      FlatBuffer(count: 1), FlatBuffer(count: 1), FlatBuffer(count: 1), FlatBuffer(count: 1)
    )
    g.view[0] = gradient
    let adam = Adam(epsilon: 0)
    adam.update(
      parameter.view, state: OptimizerSlice([m, v], 0..<1), gradient: g.view, scale: 1,
      adam.prepared(step: 0, rate: 0.5, decays: true))
    // Six roundings.
    #expect(abs(parameter.view[0] + 0.5) < 3 * Float(0.5).ulp)
  }

  /// The bias correction makes a number of the least epsilon that lanes, which take denormals for zero, would divide by.
  @Test func theLeastEpsilonDividesNothingByZero() {
    let buffers = (0..<4).map { _ in FlatBuffer(count: 1) }
    buffers[0].view[0] = 2
    let adam = Adam(epsilon: Double(Float.leastNormalMagnitude))
    Kernels.asLane {
      adam.update(
        buffers[0].view, state: OptimizerSlice([buffers[1], buffers[2]], 0..<1), gradient: buffers[3].view, scale: 1,
        adam.prepared(step: 0, rate: 0.5, decays: true))
    }
    #expect(buffers[0].view[0] == 2)
  }
}
