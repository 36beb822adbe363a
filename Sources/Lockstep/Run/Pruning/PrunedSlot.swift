import Diagnostics
import Kernels
import Layers
import Tensors

/// How many of a slot's weights are zeros.
public struct PrunedSlot: Equatable, Sendable {
  /// `2.0.weight`
  public let slot: String
  /// How many numbers it has.
  public let weights: Int
  /// How many of them are 0.
  public let zeros: Int

  /// The zeros among the weights, 0…1; 0 of an empty slot.
  public var share: Double { weights > 0 ? Double(zeros) / Double(weights) : 0 }

  /// `80.0 % of 669,706 weights`
  static func summary(of slots: [PrunedSlot]) -> String {
    let (zeros, weights) = slots.reduce((0, 0)) { ($0.0 + $1.zeros, $0.1 + $1.weights) }
    return "\(fixed(100 * Double(zeros) / Double(max(1, weights)), 1)) % of \(grouped(weights)) weights"
  }
}

extension RunConfiguration {
  /// Of the slots that are pruned, in the order of the layout; nil where a run prunes none.
  func pruned(_ plan: Plan, _ parameters: FloatView) throws -> [PrunedSlot]? {
    guard let pruning else { return nil }
    let layout = plan.layout
    let places =
      pruning.isStructured
      ? try plan.network.outputUnits.map(\.weight)
      : layout.slots.indices.filter {
        layout.slots[$0].role == .weight && layout.slots[$0].shape.rank > 1 && !layout.slots[$0].isFrozen
      }
    return places.map { layout.slots[$0] }.filter { pruning.takes($0.name) }.map {
      PrunedSlot(slot: $0.name, weights: $0.range.count, zeros: Kernels.zeros(of: parameters[$0.range]))
    }
  }
}

extension Model {
  /// How many weights are zeros, by slot; nil where the run pruned none.
  public func pruned() throws -> [PrunedSlot]? { try configuration.pruned(plan, parameters.view) }
}
