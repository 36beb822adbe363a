import CKernels
import Kernels
import Testing

/// Attention of bfloat16 numbers, of every instruction set, against its definition, bit for bit.
@Suite struct BFloat16AttentionTests {
  private static func extents(_ shape: AttentionShape) -> ck_attention {
    ck_attention(
      samples: Int64(shape.samples), positions: Int64(shape.positions), width: Int64(shape.width),
      heads: Int64(shape.heads), causal: shape.isCausal ? 1 : 0,
      scale: 1 / Float(shape.width / shape.heads).squareRoot(), key_heads: 0, memory: 0, window: 0, slopes: nil,
      lengths: nil, memory_lengths: nil, dropout: ck_attention_dropout())
  }

  private static func words(_ values: [Float]) -> [UInt16] {
    values.map { UInt16($0.roundedToBFloat16.bitPattern >> 16) }
  }

  /// Outputs and gradients; scratch is full of NaN, and ends where it says.
  private func results(_ shape: AttentionShape, _ qkv: [UInt16], _ up: [Float]) -> ([UInt16], [UInt32]) {
    var extents = Self.extents(shape)
    let counts = [
      Int(ck_attention_bfloat16_forward_scratch(&extents)), Int(ck_attention_bfloat16_backward_scratch(&extents)),
    ]
    let scratch = counts.map { floats([Float](repeating: .nan, count: $0 + 9)) }
    var outputs = [UInt16](repeating: 0xFFFF, count: up.count)
    let (gradients, statistics) = (
      floats([Float](repeating: .nan, count: qkv.count)), floats(count: shape.statisticsCount)
    )
    let heads = Int64(shape.allHeads.count)
    ck_attention_bfloat16_forward(
      &outputs, statistics.base, qkv, &extents, 0, heads, 0, Int64(shape.positions), scratch[0].base)
    let upper = floats(up)
    ck_attention_bfloat16_backward(
      gradients.base, upper.base, qkv, statistics.base, &extents, 0, heads, scratch[1].base)
    let isKept = zip(counts, scratch).allSatisfy { $1.array[$0...].allSatisfy { $0.isNaN } }
    #expect(isKept)
    return (outputs, gradients.array.map(\.bitPattern))
  }

  /// Every number of positions up to and around a block, each with widths of a head that all occur.
  @Test(arguments: [false, true])
  func allSmallExtentsAreThoseOfTheDefinition(isCausal: Bool) {
    for (place, T) in (Array(1...70) + Array(127...130)).enumerated() {
      let d = place % 2 == 0 ? place % 70 + 1 : (place * 13 + 32) % 70 + 1
      let heads = (T + d) % 3 + 1
      let shape = AttentionShape(samples: 1, positions: T, width: heads * d, heads: heads, isCausal: isCausal)
      let qkv = uniform(3 * shape.outputCount, 2).map(\.roundedToBFloat16)
      let up = uniform(shape.outputCount, 1, stream: 1)
      let chains = AttentionChains(shape, isRounded: true, qkv: qkv, up: up)
      for path in ProductDraws.paths {
        let found = onPath(path) { results(shape, Self.words(qkv), up) }
        if found != (Self.words(chains.outputs), chains.gradients.map(\.bitPattern)) {
          Issue.record("\(shape) by \(String(cString: ck_product_name(path))): other bits than its definition")
        }
      }
    }
  }

  /// As a model of text writes on: a query alone, and some of them, have the bits that they have among all.
  @Test(arguments: [0..<1, 69..<70, 4..<12, 63..<65])
  func positionsNeedNoLaterOnes(positions: Range<Int>) {
    let shape = AttentionShape(samples: 1, positions: 70, width: 24, heads: 2, isCausal: true)
    var extents = Self.extents(shape)
    let (all, _) = results(shape, Self.words(uniform(3 * shape.outputCount, 2)), uniform(shape.outputCount, 1))
    var cut = Self.words(uniform(3 * shape.outputCount, 2))
    for place in positions.upperBound * 3 * shape.width..<cut.count { cut[place] = 0x7FC0 }
    var some = [UInt16](repeating: 0xFFFF, count: all.count)
    let statistics = floats(count: shape.statisticsCount)
    let scratch = floats(count: Int(ck_attention_bfloat16_forward_scratch(&extents)))
    ck_attention_bfloat16_forward(
      &some, statistics.base, cut, &extents, 0, 2, Int64(positions.lowerBound), Int64(positions.count), scratch.base)
    for place in all.indices {
      #expect(some[place] == (positions.contains(place / shape.width) ? all[place] : 0xFFFF), "\(place)")
    }
  }
}
