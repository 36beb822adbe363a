import Diagnostics
import Kernels
import Layers
import Tensors

/// What is pruned of a plan's parameters, and when.
///
/// A mask is nowhere kept: a weight that was pruned is 0, and one that is 0 stays so. So checkpoints are as they are without pruning, a
/// run that goes on finds what it had, and every rank, which has all parameters, knows the same without asking. Of equal magnitudes those
/// that come first in the buffer go first.
///
/// Of what is 0 the gradient is made 0 before others see it, and the optimizer's state at the time of pruning: an optimizer moves such a
/// number nowhere.
final class Pruner: @unchecked Sendable {
  private let settings: Pruning
  private let stepsPerEpoch: Int
  private let first: Int
  /// Slots of weights, as they lie in the buffer, where weights go one by one.
  private let slots: [(slot: Int, range: Range<Int>)]
  /// Layers whose outputs go, where they do.
  private let outputs: [PrunedOutputs]
  /// Whether the parameters are those of a step after which something has been pruned.
  private var isBegun = false

  /// Throws bad configuration (78) where a pattern fits nothing that can be pruned.
  init(_ settings: Pruning, _ plan: Plan, stepsPerEpoch: Int) throws {
    (self.settings, self.stepsPerEpoch) = (settings, stepsPerEpoch)
    first = settings.firstStep(stepsPerEpoch: stepsPerEpoch)
    let layout = plan.layout
    let units = settings.isStructured ? try plan.network.outputUnits : []
    let known =
      settings.isStructured
      ? units.map(\.weight)
      : layout.slots.indices.filter {
        layout.slots[$0].role == .weight && layout.slots[$0].shape.rank > 1 && !layout.slots[$0].isFrozen
      }
    let names = known.map { layout.slots[$0].name }
    guard !known.isEmpty else {
      throw Failure(
        .badConfiguration, at: "prune",
        settings.isStructured
          ? "expected a layer whose outputs another layer alone reads, one by one, found none"
          : "expected weights that learn, found none",
        cure: settings.isStructured ? "leave structured out: weights go one by one then" : "leave it out")
    }
    for pattern in settings.slots where !names.contains(where: pattern.matches) {
      let near = nearest(to: pattern.description, among: names).map { "the nearest is \($0)" }
      throw Failure(
        .badConfiguration, at: "prune.slots",
        "\"\(pattern)\" fits no slot "
          + (settings.isStructured
            ? "of a layer whose outputs another layer alone reads, one by one" : "of weights that learn"),
        cure: near
          ?? (settings.isStructured
            ? "leave structured out: weights go one by one then" : "lockstep inspect lists the slots"))
    }
    let chosen = Set(known.filter { settings.takes(layout.slots[$0].name) })
    slots =
      settings.isStructured
      ? []
      : chosen.map { ($0, layout.slots[$0].range) }.sorted { $0.1.lowerBound < $1.1.lowerBound }
    outputs = units.filter { chosen.contains($0.weight) }.map { PrunedOutputs($0, layout) }
  }

  /// Looks which outputs are pruned; every step begins with it, while no rank changes parameters.
  func begin(_ parameters: FloatView, done: Int) {
    isBegun = done >= first
    if isBegun { for layer in outputs { layer.look(at: parameters) } }
  }

  /// What is to be pruned after `done` steps, of the parameters as they are; nil: nothing. `learns` is by slot.
  ///
  /// What it returns changes parameters, and knows them all: where ranks have them together, one does it for all.
  func choice(after done: Int, of parameters: FloatView, learns: [Bool]) -> (() -> Void)? {
    guard let share = settings.share(after: done, stepsPerEpoch: stepsPerEpoch) else { return nil }
    if settings.isStructured {
      let chosen = outputs.filter { learns[$0.units.weight] }.map { ($0, $0.choice(of: share, parameters)) }
      return { for (layer, units) in chosen { layer.zero(units, parameters) } }
    }
    let parts = slots.filter { learns[$0.slot] }.map { parameters[$0.range] }
    let sets = settings.scope == .global ? [parts] : parts.map { [$0] }
    let chosen = sets.map { parts in
      (parts, Kernels.smallest(Int(share * Double(parts.reduce(0) { $0 + $1.count })), of: parts))
    }
    return { for (parts, smallest) in chosen { Kernels.zero(smallest, of: parts) } }
  }

  /// Makes 0 of each number of what is pruned: `numbers` are for `range` of the parameters.
  func mask(_ numbers: FloatView, at range: Range<Int>, of parameters: FloatView) {
    for layer in outputs { layer.mask(numbers, at: range) }
    var place = slots.partitionPoint { $0.range.upperBound > range.lowerBound }
    while place < slots.count, slots[place].range.lowerBound < range.upperBound {
      let part = slots[place].range.clamped(to: range)
      Kernels.maskZeros(
        numbers[part.lowerBound - range.lowerBound..<part.upperBound - range.lowerBound], of: parameters[part])
      place += 1
    }
  }

  /// What does it with gradients.
  func gradients(of parameters: FloatView) -> any BoundGradientTransform { PrunedGradients(self, parameters) }

  private final class PrunedGradients: BoundGradientTransform, @unchecked Sendable {
    private let pruner: Pruner
    private let parameters: FloatView

    init(_ pruner: Pruner, _ parameters: FloatView) { (self.pruner, self.parameters) = (pruner, parameters) }

    var seesWholeGradient: Bool { false }

    /// Its owner alone changes these parameters, and later.
    func rewrite(_ sum: FloatView, at range: Range<Int>, in step: GradientStep) {
      if pruner.isBegun { pruner.mask(sum, at: range, of: parameters) }
    }
  }
}

extension Trainer {
  /// Prunes what is to be pruned after `done` steps, the last of them in `epoch`, from 0; all ranks call it.
  func prune(after done: Int, epoch: Int) throws {
    guard let pruner,
      let zero = pruner.choice(after: done, of: parameters, learns: plan.stages[stage(ofEpoch: epoch)].learns)
    else { return }
    // Where parameters are shared, all have looked at them before one changes them, and nobody goes on before that.
    if sharesParameters { try world.barrier() }
    if world.rank == 0 || !sharesParameters { zero() }
    if sharesParameters { try world.barrier() }
    pruner.begin(parameters, done: done)
    for range in reducer.ownedRanges where !range.isEmpty {
      let state = state.slice(range)
      for place in 0..<self.state.shardedCount { pruner.mask(state[place], at: range, of: parameters) }
    }
  }
}
