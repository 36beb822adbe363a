import Exports
import Kernels
import Layers
import Lockstep
import Tensors

/// The time of single layers, forward and backward, on one thread: a pass of one micro-batch, all gradients wanted.
package struct LayerBenchmark {
  package let cases: [LayerCase]
  package let precision: NumberFormat
  package let rounds: Int
  /// Of the measured passes of a case in a round, about.
  package let seconds: Double

  package init(cases: [LayerCase], precision: NumberFormat, rounds: Int, seconds: Double) {
    (self.cases, self.precision, self.rounds, self.seconds) = (cases, precision, rounds, seconds)
  }

  /// Measures everything, all cases in a round; `progress` is told when a round is done.
  package func run(progress: (String) -> Void) throws -> [LayerResult] {
    let subjects = try cases.map { try Subject($0, precision: precision) }
    var found = subjects.map { _ in [(forward: Double, backward: Double)]() }
    for round in 1...rounds {
      for (place, subject) in subjects.enumerated() {
        found[place].append(Kernels.asLane { subject.measure(seconds: seconds) })
      }
      progress("round \(round)/\(rounds)")
    }
    return try zip(cases, found).map { each, times in
      LayerResult(
        each, precision: precision, forward: Spread(times.map { $0.forward }),
        backward: Spread(times.map { $0.backward }),
        pyTorch: try PyTorchExpression.text(of: Network(input: each.input, layers: each.layers)))
    }
  }
}

/// A layer with its memory.
private final class Subject {
  private let plan: Plan
  private let parameters: FlatBuffer, leaf: FlatBuffer, input: FlatBuffer, gradient: FlatBuffer

  init(_ each: LayerCase, precision: NumberFormat) throws {
    // Whatever the layer takes as bfloat16 numbers lies between two that take them too.
    plan = try Network(input: each.input, layers: [Learning()] + each.layers).plan(
      microBatch: each.microBatch, precision: precision)
    parameters = FlatBuffer(count: plan.layout.count)
    leaf = FlatBuffer(count: plan.layout.count)
    plan.initialise(parameters.view, seed: 1)
    input = FlatBuffer(count: each.microBatch * each.input.count)
    gradient = FlatBuffer(count: each.microBatch * plan.outputShape.count)
    let random = Philox(seed: 1, purpose: .data)
    random.drawNormal(input.view.elements, stream: 0, mean: 0, deviation: 1)
    random.drawNormal(gradient.view.elements, stream: 1, mean: 0, deviation: 1)
  }

  /// Seconds of a forward and of a backward pass.
  func measure(seconds: Double) -> (forward: Double, backward: Double) {
    var lane = plan.makeLane(parameters: parameters.view, seed: 1)
    lane.setInput(input.view)
    lane.setLeaf(leaf.view)
    lane.setMode(.training(step: 0, firstPosition: 0))
    var (forward, backward, passes) = (0.0, 0.0, 0)
    var clock = Stopwatch()
    // The first ones find caches and pages as they are.
    for pass in 0..<1_000_000 {
      _ = clock.lap()
      plan.forward(lane)
      let one = clock.lap()
      lane.outputGradient.base.update(from: gradient.view.base, count: gradient.count)
      _ = clock.lap()
      plan.backward(lane)
      let other = clock.lap()
      guard pass >= 3 else { continue }
      (forward, backward, passes) = (forward + one, backward + other, passes + 1)
      if forward + backward > seconds { break }
    }
    return (forward / Double(passes), backward / Double(passes))
  }
}

/// Does nothing, but has what comes behind it compute the gradient of its input.
private struct Learning: Layer {
  static let kind = "learning"
  func outputShape(for input: Shape) -> Shape { input }
  func parameters(for input: Shape) -> [Parameter] { [Parameter("weight", [1], .zeros)] }
  var placement: Placement { .alias }
  var gradientPlacement: Placement { .inPlace }
  var bfloat16Tensors: BFloat16Tensors { .alike }
  func bind(_ binding: Binding) -> any BoundLayer { Bound(slot: binding.slots[0]) }

  private struct Bound: BoundLayer {
    let slot: Int
    func forward(_ lane: borrowing Lane) {}
    func backward(_ lane: borrowing Lane) { lane.parameterGradients[slot][0] = 0 }
  }
}
