import Kernels
@testable import Layers
import Losses
import Tensors
import Testing

/// More layers of pictures and sequences against central differences, absent samples too; what they say of shapes that do not fit.
@Suite struct PictureLayerTests {
  static let networks: [(name: String, network: Network)] = [
    ("relu6", stack(Rescale(scale: [6], offset: [2.4]), ReLU6())),
    ("hard sigmoid", stack(Rescale(scale: [3], offset: [0.1]), HardSigmoid())),
    ("hard swish", stack(Rescale(scale: [3], offset: [0.1]), HardSwish())),
    ("elu", stack(ELU(alpha: 0.7))), ("softplus", stack(Softplus(beta: 2))), ("mish", stack(Mish())),
    ("one slope", stack(PReLU())), ("slopes", stack(PReLU(slope: -0.3, perChannel: true))),
    ("slopes at the start", Network(input: [4], layers: [PReLU(perChannel: true), Dense(units: 3)])),
    ("elu, dropout, mish", stack(ELU(), Dropout(rate: 0.3), Mish(), HardSigmoid())),
    ("rms norm", stack(RMSNorm(epsilon: 0.1))),
    ("rms norm at the start", Network(input: [4], layers: [RMSNorm(), Dense(units: 3)])),
    (
      "rms norm of rows",
      Network(input: [3, 2], layers: [Dense(units: 4), RMSNorm(epsilon: 0.1), Flatten(), Dense(units: 3)])
    ),
    ("group norm of rows", stack(GroupNorm(groups: 2, epsilon: 0.1))),
    (
      "group norm at the start",
      Network(input: [4, 4], layers: [GroupNorm(groups: 2, epsilon: 0.1), Flatten(), Dense(units: 3)])
    ),
    (
      "group norm", network([3, 4, 2], Convolution(channels: 6, kernel: 2), GroupNorm(groups: 3, epsilon: 0.1), Tanh())
    ),
    (
      "instance norm",
      network([3, 4, 2], Convolution(channels: 3, kernel: 1), GroupNorm(groups: 3, epsilon: 0.1), Tanh())
    ),
    ("swiglu", stack(SwiGLU(units: 5), Dense(units: 4, bias: false), Tanh())),
    ("swiglu of rows", Network(input: [3, 2], layers: [SwiGLU(units: 4, bias: true), Flatten(), Dense(units: 3)])),
    ("global max", network([4, 5, 1], Convolution(channels: 3, kernel: 2), GlobalMaxPool())),
    (
      "adaptive average", network([5, 7, 1], Convolution(channels: 2, kernel: 1), Tanh(), AdaptiveAveragePool(size: 3))
    ),
    (
      "adaptive average that divides",
      network([6, 6, 1], Convolution(channels: 2, kernel: 1), AdaptiveAveragePool(size: 3))
    ),
    (
      "adaptive max",
      network([5, 4, 1], Convolution(channels: 2, kernel: 1), AdaptiveMaxPool(AdaptiveSize(height: 2, width: 3)))
    ),
    (
      "average without padding",
      network(
        [5, 6, 1], Convolution(channels: 2, kernel: 1),
        AveragePool(Window(kernel: Plane(3), stride: Plane(2), padding: .both(Plane(1))), countIncludePad: false))
    ),
    ("convolution of a sequence", sequence([7, 2], Convolution1D(channels: 3, kernel: 3))),
    (
      "stride, dilation and groups along a sequence",
      sequence(
        [9, 2], Convolution1D(channels: 4, kernel: 1), Tanh(),
        Convolution1D(channels: 6, kernel: 3, stride: 2, padding: .both(1), dilation: 2, groups: 2))
    ),
    (
      "same along a sequence",
      sequence([6, 2], Convolution1D(channels: 3, kernel: 4, stride: 2, padding: .same, bias: false))
    ),
    (
      "causal along a sequence",
      sequence(
        [6, 2], Convolution1D(channels: 3, kernel: 1), Tanh(),
        Convolution1D(channels: 3, kernel: 3, padding: .causal, dilation: 2))
    ),
    ("max along a sequence", sequence([7, 1], Convolution1D(channels: 3, kernel: 2), MaxPool1D(size: 2))),
    (
      "mean along a sequence",
      sequence(
        [7, 2], Convolution1D(channels: 3, kernel: 1),
        AveragePool1D(size: 3, stride: 2, padding: 1, countIncludePad: false))
    ),
    (
      "global pools of a sequence",
      Network(
        input: [5, 2],
        layers: [
          Convolution1D(channels: 4, kernel: 2), Parallel(branches: [[GlobalAveragePool()], [GlobalMaxPool()]]),
          Dense(units: 3),
        ])
    ),
    (
      "adaptive pools of a sequence",
      sequence(
        [10, 2], Convolution1D(channels: 3, kernel: 1),
        Parallel(branches: [[AdaptiveAveragePool(size: 3)], [AdaptiveMaxPool(size: 3)]]))
    ),
    ("transposed", network([3, 4, 2], TransposedConvolution(channels: 3, kernel: 3))),
    (
      "transposed, with all settings",
      network(
        [3, 4, 2], Convolution(channels: 4, kernel: 1), Tanh(),
        TransposedConvolution(
          channels: 6, kernel: 3, stride: 2, padding: 1, outputPadding: 1, dilation: 2, groups: 2, bias: false))
    ),
    (
      "transposed depthwise",
      network(
        [3, 3, 2], Convolution(channels: 3, kernel: 1),
        TransposedConvolution(channels: 3, kernel: 2, stride: 2, groups: 3), Tanh())
    ),
    (
      "transposed along a sequence",
      sequence(
        [4, 2], Convolution1D(channels: 3, kernel: 1), Tanh(),
        TransposedConvolution1D(channels: 2, kernel: 3, stride: 2, padding: 1, outputPadding: 1))
    ),
    (
      "squeeze and excitation",
      network(
        [4, 3, 2], Convolution(channels: 6, kernel: 2), Tanh(),
        excitation(GlobalAveragePool(), Dense(units: 2), ReLU(), Dense(units: 6), Sigmoid()))
    ),
    (
      "the same by convolutions",
      network(
        [4, 3, 2], Convolution(channels: 6, kernel: 2), Tanh(),
        excitation(
          AdaptiveAveragePool(size: 1), Convolution(channels: 2, kernel: 1), Tanh(),
          Convolution(channels: 6, kernel: 1),
          HardSigmoid()))
    ),
    (
      "a gate that comes first, of positions",
      sequence(
        [4, 3],
        Parallel(join: .multiply, branches: [[MeanPositions(), Dense(units: 5), Sigmoid()], [Dense(units: 5)]]))
    ),
    (
      "a gate that learns, of what does not",
      network(
        [3, 3, 2], Parallel(join: .multiply, branches: [[], [GlobalAveragePool(), Dense(units: 2), Sigmoid()]]))
    ),
    (
      "a gate that learns nothing",
      network(
        [3, 3, 2], Parallel(join: .multiply, branches: [[Convolution(channels: 2, kernel: 1)], [GlobalAveragePool()]]))
    ),
  ]

