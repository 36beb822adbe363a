import Kernels
import Losses
import Tensors
import Testing

@testable import Layers

/// Adapters of low rank: their gradients, what they start as, and the weights that they are merged into.
@Suite struct LowRankTests {
  private static func network(_ dropout: Double = 0, _ targets: [String] = ["*"]) -> Network {
    var network = Network(input: [3, 4]) {
      Dense(units: 6)
      Tanh()
      Residual(body: [Dense(units: 6, bias: false)])
      Flatten()
      Dense(units: 3)
    }
    network.adapter = Adapter(rank: 2, alpha: 3, dropout: dropout, targets: targets.map { NamePattern($0) })
    return network
  }

  @Test(arguments: [0.0, 0.3], [false, true])
  func gradientsAreDerivatives(dropout: Double, isFrozen: Bool) throws {
    var network = Self.network(dropout)
    if isFrozen { network.freezing = Freezing([NamePattern("*")], except: Adapter.slots) }
    for valid in [5, 3] {
      let check = try GradientCheck(network, loss: .meanSquaredError, valid: valid)
      #expect(check.mistakes() == [], "dropout \(dropout), \(valid) samples")
    }
  }

  @Test func slotsHaveTheNamesOfPEFT() throws {
    let plan = try Self.network(0, ["2.0", "4.weight"]).plan(microBatch: 2)
    #expect(
      plan.layout.slots.map(\.name) == [
        "0.weight", "0.bias", "2.0.weight", "2.0.lora_A.weight", "2.0.lora_B.weight", "4.weight", "4.bias",
        "4.lora_A.weight", "4.lora_B.weight",
      ])
    #expect(plan.adapters.map(\.path) == ["2.0", "4"])
    #expect(plan.layout.slots[7].shape == [2, 18] && plan.layout.slots[8].shape == [3, 2])
    let parameters = FlatBuffer(count: plan.layout.count)
    plan.initialise(parameters.view, seed: 5)
    let A = parameters.view[plan.layout.slots[7].range].array
    let limit = Float(1 / 18.0.squareRoot())
    #expect(A.allSatisfy { abs($0) <= limit } && A.contains { abs($0) > limit / 2 })
    #expect(parameters.view[plan.layout.slots[8].range].array.allSatisfy { $0 == 0 })
  }

  /// The network without adapters computes what the one with them does: sums come in another order, of 18 terms at most.
  @Test func mergedWeightsComputeTheSame() throws {
    let check = try GradientCheck(Self.network(), loss: .meanSquaredError, mode: .evaluation)
    let (plan, merged) = try check.plan.merged(check.parameters.view)
    #expect(!plan.layout.slots.contains { $0.name.contains("lora") })
    func outputs(_ plan: Plan, _ parameters: FlatBuffer) -> [Float] {
      var lane = plan.makeLane(parameters: parameters.view, seed: 1)
      let input = buffer(uniform(5 * 12, 1, stream: 9))
      lane.setInput(input.view)
      lane.setMode(.evaluation)
      plan.forward(lane)
      return lane.output.array
    }
    let (own, other) = (outputs(check.plan, check.parameters), outputs(plan, merged))
    #expect(zip(own, other).allSatisfy { abs($0 - $1) < 2e-5 } && own.contains { abs($0) > 0.1 })
  }

  @Test(arguments: [
    (["7"], "lora.targets: \"7\" fits no dense layer, and no projection of attention; there are some at 0, 2.0, 4"),
    (["1"], "lora.targets: expected a dense layer or attention at 1, found tanh"),
  ])
  func targetsThatAreNone(targets: [String], message: String) {
    #expect { try Self.network(0, targets).plan(microBatch: 2) } throws: { "\($0)".contains(message) }
  }
}
