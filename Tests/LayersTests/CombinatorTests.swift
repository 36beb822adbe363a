import Diagnostics
import Tensors
import Testing

@testable import Layers

@Suite struct CombinatorTests {
  @Test func slotsAreNamedByBranchAndPlace() throws {
    let network = Network(input: [4]) {
      Dense(units: 4, bias: false)
      Residual {
        Dense(units: 4, bias: false)
        Sequential { Dense(units: 4, bias: false) }
      }
      Residual {
        Dense(units: 2, bias: false)
      } shortcut: {
        Dense(units: 2, bias: false)
      }
    }
    let plan = try network.plan(microBatch: 2)
    #expect(
      plan.layout.slots.map(\.name) == ["0.weight", "1.0.weight", "1.1.0.weight", "2.0.0.weight", "2.1.0.weight"])
    #expect(plan.steps.map(\.path) == ["0", "1.0", "1.1.0", "2.0.0", "2.1.0"])
    #expect(plan.multiplyAdds == 4 * 4 * 3 + 4 * 2 * 2)
  }

  @Test func shapesThatDoNotJoinNameTheBlock() {
    func message(_ layer: any Layer) -> String {
      do {
        _ = try Network(input: [4], layers: [layer]).plan(microBatch: 1)
        return "no error"
      } catch { return "\(error)" }
    }
    #expect(
      message(Residual(body: [Dense(units: 3)]))
        == "model.0 (residual): expected branches of one shape (the first gives 3), found 4; "
        + "change the model's input or this layer")
    #expect(
      message(Sequential(layers: [Tanh(), Select(2..<9)]))
        == "model.0.1 (select): expected at least 9 places along the last axis, found 4; "
        + "change this layer or layer 0.0")
    #expect(
      message(Residual(body: [Select(0..<5)])).hasSuffix("change this layer or what comes before its block"))
    #expect(message(Parallel(branches: [[Dense(units: 3)], []])) == "no error")
    #expect(
      message(Parallel(join: .multiply, branches: [[], [Dense(units: 3)]]))
        .hasPrefix("model.0 (parallel): expected branches of one shape (the first gives 4), found 3; "))
  }

  @Test func positionsThatAreNotThereNameTheLayer() {
    func message(_ input: Shape, _ layer: any Layer) -> String {
      do {
        _ = try Network(input: input, layers: [layer]).plan(microBatch: 1)
        return "no error"
      } catch { return "\(error)" }
    }
    for position in [-3, -1, 0, 2] { #expect(message([3, 2], SelectPosition(position)) == "no error") }
    #expect(
      message([3, 2], SelectPosition(3)).hasPrefix(
        "model.0 (select-position): expected at least 4 positions, found 3×2; "))
    #expect(message([3, 2], SelectPosition(-4)).contains("expected at least 4 positions, found 3×2"))
    for layer in [SelectPosition(0), MeanPositions()] as [any Layer] {
      #expect(message([6], layer).contains("expected samples of rank 2, positions × width, found 6"))
      #expect(message([2, 3, 1], layer).contains("expected samples of rank 2, positions × width, found 2×3×1"))
    }
  }

  /// Bit for bit: what a network computes does not depend on which tensors share memory, and what products do along.
  ///
  /// Networks are drawn from a seed: layers that read their input, their output or nothing in backward, in place or
  /// not, aliases, and blocks of them, three deep.
  @Test func sharedMemoryChangesNoBit() throws {
    var shared = 0
    for seed in 0..<300 as Range<UInt64> {
      var draw = Draw(seed)
      let network = Network(input: [6], layers: [Dense(units: 6)] + draw.layers(depth: 3) + [Dense(units: 3)])
      for precision in NumberFormat.allCases {
        let plain = try Plan(network, microBatch: 3, precision: precision, sharingMemory: false)
        let plan = try Plan(network, microBatch: 3, precision: precision)
        shared += plan.arenaCount < plain.arenaCount ? 1 : 0
        let same = try result(of: plan) == result(of: plain)
        #expect(same, "seed \(seed), \(precision): \(plan.steps.map { type(of: $0.layer).kind })")
        if !same { return }
      }
    }
    #expect(shared > 580, "memory is shared in \(shared) of 600")
  }

  /// Outputs and leaf of one pass.
  private func result(of plan: Plan) throws -> [Float] {
    let parameters = FlatBuffer(count: plan.layout.count)
    plan.initialise(parameters.view, seed: 3)
    var lane = plan.makeLane(parameters: parameters.view, seed: 4)
    let (input, leaf) = (buffer(uniform(3 * 6, 1)), FlatBuffer(count: plan.layout.count))
    lane.setInput(input.view)
    lane.setLeaf(leaf.view)
    lane.setMode(GradientCheck.training)
    plan.forward(lane)
    let outputs = lane.output.array
    lane.outputGradient.assign(uniform(outputs.count, 1, stream: 7))
    plan.backward(lane)
    return outputs + leaf.view.array
  }

  /// Draws layers that keep six features.
  private struct Draw {
    private let random: Philox
    private var index: UInt64 = 0

    init(_ seed: UInt64) { random = Philox(seed: seed, purpose: .data) }

    mutating func number(below limit: Int) -> Int {
      index += 1
      return Int(random.block(stream: 0, index: index).x) % limit
    }

    mutating func layers(depth: Int) -> [any Layer] {
      (0..<number(below: 4)).map { _ in layer(depth: depth) }
    }

    private mutating func layer(depth: Int) -> any Layer {
      switch number(below: depth > 0 ? 15 : 8) {
      case 0: return Dense(units: 6)
      case 1: return Tanh()
      case 2: return ReLU()
      case 3: return Dropout(rate: 0.3)
      case 4: return Flatten()
      case 5: return Sigmoid()
      case 6: return GELU()
      case 7: return SiLU()
      case 8: return Sequential(layers: [Tanh()] + layers(depth: depth - 1))
      case 9, 10: return Residual(body: layers(depth: depth - 1), shortcut: layers(depth: depth - 1))
      case 11, 12, 13:
        let join: Join = number(below: 2) == 0 ? .add : .multiply
        return Parallel(join: join, branches: (0..<2 + number(below: 2)).map { _ in layers(depth: depth - 1) })
      default:
        let towers = (0..<2).map { _ in layers(depth: depth - 1) + [Select(0..<3) as any Layer] }
        return Parallel(branches: towers)
      }
    }
  }
}
