import Kernels
import Layers
import Tensors

// O outputs, K weights of each.

/// The outputs of a layer that are pruned: those whose weights are all 0.
final class PrunedOutputs: @unchecked Sendable {
  let units: OutputUnits
  private let weight: Range<Int>
  /// Of biases and norms: what an output has of each slot is 0 as well, so that nothing comes of it.
  private let others: [Range<Int>]
  /// By output.
  private(set) var isPruned: [Bool]

  init(_ units: OutputUnits, _ layout: ParameterLayout) {
    self.units = units
    weight = layout.slots[units.weight].range
    others = units.others.filter { layout.slots[$0].role.isLearned }.map { layout.slots[$0].range }
    isPruned = [Bool](repeating: false, count: units.count)
  }

  /// Notes which are pruned.
  func look(at parameters: FloatView) {
    for unit in 0..<units.count {
      let row = parameters[part(unit, of: weight)]
      // The first number tells of nearly all that are not.
      isPruned[unit] = row[0].magnitude < .leastNormalMagnitude && Kernels.zeros(of: row) == row.count
    }
  }

  /// The outputs with the smallest norms of their weights, a share of all, but never all; of equal ones those that come first.
  func choice(of share: Double, _ parameters: FloatView) -> [Int] {
    let norms = (0..<units.count).map { squareSum(of: parameters[part($0, of: weight)]) }
    let order = norms.indices.sorted { (norms[$0], $0) < (norms[$1], $1) }
    return Array(order.prefix(min(Int(share * Double(units.count)), units.count - 1)))
  }

  /// Of however many weights an output has: the sums of blocks, added in their order.
  private func squareSum(of row: FloatView) -> Double {
    stride(from: 0, to: row.count, by: Kernels.blockSize).reduce(0) { sum, start in
      sum + Kernels.squareSum(of: row[start..<min(start + Kernels.blockSize, row.count)])
    }
  }

  func zero(_ units: [Int], _ parameters: FloatView) {
    for unit in units { for slot in [weight] + others { parameters[part(unit, of: slot)].clear() } }
  }

  /// Makes 0 of what pruned outputs have of `numbers`, which are for `range` of the parameters.
  func mask(_ numbers: FloatView, at range: Range<Int>) {
    mask(numbers, at: range, of: weight)
    for slot in others { mask(numbers, at: range, of: slot) }
  }

  private func mask(_ numbers: FloatView, at range: Range<Int>, of slot: Range<Int>) {
    let part = slot.clamped(to: range)
    guard !part.isEmpty else { return }
    let size = slot.count / units.count
    let (first, last) = (part.lowerBound - slot.lowerBound, part.upperBound - 1 - slot.lowerBound)
    for unit in first / size...last / size where isPruned[unit] {
      let own = self.part(unit, of: slot).clamped(to: range)
      numbers[own.lowerBound - range.lowerBound..<own.upperBound - range.lowerBound].clear()
    }
  }

  private func part(_ unit: Int, of slot: Range<Int>) -> Range<Int> {
    let size = slot.count / units.count
    return slot.lowerBound + unit * size..<slot.lowerBound + (unit + 1) * size
  }
}
