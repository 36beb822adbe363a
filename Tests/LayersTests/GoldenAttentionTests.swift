import Goldens
import Kernels
import Layers
import Tensors
import Testing

/// The forms of attention against PyTorch, parameter by parameter; see `Tests/Goldens/make-attentions.py`.
@Suite struct GoldenAttentionTests {
  struct Case: GoldenCase {
    let name: String
    let heads: Int
    let keyHeads: Int
    let causal: Bool
    let bias: Bool
    let rotary: Double?
    let alibi: Bool
    let window: Int?
    let padded: Bool
    let memory: Bool
    let tokens: [Float]
    let classes: [Int32]
    let parameters: [String: [Float]]
    let outputs: [Double]
    let lossSum: Double
    let gradients: [String: [Double]]

    var network: Network {
      let embedding = Embedding(vocabulary: 9, width: 12, padding: padded ? 0 : nil)
      guard !memory else {
        return Network(
          input: [11 + 19],
          layers: [
            EncoderDecoder(
              encoder: [Select(0..<11), Embedding(vocabulary: 9, width: 10, padding: 0)],
              decoder: [
                Select(11..<30), embedding,
                Residual(body: [CrossAttention(heads: heads, bias: bias, keyHeads: keyHeads)]),
              ]), MeanPositions(), Dense(units: 3),
          ])
      }
      let positions: AttentionPositions = rotary.map { .rotary(base: $0) } ?? (alibi ? .alibi : .none)
      let attention = MultiHeadAttention(
        heads: heads, causal: causal, bias: bias, keyHeads: keyHeads, positions: positions, window: window)
      return Network(
        input: [19], layers: [embedding, Residual(body: [attention]), MeanPositions(), Dense(units: 3)])
    }
  }

  /// 5e-6: as of transformers, sums of fewer terms.
  @Test func forwardLossAndGradientsArePyTorchs() throws {
    let cases: [Case] = try golden("attentions.json")
    #expect(cases.count == 12)
    for test in cases {
      try test.expect(of: test.network, samples: 4, classes: test.classes, within: 5e-6)
    }
  }

  struct Waves: Decodable {
    let waves: [Double]
    /// Of position 4,095 in 64 columns: cosines, and sines.
    let far: [[Double]]
  }

  /// 1e-7: a rounding of numbers of at most 1, and what reduces an angle of 4,095 in double precision.
  @Test func wavesArePythons() throws {
    let waves: Waves = try golden("waves.json")
    let table = SinusoidalPositions().table(of: [7, 6])
    #expect(distance(table.view.array, waves.waves) < 1e-7)
    let angles = Angles(positions: 4096, columns: 64, base: 10_000)
    let last = 4095 * 32..<4096 * 32
    #expect(distance(angles.cosines.view[last].array, waves.far[0]) < 1e-7)
    #expect(distance(angles.sines.view[last].array, waves.far[1]) < 1e-7)
  }
}