  /// `x · g(x)`, a number for each channel.
  private static func excitation(_ gate: any Layer...) -> Parallel {
    Parallel(join: .multiply, branches: [[], gate])
  }

  /// Layers between two dense ones.
  private static func stack(_ layers: any Layer...) -> Network {
    Network(input: [4], layers: [Dense(units: 6)] + layers + [Dense(units: 3)])
  }

  /// Layers on images before a dense one.
  private static func network(_ input: Shape, _ layers: any Layer...) -> Network {
    let end: [any Layer] = [Flatten(), Dense(units: 3)]
    return Network(input: input, layers: layers + end)
  }

  private static func sequence(_ input: Shape, _ layers: any Layer...) -> Network {
    let end: [any Layer] = [Flatten(), Dense(units: 3)]
    return Network(input: input, layers: layers + end)
  }

  @Test(arguments: networks.indices)
  func backwardIsTheDerivativeOfTheLoss(number: Int) throws {
    for valid in [4, 3] {
      let check = try GradientCheck(Self.networks[number].network, loss: .crossEntropy, microBatch: 4, valid: valid)
      let mistakes = check.mistakes()
      #expect(mistakes.isEmpty, "\(Self.networks[number].name), \(valid) of 4")
    }
  }

  /// Where tensors lie, and which layers do the work of others, changes no bit, in either precision.
  @Test(arguments: networks.indices, NumberFormat.allCases)
  func sharedMemoryChangesNoBit(number: Int, precision: NumberFormat) throws {
    let (name, network) = Self.networks[number]
    func result(sharingMemory: Bool) throws -> [Float] {
      let plan = try Plan(network, microBatch: 3, precision: precision, sharingMemory: sharingMemory)
      let parameters = FlatBuffer(count: plan.layout.count)
      plan.initialise(parameters.view, seed: 3)
      var lane = plan.makeLane(parameters: parameters.view, seed: 4)
      let (input, leaf) = (buffer(uniform(3 * network.input.count, 1)), FlatBuffer(count: plan.layout.count))
      lane.setInput(input.view)
      lane.setLeaf(leaf.view)
      lane.setMode(GradientCheck.training)
      plan.forward(lane)
      let outputs = lane.output.array
      lane.outputGradient.assign(uniform(outputs.count, 1, stream: 7))
      plan.backward(lane)
      return outputs + leaf.view.array
    }
    let found = try result(sharingMemory: true)
    #expect(try found == result(sharingMemory: false), "\(name)")
    let isFinite = found.allSatisfy { $0.isFinite }
    #expect(isFinite, "\(name)")
  }

