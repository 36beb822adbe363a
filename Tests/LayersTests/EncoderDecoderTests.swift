import Diagnostics
import Layers
import Tensors
import Testing

/// Where a memory comes from, and who reads it; gradients are in `GradientTests`.
@Suite struct EncoderDecoderTests {
  static func failure(_ layers: any Layer...) -> String? {
    do {
      _ = try Network(input: [3, 4], layers: layers).plan(microBatch: 2)
      return nil
    } catch { return (error as? Failure)?.description }
  }

  @Test func slotsAreNamedByBranch() throws {
    let plan = try Network(
      input: [3, 4],
      layers: [
        EncoderDecoder(
          encoder: [Dense(units: 6, bias: false)], decoder: [CrossAttention(heads: 2, keyHeads: 1), ReLU()])
      ]
    ).plan(microBatch: 2)
    #expect(
      plan.layout.slots.map { "\($0.name) \($0.shape)" } == [
        "0.0.0.weight 6×4", "0.1.0.q_proj.weight 4×4", "0.1.0.q_proj.bias 4", "0.1.0.kv_proj.weight 4×6",
        "0.1.0.kv_proj.bias 4", "0.1.0.out_proj.weight 4×4", "0.1.0.out_proj.bias 4",
      ])
    #expect(plan.outputShape == [3, 4])
    #expect(plan.multiplyAdds == 3 * 4 * 6 + 2 * 3 * 16 + 3 * 6 * 4 + 2 * 4 * 9)
  }

  @Test func readersNeedAMemoryAndItsReaders() {
    #expect(
      Self.failure(CrossAttention(heads: 2))
        == "model.0 (cross-attention): expected an encoder-decoder around it, in whose decoder it stands, found none; "
        + "write encoder-decoder: {encoder: […], decoder: […]}, or take attention, which reads its own input")
    #expect(
      Self.failure(EncoderDecoder(encoder: [CrossAttention(heads: 2)], decoder: [ReLU()]))
        == "model.0 (encoder-decoder): expected a cross-attention in its decoder, found none that reads the encoder; "
        + "add {cross-attention: {heads: 4}} to it, or take the decoder's layers alone")
    #expect(
      Self.failure(EncoderDecoder(encoder: [Flatten()], decoder: [CrossAttention(heads: 2)])).map {
        $0.hasPrefix(
          "model.0.1.0 (cross-attention): expected samples and a memory of rank 2, positions × width, found 12;")
      } == true)
    #expect(
      Self.failure(EncoderDecoder(encoder: [ReLU()], decoder: [CrossAttention(heads: 3)])).map {
        $0.hasPrefix("model.0.1.0 (cross-attention): expected a width that 3 heads divide, found 3×4;")
      } == true)
  }

  @Test func headsFitTheWidth() {
    #expect(
      Self.failure(MultiHeadAttention(heads: 4, causal: true, positions: .rotary(base: 10))).map {
        $0.contains("expected an even number of columns for each of 4 heads, which turn by pairs, found 3×4")
      } == true)
    #expect(Self.failure(SinusoidalPositions(), Dense(units: 3), SinusoidalPositions()) != nil)
  }

  /// A language model reads nothing that is still to come, nor does its memory.
  @Test func aMemoryIsSeenWhole() throws {
    func seeing(_ encoder: any Layer) throws -> String? {
      try Network(
        input: [3, 4], layers: [EncoderDecoder(encoder: [encoder], decoder: [CrossAttention(heads: 2)])]
      ).firstLookingAhead()?.kind
    }
    #expect(try seeing(Tanh()) == "cross-attention")
  }

  /// Slopes as in the paper, of a power of two and of six.
  @Test func slopesArePowersOfTwo() {
    #expect(AttentionPositions.alibi.slopes(heads: 4) == [0x1p-2, 0x1p-4, 0x1p-6, 0x1p-8])
    #expect(
      AttentionPositions.alibi.slopes(heads: 8) == (1...8).map { Float(sign: .plus, exponent: -$0, significand: 1) })
    #expect(AttentionPositions.alibi.slopes(heads: 6) == [0x1p-2, 0x1p-4, 0x1p-6, 0x1p-8, 0x1p-1, 0x1p-3])
    #expect(AttentionPositions.none.slopes(heads: 6) == nil)
  }
}
