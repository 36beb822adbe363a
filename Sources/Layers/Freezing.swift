import Diagnostics
import Tensors

/// Which slots of a network stay as they are, for ever or until an epoch.
///
/// ```swift
/// var network = Network(input: [28, 28, 1], layers: layers)
/// network.freezing = Freezing([NamePattern("features.*")], until: [(epoch: 3, [NamePattern("features.8.*")])])
/// ```
/// What stays for ever leaves gradients, reduction and the optimizer's state; before the first layer that learns nothing is computed
/// backward. What stays until an epoch is in all of them from the beginning, at rest: it changes neither by the gradient, nor by
/// weight decay, nor by the state, and counts for nothing in the gradient's norm.
///
/// Running statistics stay with the layer: where all that it learns is frozen it normalises by them, as in evaluation, and they
/// stay too, as in Keras and as after `eval()` in PyTorch. They stay together: a mean of one batch is nothing beside the variance of
/// others.
public struct Freezing: Sendable {
  /// Slots that are frozen.
  public let slots: [NamePattern]
  /// Of those, the ones that are not.
  public let except: [NamePattern]
  /// Of those, the ones that begin to learn later: when `epoch` epochs are done, ascending.
  public let until: [(epoch: Int, slots: [NamePattern])]

  /// Nothing is frozen.
  public static let none = Freezing([])

  public init(
    _ slots: [NamePattern], except: [NamePattern] = [], until: [(epoch: Int, slots: [NamePattern])] = []
  ) {
    (self.slots, self.except) = (slots, except)
    self.until = until.sorted { $0.epoch < $1.epoch }
  }

  /// What stands for never.
  static let never = Int.max

  /// After how many epochs a slot begins to learn: 0 where it does from the first step on.
  private func release(of name: String) -> Int {
    guard slots.match(name), !except.match(name) else { return 0 }
    return until.first { $0.slots.match(name) }?.epoch ?? Self.never
  }

  /// The same of all slots of a layer.
  func releases(of slots: [(name: String, isLearned: Bool)]) -> [Int] {
    let own = slots.map { release(of: $0.name) }
    let first = zip(slots, own).filter(\.0.isLearned).map(\.1).min() ?? 0
    let statistics = zip(slots, own).filter { !$0.0.isLearned }.map(\.1).max() ?? 0
    return zip(slots, own).map { $0.isLearned ? $1 : max(statistics, first) }
  }

  /// Refuses patterns that fit no slot, and one that begins to learn without having been frozen.
  func requireFit(_ names: [String]) throws {
    func failure(_ key: String, _ pattern: NamePattern, _ fault: String) -> Failure {
      let near = nearest(to: pattern.description, among: names)
      return Failure(
        .badConfiguration, at: key, "\"\(pattern)\" \(fault)",
        cure: near.map { "the nearest slot is \($0)" } ?? "lockstep inspect lists the slots")
    }
    for pattern in slots where !names.contains(where: pattern.matches) {
      throw failure("freeze", pattern, "fits no slot")
    }
    for pattern in except where !names.contains(where: pattern.matches) {
      guard !Adapter.slots.contains(pattern) else {
        throw Failure(
          .badConfiguration, at: "lora.modules-to-save",
          "expected layers that are left to adapt, found all that lora.targets names", cure: "name fewer")
      }
      throw failure("lora.modules-to-save", pattern, "fits no slot")
    }
    for (epoch, patterns) in until {
      for pattern in patterns where !names.contains(where: { pattern.matches($0) && slots.match($0) }) {
        throw failure("unfreeze.\(epoch + 1)", pattern, "fits no slot that is frozen")
      }
      for pattern in patterns where !names.contains(where: { pattern.matches($0) && release(of: $0) == epoch }) {
        throw failure("unfreeze.\(epoch + 1)", pattern, "fits no slot that is still frozen then")
      }
    }
  }
}

/// What learns from an epoch on, until the next stage begins.
package struct LearningStage: Sendable {
  /// Epochs that are done when it begins.
  package let epoch: Int
  /// By slot: whether it learns, or as a running statistic follows the batches.
  package let learns: [Bool]
  /// By operation of the backward pass, in its order: whether something at it or before it learns, or follows.
  package let runs: [Bool]

  /// The stages of a graph, whose slots begin to learn after `releases` epochs each; `backward` are the places of its operations.
  ///
  /// Throws where nothing learns in one of them.
  static func all(of graph: Graph, releases: [Int], backward: [Int]) throws -> [LearningStage] {
    let begins = Set(releases.filter { $0 != Freezing.never }).union([0]).sorted()
    return try begins.map { epoch in
      let learns = releases.map { $0 <= epoch }
      var tensors = [Bool](repeating: false, count: graph.tensors.count)
      for operation in graph.operations {
        // A running statistic is written on the way back too.
        let isLearning = operation.slots.contains { learns[$0] } || operation.inputs.contains { tensors[$0] }
        for output in operation.outputs { tensors[output] = isLearning }
      }
      let isLearning = graph.layout.slots.indices.contains { learns[$0] && graph.layout.slots[$0].role.isLearned }
      guard isLearning || !releases.contains(where: { $0 != 0 }) else {
        throw Failure(
          .badConfiguration, at: "freeze",
          "nothing is left that learns\(epoch > 0 ? " from epoch \(epoch + 1) on" : "")",
          cure: "leave the last layer out of it")
      }
      return LearningStage(
        epoch: epoch, learns: learns, runs: backward.map { tensors[graph.operations[$0].outputs[0]] })
    }
  }
}
