import Goldens
import Layers
import Testing

/// A transformer's block against PyTorch, parameter by parameter; see `Tests/Goldens/make-goldens.py`.
@Suite struct GoldenTransformerTests {
  struct Case: GoldenCase {
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
      try test.expect(of: network, samples: 2, classes: test.targets, within: 5e-6)
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
      try test.expect(
        of: Network(input: [70], layers: layers), samples: 2, classes: test.targets, within: 5e-6)
    }
  }
}