  @Test func slopesStartAsTheyAreTold() throws {
    let network = Network(input: [3], layers: [PReLU(slope: 0.1, perChannel: true), PReLU(slope: -2)])
    let plan = try network.plan(microBatch: 1)
    let parameters = FlatBuffer(count: plan.layout.count)
    plan.initialise(parameters.view, seed: 3)
    #expect(plan.layout.slots.map { parameters.view[$0.range].array } == [[0.1, 0.1, 0.1], [-2]])
  }

  /// A convolution of a sequence is one of pictures of one row, bit for bit.
  @Test func sequencesArePicturesOfOneRow() throws {
    func result(_ layers: [any Layer]) throws -> [Float] {
      let plan = try Network(input: [9, 4], layers: layers).plan(microBatch: 3)
      let (parameters, leaf) = (FlatBuffer(count: plan.layout.count), FlatBuffer(count: plan.layout.count))
      plan.initialise(parameters.view, seed: 3)
      let input = buffer(uniform(3 * 36, 1))
      var lane = plan.makeLane(parameters: parameters.view, seed: 4)
      lane.setInput(input.view)
      lane.setLeaf(leaf.view)
      plan.forward(lane)
      let outputs = lane.output.array
      lane.outputGradient.assign(uniform(outputs.count, 1, stream: 7))
      plan.backward(lane)
      return outputs + leaf.view.array
    }
    let window = Window(
      kernel: Plane(height: 1, width: 3), stride: Plane(height: 1, width: 2), padding: .both(Plane(height: 0, width: 1))
    )
    #expect(
      try result([Convolution1D(channels: 6, kernel: 3, stride: 2, padding: .both(1), groups: 2)])
        == result([Reshape([1, 9, 4]), Convolution(channels: 6, window: window, groups: 2)]))
  }

  @Test func shapesThatDoNotFitNameTheLayer() {
    func message(_ input: Shape, _ layer: any Layer) -> String {
      do {
        _ = try Network(input: input, layers: [layer]).plan(microBatch: 1)
        return "no error"
      } catch { return "\(error)" }
    }
    let cure = "; change the model's input or this layer"
    #expect(
      message([8, 8, 3], Convolution1D(channels: 4, kernel: 3))
        == "model.0 (convolution-1d): expected samples of rank 2 (positions×channels), found 8×8×3\(cure)")
    #expect(
      message([4, 3], Convolution1D(channels: 4, kernel: 3, dilation: 2))
        == "model.0 (convolution-1d): expected at least 5 positions for its window of 5, found 4×3\(cure)")
    #expect(message([4, 3], Convolution1D(channels: 4, kernel: 9, padding: .causal)) == "no error")
    #expect(
      message([9, 3], Convolution1D(channels: 4, kernel: 3, groups: 2)).contains("that 2 groups divide, found 9×3"))
    #expect(message([9], TransposedConvolution(channels: 4, kernel: 3)).contains("expected samples of rank 3"))
    #expect(
      message([1, 1, 3], TransposedConvolution(channels: 4, kernel: 3, padding: 2))
        == "model.0 (transposed-convolution): expected samples of which its padding (2×2) leaves something, found 1×1×3\(cure)"
    )
    #expect(
      message([4, 3], TransposedConvolution1D(channels: 4, kernel: 3, groups: 2)).contains("that 2 groups divide"))
    #expect(
      message([4, 4, 6], GroupNorm(groups: 4))
        == "model.0 (group-norm): expected channels, along the last axis, that 4 groups divide, found 4×4×6\(cure)")
    #expect(
      message([5], GlobalMaxPool())
        == "model.0 (global-max-pool): expected samples of rank 3 (height×width×channels) or 2 (positions×channels), "
        + "found 5\(cure)")
    #expect(message([5, 3], AdaptiveMaxPool(AdaptiveSize(height: 2, width: 3))).contains("expected samples of rank 3"))
    #expect(message([5, 3], AdaptiveMaxPool(size: 2)) == "no error")
    #expect(
      message([1, 3], MaxPool1D(size: 2)).contains("expected at least 2 positions for its window of 2, found 1×3"))
    #expect(
      message([4, 4, 6], Parallel(join: .multiply, branches: [[], [GlobalAveragePool(), Dense(units: 5)]]))
        == "model.0 (parallel): expected branches of one shape (the first gives 4×4×6), or one with a number for each of "
        + "6 channels, found 5\(cure)")
    #expect(message([4, 4, 6], Parallel(join: .add, branches: [[], [GlobalAveragePool()]])).contains("found 6"))
  }

  /// 4×5 by 3×3 from 2 to 6 channels: as counted by hand.
  @Test func workIsCounted() throws {
    let network = Network(
      input: [4, 5, 2], layers: [TransposedConvolution(channels: 6, kernel: 3, stride: 2, groups: 2)])
    let plan = try network.plan(microBatch: 1)
    #expect(plan.multiplyAdds == 4 * 5 * 2 * 3 * 9)
    #expect(plan.outputShape == [9, 11, 6])
    let line = Network(input: [10, 4], layers: [Convolution1D(channels: 6, kernel: 3, groups: 2)])
    #expect(try line.plan(microBatch: 1).multiplyAdds == 8 * 6 * 2 * 3)
  }

  /// A gate of channels is rounded as what it multiplies, all three or none.
  @Test func gatesAreKeptAlike() throws {
    let network = Network(input: [6, 6, 3]) {
      Convolution(channels: 16, kernel: 3)
      Parallel(join: .multiply, branches: [[], [GlobalAveragePool(), Dense(units: 16), Sigmoid()]])
      Convolution(channels: 16, kernel: 3)
      Flatten()
      Dense(units: 3)
    }
    let graph = try Graph(network, precision: .bfloat16)
    let join = try #require(graph.operations.first { graph.isGate($0) })
    #expect((join.inputs + join.outputs).allSatisfy { graph.tensors[$0].precision == .bfloat16 })
  }
}
