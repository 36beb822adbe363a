import Diagnostics
import Goldens
import Layers
import Losses
import Tensors
import Testing

/// A transformer's block against PyTorch, parameter by parameter; see `Tests/Goldens/make-goldens.py`.
@Suite struct GoldenTransformerTests {
  struct Case: Decodable {
    let name: String
    let causal: Bool
    let bias: Bool
    let tokens: [Float]
    let targets: [Int32]
    let parameters: [String: [Float]]
    let outputs: [Double]
    let lossSum: Double
    let gradients: [String: [Double]]
  }

  static let activations: [String: any Layer] = [
    "gelu": GELU(), "gelu-tanh": GELU(approximation: .tanh), "silu": SiLU(), "leaky-relu": LeakyReLU(slope: 0.2),
  ]

  /// 5e-6: sums of up to 140 rows' products through three matrices and two layer norms, half a rounding of 6e-8 a term.
  @Test func forwardLossAndGradientsArePyTorchs() throws {
    let cases: [Case] = try golden("transformers.json")
    #expect(cases.map(\.name).sorted() == Self.activations.keys.sorted())
    for test in cases {
      let network = Network(
        input: [70],
        layers: [
          Embedding(vocabulary: 11, width: 8), Positions(),
          Residual(body: [LayerNorm(), MultiHeadAttention(heads: 2, causal: test.causal, bias: test.bias)]),
          Residual(body: [LayerNorm(), Dense(units: 12), try #require(Self.activations[test.name]), Dense(units: 8)]),
          LayerNorm(), Dense(units: 11, bias: false),
        ])
      try expectPyTorchs(test, network)
    }
  }

  /// The same tolerance, for fewer terms.
  @Test func tiedLayersArePyTorchs() throws {
    let cases: [Case] = try golden("tied.json")
    #expect(cases.map(\.bias) == [true, false])
    for test in cases {
      let layers: [any Layer] = [
        Embedding(vocabulary: 11, width: 8), Positions(), Dense(units: 8), Tanh(),
        Dense(units: 11, bias: test.bias, tied: "0"),
      ]
      try expectPyTorchs(test, Network(input: [70], layers: layers))
    }
  }

  private func expectPyTorchs(_ test: Case, _ network: Network) throws {
    let plan = try network.plan(microBatch: 2)
    #expect(plan.layout.slots.map(\.name).sorted() == test.parameters.keys.sorted())
    let (parameters, leaf) = (FlatBuffer(count: plan.layout.count), FlatBuffer(count: plan.layout.count))
    for slot in plan.layout.slots { parameters.view[slot.range].assign(try #require(test.parameters[slot.name])) }
    let input = buffer(test.tokens)

    var lane = plan.makeLane(parameters: parameters.view, seed: 1)
    lane.setInput(input.view)
    lane.setLeaf(leaf.view)
    plan.forward(lane)
    let output = lane.output.array
    let total = test.targets.withUnsafeBufferPointer { classes in
      CrossEntropyLoss().sum(lane.output, .classes(classes), rows: 2, valid: 2, gradient: lane.outputGradient)
    }
    plan.backward(lane)

    #expect(distance(output, test.outputs) < 5e-6, "\(test.name)")
    #expect(abs(total - test.lossSum) < 5e-6 * test.lossSum, "\(test.name)")
    for slot in plan.layout.slots {
      let found = distance(leaf.view[slot.range].array, try #require(test.gradients[slot.name]))
      #expect(found < 5e-6, "\(test.name): \(slot.name)")
    }
  }
}
