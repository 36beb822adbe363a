import Layers
import Losses
import Tensors
import Testing

@Suite struct PlanTests {
  static let network = Network(input: [2, 3]) {
    Flatten()
    Dense(units: 8)
    Dropout(rate: 0.5)
    Tanh()
    Dense(units: 4)
    Sigmoid()
    Dense(units: 3)
  }

  /// One plan with its parameters; each pass has a lane of its own unless a test shares one.
  private struct Bench: ~Copyable {
    let plan: Plan
    let parameters: FlatBuffer
    var lane: Lane

    init(_ network: Network, microBatch: Int, seed: UInt64 = 5) throws {
      plan = try network.plan(microBatch: microBatch)
      parameters = FlatBuffer(count: plan.layout.count)
      plan.initialise(parameters.view, seed: 1)
      lane = plan.makeLane(parameters: parameters.view, seed: seed)
    }

    mutating func outputs(_ input: [Float], _ mode: Lane.Mode) -> [Float] {
      let input = buffer(input)
      lane.setInput(input.view)
      lane.setMode(mode)
      plan.forward(lane)
      return lane.output.array
    }

    /// Loss and leaf of the first `valid` samples.
    mutating func leaf(
      _ input: [Float], classes: [Int32], valid: Int, _ mode: Lane.Mode
    ) -> (loss: Double, leaf: [Float]) {
      let (input, leaf) = (buffer(input), buffer([Float](repeating: .nan, count: plan.layout.count)))
      lane.setInput(input.view)
      lane.setLeaf(leaf.view)
      lane.setMode(mode, valid: valid)
      plan.forward(lane)
      let loss = classes.withUnsafeBufferPointer {
        CrossEntropyLoss().sum(
          lane.output, .classes($0), rows: plan.microBatch, valid: valid, gradient: lane.outputGradient)
      }
      plan.backward(lane)
      return (loss, plan.layout.slots.flatMap { leaf.view[$0.range].array })
    }
  }

  @Test func dropoutIsTheIdentityInEvaluation() throws {
    let without = Network(
      input: Self.network.input, layers: Self.network.layers.map { $0 is Dropout ? Flatten() as any Layer : $0 })
    var with = try Bench(Self.network, microBatch: 4)
    var plain = try Bench(without, microBatch: 4)
    let input = uniform(24, 1)
    #expect(with.plan.layout == plain.plan.layout)
    #expect(with.outputs(input, .evaluation) == plain.outputs(input, .evaluation))
    #expect(with.outputs(input, GradientCheck.training) != plain.outputs(input, GradientCheck.training))
    // Also where the output may not lie in the input, which is then copied.
    var apart = try Bench(Network(input: [6], layers: [Tanh(), Dropout(rate: 0.9)]), microBatch: 4)
    var alone = try Bench(Network(input: [6], layers: [Tanh()]), microBatch: 4)
    #expect(apart.outputs(input, .evaluation) == alone.outputs(input, .evaluation))
  }

  @Test func dropoutDependsOnStepPositionAndSeed() throws {
    let network = Network(input: [40]) { Dropout(rate: 0.5) }
    let ones = [Float](repeating: 1, count: 80)
    func outputs(_ seed: UInt64, _ step: Int, _ position: Int) throws -> [Float] {
      var bench = try Bench(network, microBatch: 2, seed: seed)
      return bench.outputs(ones, .training(step: step, firstPosition: position))
    }
    let first = try outputs(5, 3, 10)
    #expect(try outputs(5, 3, 10) == first)
    #expect(try Set([first, outputs(6, 3, 10), outputs(5, 4, 10), outputs(5, 3, 20)]).count == 4)
    // The position is the sample's, wherever its micro-batch begins.
    #expect(try outputs(5, 3, 11).prefix(40) == first.suffix(40))
  }

  /// Bit for bit: the same samples in a smaller micro-batch, and absent ones behind them, whatever lies there.
  @Test func absentSamplesLeaveTheGradientOfTheOthers() throws {
    let (input, classes) = (uniform(8 * 6, 1), (0..<8).map { Int32($0 % 3) })
    for valid in 1...8 {
      var whole = try Bench(Self.network, microBatch: 8)
      var part = try Bench(Self.network, microBatch: valid)
      let expected = part.leaf(
        Array(input.prefix(valid * 6)), classes: Array(classes.prefix(valid)), valid: valid, GradientCheck.training)
      for filler in [Float(0), 7] {
        let padded = input.prefix(valid * 6) + [Float](repeating: filler, count: (8 - valid) * 6)
        let found = whole.leaf(Array(padded), classes: classes, valid: valid, GradientCheck.training)
        // The loss of the valid samples has the same bits; the matrix products of another extent may differ by
        // rounding, 1e-6 of gradients of order one.
        #expect(abs(found.loss - expected.loss) < 1e-5)
        let difference = zip(found.leaf, expected.leaf).map { abs($0 - $1) }.max()!
        #expect(difference < 1e-6, "\(valid) of 8, filled with \(filler)")
      }
    }
  }

  /// A lane carries nothing from pass to pass: memory is reused, results are not.
  @Test func aPassDependsOnNoPassBefore() throws {
    let classes = (0..<4).map { Int32($0 % 3) }
    var used = try Bench(Self.network, microBatch: 4)
    var fresh = try Bench(Self.network, microBatch: 4)
    for stream in 1...5 as ClosedRange<UInt64> {
      _ = used.leaf(uniform(24, 100, stream: stream), classes: classes, valid: 4, GradientCheck.training)
      _ = used.outputs([Float](repeating: .nan, count: 24), .evaluation)
    }
    let input = uniform(24, 1)
    let found = used.leaf(input, classes: classes, valid: 4, GradientCheck.training)
    let expected = fresh.leaf(input, classes: classes, valid: 4, GradientCheck.training)
    #expect(found.loss == expected.loss && found.leaf == expected.leaf)
    #expect(!found.leaf.contains { $0.isNaN }, "every float of every slot is overwritten")
  }
}
