import Diagnostics
import Layers
import Optimizers
import Tensors

/// What sets the update of some slots apart: slots that are alike in it are updated by the same numbers.
struct UpdateGroup: Hashable, Sendable {
  /// What the learning rate is multiplied by.
  let rate: Double
  /// Nil: the optimizer's.
  let weightDecay: Double?
  /// After how many epochs they begin to learn: for the optimizer the first of its steps is then.
  let epoch: Int
}

/// The groups of a plan's slots.
///
/// With a layer decay d the last layer that learns has the rate itself, the one before d times as much, the one before that d² times:
/// layers of the top level count, with all that is in them, but of a `sequential` there its own. Clark et al.: *ELECTRA* (ICLR 2020).
struct UpdateGroups {
  /// At least one.
  let groups: [UpdateGroup]
  /// By slot: its place in `groups`.
  let ofSlot: [Int]

  /// Throws bad configuration (78) where a pattern fits nothing that learns, or the optimizer has no weight decay to change.
  init(_ plan: Plan, groups settings: [SlotGroup], layerDecay: Double, optimizer: any Optimizer) throws {
    let layout = plan.layout
    let learned = layout.slots.indices.filter { layout.slots[$0].role.isLearned && !layout.slots[$0].isFrozen }
    for (place, group) in settings.enumerated() {
      for pattern in group.slots where !learned.contains(where: { pattern.matches(layout.slots[$0].name) }) {
        let near = nearest(to: pattern.description, among: learned.map { layout.slots[$0].name })
        throw Failure(
          .badConfiguration, at: "groups.\(place).slots", "\"\(pattern)\" fits no slot that learns",
          cure: near.map { "the nearest is \($0)" } ?? "lockstep inspect lists the slots")
      }
      guard let weightDecay = group.weightDecay, optimizer.with(weightDecay: weightDecay) == nil else { continue }
      throw Failure(
        .badConfiguration, at: "groups.\(place).weight-decay",
        "expected none, as \(type(of: optimizer).kind) has no weight decay, found \(weightDecay)", cure: "leave it out")
    }
    let rates = Self.rates(plan, learned, decay: layerDecay)
    var (found, places) = ([UpdateGroup](), [Int](repeating: 0, count: layout.slots.count))
    for slot in learned {
      let group = settings.first { $0.slots.match(layout.slots[slot].name) }
      let own = UpdateGroup(
        rate: rates[slot] * (group?.rate ?? 1), weightDecay: group?.weightDecay, epoch: plan.firstEpoch(ofSlot: slot))
      if let place = found.firstIndex(of: own) {
        places[slot] = place
      } else {
        places[slot] = found.count
        found.append(own)
      }
    }
    groups = found.isEmpty ? [UpdateGroup(rate: 1, weightDecay: nil, epoch: 0)] : found
    ofSlot = places
    guard groups.count > 1, optimizer.state(for: layout).contains(where: { !$0.isSharded }) else { return }
    throw Failure(
      .badConfiguration, at: settings.isEmpty ? layerDecay == 1 ? "unfreeze" : "layer-decay" : "groups",
      "expected none, as \(type(of: optimizer).kind) keeps numbers that all slots share, found some",
      cure: "take another optimizer, or leave them out")
  }

  /// By slot: the power of the decay that it has.
  private static func rates(_ plan: Plan, _ learned: [Int], decay: Double) -> [Double] {
    var rates = [Double](repeating: 1, count: plan.layout.slots.count)
    guard decay != 1 else { return rates }
    let units = learned.map { plan.unit(of: plan.layout.slots[$0].name) }
    var order: [String] = []
    for unit in units where !order.contains(unit) { order.append(unit) }
    for (slot, unit) in zip(learned, units) {
      for _ in 0..<order.count - 1 - order.firstIndex(of: unit)! { rates[slot] *= decay }
    }
    return rates
  }
}

extension Plan {
  /// What of the network a slot counts to for a decay by layers: the place of an element at the top, or in a sequential there.
  fileprivate func unit(of slot: String) -> String {
    let parts = slot.split(separator: ".")
    let numbered = network.layers.filter { $0.ownName == nil }
    guard let top = Int(parts[0]), numbered.indices.contains(top), numbered[top] is Sequential, parts.count > 2 else {
      return String(parts[0])
    }
    return "\(parts[0]).\(parts[1])"
  }

  /// Which of its stages an epoch, from 0, is in.
  func stage(ofEpoch epoch: Int) -> Int { stages.lastIndex { $0.epoch <= epoch }! }

  /// After how many epochs a slot begins to learn.
  func firstEpoch(ofSlot slot: Int) -> Int { stages.first { $0.learns[slot] }?.epoch ?? 0 }
}
