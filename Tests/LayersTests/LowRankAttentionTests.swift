import Kernels
import Losses
import Tensors
import Testing

@testable import Layers

/// Adapters beside projections of attention: their gradients, what they stand beside, and the weights that they are merged into.
@Suite struct LowRankAttentionTests {
  /// Self-attention of grouped heads that turn, and attention to a memory.
  private static func network(
    _ targets: [String] = ["*"], alpha: Double = 3, dropout: Double = 0, learnsAlone: Bool = false
  ) -> Network {
    var network = Network(input: [4, 8]) {
      Residual(body: [MultiHeadAttention(heads: 4, causal: true, keyHeads: 2)])
      EncoderDecoder(
        encoder: [Dense(units: 6), Tanh()],
        decoder: [CrossAttention(heads: 2, bias: false), MultiHeadAttention(heads: 2, causal: false, bias: false)])
    }
    network.adapter = Adapter(rank: 2, alpha: alpha, dropout: dropout, targets: targets.map { NamePattern($0) })
    if learnsAlone { network.freezing = Freezing([NamePattern("*")], except: Adapter.slots) }
    return network
  }

  @Test(arguments: [0.0, 0.3], [false, true])
  func gradientsAreDerivatives(dropout: Double, learnsAlone: Bool) throws {
    for targets in [["*"], ["*.q_proj", "v_proj"], ["*.out_proj"]] {
      // What is kept is larger by dropout, and differences of a step would tell less of a derivative.
      let network = Self.network(
        targets, alpha: dropout > 0 ? 0.5 : 3, dropout: dropout, learnsAlone: learnsAlone)
      let check = try GradientCheck(network, loss: .meanSquaredError, microBatch: 3)
      #expect(check.mistakes() == [], "\(targets), dropout \(dropout)")
    }
  }

  /// Frozen weights have no gradient, and nothing else changes with that.
  @Test func gradientsAreThoseBesideWeightsThatLearn() throws {
    let both = try [false, true].map {
      try GradientCheck(Self.network(learnsAlone: $0), loss: .meanSquaredError, microBatch: 3)
    }
    let (all, alone) = (both[0].pass(), both[1].pass())
    #expect(all.loss == alone.loss)
    for (own, other) in zip(both[0].plan.layout.slots, both[1].plan.layout.slots) where !other.isFrozen {
      #expect(own.name == other.name)
      #expect(all.leaf.view[own.range].array == alone.leaf.view[other.range].array, "\(own.name)")
    }
  }

  @Test func slotsHaveTheNamesOfPEFT() throws {
    let plan = try Self.network(["0.0.q_proj", "0.0.v_proj.weight", "1.1.0.o_proj", "1.1.1"]).plan(microBatch: 2)
    let names = plan.layout.slots.map(\.name)
    #expect(
      names.filter { $0.hasPrefix("0.0.") } == [
        "0.0.in_proj_weight", "0.0.in_proj_bias", "0.0.out_proj.weight", "0.0.out_proj.bias",
        "0.0.q_proj.lora_A.weight", "0.0.q_proj.lora_B.weight", "0.0.v_proj.lora_A.weight", "0.0.v_proj.lora_B.weight",
      ])
    #expect(
      plan.adapters.map(\.path) == [
        "0.0.q_proj", "0.0.v_proj", "1.1.0.out_proj", "1.1.1.q_proj", "1.1.1.k_proj", "1.1.1.v_proj", "1.1.1.out_proj",
      ])
    let value = plan.adapters[1]
    #expect(value.weight == "0.0.in_proj_weight" && value.firstRow == 12)
    #expect(plan.layout.slots[value.A].shape == [2, 8] && plan.layout.slots[value.B].shape == [4, 2])
  }

  /// What a network gives for a fixed input.
  private static func outputs(_ plan: Plan, _ parameters: FlatBuffer) -> [Float] {
    var lane = plan.makeLane(parameters: parameters.view, seed: 1)
    let input = buffer(uniform(3 * 32, 1, stream: 9))
    lane.setInput(input.view)
    lane.setMode(.evaluation)
    plan.forward(lane)
    return lane.output.array
  }

  private static func distance(_ a: [Float], _ b: [Float]) -> Float {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }

  /// The network without adapters computes what the one with them does: sums come in another order, of 12 terms at most, and in
  /// bfloat16 weights are rounded with what is added to them, to 8 bits.
  @Test(arguments: [NumberFormat.float32, .bfloat16])
  func mergedWeightsComputeTheSame(precision: NumberFormat) throws {
    for targets in [["*"], ["k_proj"], ["*.v_proj", "*.out_proj"]] {
      let check = try GradientCheck(Self.network(targets), loss: .meanSquaredError, microBatch: 3)
      let plan = try Self.network(targets).plan(microBatch: 3, precision: precision)
      let (merged, weights) = try plan.merged(check.parameters.view)
      #expect(!merged.layout.slots.contains { $0.name.contains("lora") })
      let (own, other) = (Self.outputs(plan, check.parameters), Self.outputs(merged, weights))
      let apart = Self.distance(own, other)
      for slot in plan.layout.slots where slot.name.hasSuffix("lora_B.weight") {
        check.parameters.view[slot.range].clear()
      }
      let without = Self.outputs(plan, check.parameters)
      let added = Self.distance(own, without)
      #expect(apart < (precision == .float32 ? 1e-4 : 0.2) * added, "\(targets): \(apart) of \(added)")
      #expect(added > 0.1, "\(targets): nothing was added")
    }
  }

  /// In bfloat16 gradients are those of floats but for roundings: products of 8 bits of significand.
  @Test func gradientsInBFloat16() throws {
    let network = Self.network(learnsAlone: true)
    func leaf(_ precision: NumberFormat) throws -> (Plan, [Float]) {
      let plan = try network.plan(microBatch: 3, precision: precision)
      let check = try GradientCheck(network, loss: .meanSquaredError, microBatch: 3)
      var lane = plan.makeLane(parameters: check.parameters.view, seed: 11)
      let (input, leaf) = (buffer(uniform(3 * 32, 1, stream: 9)), FlatBuffer(count: plan.layout.count))
      lane.fill(.nan)
      lane.setInput(input.view)
      lane.setLeaf(leaf.view)
      lane.setMode(GradientCheck.training)
      plan.forward(lane)
      lane.outputGradient.assign(uniform(lane.outputGradient.count, 1, stream: 3))
      plan.backward(lane)
      return (plan, leaf.view.array)
    }
    let ((plan, floats), (_, rounded)) = (try leaf(.float32), try leaf(.bfloat16))
    for slot in plan.layout.slots where !slot.isFrozen {
      let (own, other) = (floats[slot.range], rounded[slot.range])
      let most = own.reduce(0) { max($0, abs($1)) }
      #expect(zip(own, other).allSatisfy { abs($0 - $1) < 0.06 * most + 1e-3 }, "\(slot.name)")
    }
    #expect(floats != rounded)
  }

  @Test(arguments: [
    (["7"], "\"7\" fits no dense layer, and no projection of attention; there are some at 0.0, 0.0.q_proj"),
    (["0.0.k"], "\"0.0.k\" fits no dense layer"),
    (["1.0.1"], "expected a dense layer or attention at 1.0.1, found tanh"),
  ])
  func targetsThatAreNone(targets: [String], message: String) {
    #expect { try Self.network(targets).plan(microBatch: 2) } throws: { "\($0)".contains("lora.targets: \(message)") }
  }
}
