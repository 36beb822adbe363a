import Diagnostics
import Kernels
import Tensors
import Testing

@testable import Layers

/// Attention whose projections are of whole numbers, and embeddings whose tables are.
@Suite struct IntegerAttentionTests {
  private func output(
    _ plan: Plan, _ parameters: FloatView, _ input: [Float], rows: [Range<Int>]? = nil
  ) -> [Float] {
    var lane = plan.makeLane(parameters: parameters, seed: 0)
    lane.integerWeights = plan.makeIntegerWeights(parameters)
    lane.fill(.nan)
    let buffer = buffer(input)
    lane.setInput(buffer.view)
    lane.setMode(.evaluation)
    Kernels.asLane {
      guard let rows else { return plan.forward(lane) }
      for some in rows { plan.forward(lane, rows: some) }
    }
    return lane.output.array
  }

  /// Rows of 16 numbers that are grouped heads' queries, keys and values; a memory; padding.
  private static let networks: [String: Network] = [
    "self": Network(input: [6, 16]) {
      MultiHeadAttention(heads: 4, causal: true, keyHeads: 2, positions: .rotary(base: 100))
    },
    "cross": Network(input: [6, 16]) {
      EncoderDecoder(
        encoder: [Dense(units: 12)],
        decoder: [
          CrossAttention(heads: 2, keyHeads: 1),
          MultiHeadAttention(heads: 2, causal: false, bias: false, positions: .alibi),
        ])
    },
  ]

  /// With scales that fit, outputs are near those of floats: some hundredths of numbers of about 1; and they are others.
  @Test(arguments: ["self", "cross"])
  func isNearTheNetworkOfFloats(name: String) throws {
    let network = Self.networks[name]!
    let (layers, tables) = try network.integerLayers
    #expect(
      layers.flatMap(\.products)
        == (name == "self"
          ? ["0.in_proj", "0.out_proj"]
          : [
            "0.0.0", "0.1.0.q_proj", "0.1.0.kv_proj", "0.1.0.out_proj", "0.1.1.in_proj",
            "0.1.1.out_proj",
          ]))
    #expect(tables.isEmpty)
    let floats = try network.plan(microBatch: 3)
    let parameters = FlatBuffer(count: floats.layout.count)
    parameters.view.assign(uniform(floats.layout.count, 0.5, stream: 1))
    let x = uniform(3 * 96, 1, stream: 2)
    // What each product reads, as calibration sees it.
    var most: [String: Float] = [:]
    var lane = floats.makeLane(parameters: parameters.view, seed: 0)
    let input = buffer(x)
    lane.setInput(input.view)
    lane.setMode(.evaluation)
    Kernels.asLane {
      floats.forward(lane) { operation in
        floats.forEachOperand(operation, lane) { place, numbers in
          most[place] = numbers.array.reduce(0) { max($0, abs($1)) }
        }
      }
    }
    #expect(
      Set(most.keys) == Set(layers.flatMap(\.products))
        && most.values.allSatisfy { $0 > 0.1 && $0 < 50 })
    let scales = most.mapValues { ByteScale(limit: $0, isSigned: true) }
    let plan = try network.plan(microBatch: 3, scales: scales)
    let (own, other) = (output(plan, parameters.view, x), output(floats, parameters.view, x))
    let (largest, worst) = (
      other.reduce(0) { max($0, abs($1)) }, zip(own, other).reduce(0) { max($0, abs($1.0 - $1.1)) }
    )
    #expect(worst > 1e-4 * largest && worst < 0.08 * largest, "\(worst) of \(largest)")
    #expect(try network.share(of: scales) < 1 && network.share(of: scales) > 0.4)
    // One scale of several is none.
    let some = scales.filter { !$0.key.hasSuffix("out_proj") }
    let failure = #expect(throws: Failure.self) {
      _ = try network.plan(microBatch: 1, scales: some)
    }
    #expect(failure?.description.contains("expected scales of all products of its layer") == true)
  }

  /// A row of a table is rounded by its own step; rows that come one by one have the bits of all together.
  @Test func tablesAreRowsOfWholeNumbers() throws {
    let network = Network(input: [5]) {
      Embedding(vocabulary: 7, width: 12, padding: 0)
      MultiHeadAttention(heads: 2, causal: true)
      Dense(units: 7, bias: false, tied: "0")
    }
    let (layers, tables) = try network.integerLayers
    #expect(tables == ["0"] && layers.flatMap(\.products) == ["1.in_proj", "1.out_proj", "2"])
    let scales = ByteScales(
      uniqueKeysWithValues: layers.flatMap(\.products).map {
        ($0, ByteScale(limit: 1, isSigned: true))
      })
    let table = try Network(input: [5]) { Embedding(vocabulary: 7, width: 12, padding: 0) }
      .plan(microBatch: 1, scales: [:], tables: ["0"])
    let all = try network.plan(microBatch: 1, scales: scales, tables: ["0"], keepingRows: true)
    let parameters = FlatBuffer(count: all.layout.count)
    parameters.view.assign(uniform(all.layout.count, 0.7, stream: 1))
    let tokens: [Float] = [3, 6, 1, 0, 0]
    let weight = parameters.view[all.layout.slots[0].range].array
    let (numbers, steps) = weight.withUnsafeBufferPointer { IntegerWeights.rounded($0, outputs: 7) }
    let expected = tokens.enumerated().flatMap { place, token in
      (0..<12).map { place < 3 ? Float(numbers[Int(token) * 12 + $0]) * steps[Int(token)] : 0 }
    }
    #expect(output(table, parameters.view, tokens) == expected)

    // The slot that two layers have counts once: 84 numbers and 7 steps, and 36 rows, then 12.
    let counts = (84 + 36 * 12 + 12 * 12, 7 + 36 + 12)
    #expect(
      all.integerSize.floats == 4 * counts.0 && all.integerSize.bytes == counts.0 + 4 * counts.1)

    let full: [Float] = [3, 6, 1, 2, 5]
    #expect(all.isRowwise)
    let whole = output(all, parameters.view, full)
    #expect(output(all, parameters.view, full, rows: [0..<2, 2..<3, 3..<5]) == whole)
    #expect(output(all, parameters.view, full, rows: (0..<5).map { $0..<$0 + 1 }) == whole)
    #expect(output(try network.plan(microBatch: 1), parameters.view, full) != whole)
    let failure = #expect(throws: Failure.self) {
      _ = try network.plan(microBatch: 1, scales: [:], tables: ["1"])
    }
    #expect(failure?.description.contains("model.1: expected an embedding") == true)
  }
}
