import Diagnostics
import Kernels
import Tensors

/// Which outputs of a network's layers go, and what is left of its parameters without them.
package struct Cut: Sendable {
  /// A layer, and those that follow its outputs one by one, with how many are kept.
  package struct Layer: Equatable, Sendable {
    /// The places of the layers that become narrower.
    package let paths: [String]
    package let from: Int
    package let to: Int
  }

  /// In the order of the forward pass; empty: nothing goes.
  package let layers: [Layer]
  /// By slot: the places of the numbers that stay, in their order; nil: all do.
  private let kept: [Int: [Int]]

  /// Of outputs all of whose weights, biases and norms' numbers are 0, so that nothing comes of them. At least one of each layer stays.
  package init(zerosOf plan: Plan, _ parameters: FloatView) throws {
    let layout = plan.layout
    func rows(_ slot: Int, _ units: Int) -> Int { layout.slots[slot].range.count / units }
    func isZero(_ unit: Int, _ units: OutputUnits) -> Bool {
      ([units.weight] + units.others.filter { layout.slots[$0].role.isLearned }).allSatisfy { slot in
        let (first, size) = (layout.slots[slot].range.lowerBound, rows(slot, units.count))
        let row = parameters[first + unit * size..<first + (unit + 1) * size]
        return Kernels.zeros(of: row) == size
      }
    }
    var (layers, rowsOf, columnsOf) = ([Layer](), [Int: Set<Int>](), [Int: (reader: OutputUnits, gone: Set<Int>)]())
    for units in try plan.network.outputUnits {
      let gone = Set((0..<units.count).filter { isZero($0, units) }.prefix(units.count - 1))
      guard !gone.isEmpty else { continue }
      layers.append(Layer(paths: units.paths, from: units.count, to: units.count - gone.count))
      for slot in [units.weight] + units.others { rowsOf[slot] = gone }
      columnsOf[units.reader.slot] = (units, gone)
    }
    self.layers = layers
    var kept: [Int: [Int]] = [:]
    for slot in Set(rowsOf.keys).union(columnsOf.keys) {
      let count = layout.slots[slot].range.count
      let units = layout.slots[slot].shape[0]
      let size = count / units
      kept[slot] = (0..<count).filter { place in
        if rowsOf[slot]?.contains(place / size) == true { return false }
        guard let (units, gone) = columnsOf[slot] else { return true }
        return !gone.contains(place % size / units.reader.columns % units.count)
      }
    }
    self.kept = kept
  }

  /// The parameters of `narrow`, the plan of the same network with the narrower layers, from those of `plan`.
  package func parameters(of narrow: Plan, from plan: Plan, _ parameters: FloatView) -> FlatBuffer {
    let result = FlatBuffer(count: narrow.layout.count)
    for (place, (slot, old)) in zip(narrow.layout.slots, plan.layout.slots).enumerated() {
      let (own, all) = (result.view[slot.range], parameters[old.range])
      guard let kept = kept[place] else {
        own.assign(all)
        continue
      }
      precondition(slot.name == old.name && kept.count == own.count, "\(slot.name): \(kept.count) for \(own.count)")
      for (to, from) in kept.enumerated() { own[to] = all[from] }
    }
    return result
  }
}
