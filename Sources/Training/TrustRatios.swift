import Optimizers
import Reduction
import Tensors

/// A number for every learned slot, which a layerwise optimizer makes of sums over all of it: how far it goes there.
///
/// Slots lie with several owners. Each notes the squares of its pieces; these are exchanged and added along the canonical
/// tree over a slot's pieces, so that every rank has the same bits, whatever the number of ranks and the buckets are.
final class TrustRatios: @unchecked Sendable {
  private let sums: PieceSums
  private let ratios: NumberBuffer<Double>

  init(_ layout: ParameterLayout, reducer: GradientReducer) {
    let groups = layout.slots.filter(\.role.isLearned).map(\.range).filter { !$0.isEmpty }
    sums = PieceSums(groups: groups, columns: 2, reducer: reducer)
    ratios = NumberBuffer(count: groups.count, repeating: 1)
  }

  /// Notes the squares of the pieces in `range`, an owned part of the flat buffer; lanes may for different parts.
  func note(_ range: Range<Int>, _ squares: (Range<Int>) -> (parameters: Double, update: Double)) {
    sums.forEachPiece(in: range) { piece, floats in
      let found = squares(floats)
      sums[piece, 0] = found.parameters
      sums[piece, 1] = found.update
    }
  }

  /// Makes the ratios of what all ranks noted; all ranks call it.
  func exchange(_ ratio: (_ slot: Int, _ parameters: Double, _ update: Double) -> Double) throws {
    try sums.gather()
    for slot in 0..<sums.groupCount {
      ratios.elements[slot] = ratio(slot, sums.sum(group: slot, column: 0), sums.sum(group: slot, column: 1))
    }
  }

  /// Calls `body` with each piece in `range` and its slot's ratio.
  func forEachPiece(in range: Range<Int>, _ body: (_ floats: Range<Int>, _ ratio: Double) -> Void) {
    sums.forEachPiece(in: range) { piece, floats in body(floats, ratios.elements[sums.group(of: piece)]) }
  }
}
