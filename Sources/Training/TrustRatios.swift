import Optimizers
import Reduction
import Tensors

/// The ratio of the norms of a slot and of its update, for every learned slot: how far a layerwise optimizer goes.
///
/// Slots lie with several owners. Each notes the squares of its pieces; these are exchanged and added along the canonical
/// tree over a slot's pieces, so that every rank has the same bits, whatever the number of ranks and the buckets are.
final class TrustRatios: @unchecked Sendable {
  private let sums: PieceSums
  private let ratios: UnsafeMutableBufferPointer<Double>

  init(_ layout: ParameterLayout, reducer: GradientReducer) {
    let groups = layout.slots.filter(\.role.isLearned).map(\.range).filter { !$0.isEmpty }
    sums = PieceSums(groups: groups, columns: 2, reducer: reducer)
    ratios = .allocate(capacity: max(1, groups.count))
    ratios.initialize(repeating: 1)
  }

  deinit { ratios.deallocate() }

  /// Notes the squares of the pieces in `range`, an owned part of the flat buffer; lanes may for different parts.
  func note(_ range: Range<Int>, _ squares: (Range<Int>) -> (parameters: Double, update: Double)) {
    sums.forEachPiece(in: range) { piece, floats in
      let found = squares(floats)
      sums[piece, 0] = found.parameters
      sums[piece, 1] = found.update
    }
  }

  /// Makes the ratios of what all ranks noted; all ranks call it. A slot of which either norm is zero has a ratio of 1.
  func exchange() throws {
    try sums.gather()
    for group in 0..<sums.groupCount {
      let (parameters, update) = (sums.sum(group: group, column: 0), sums.sum(group: group, column: 1))
      ratios[group] = parameters > 0 && update > 0 ? (parameters / update).squareRoot() : 1
    }
  }

  /// Calls `body` with each piece in `range` and its slot's ratio.
  func forEachPiece(in range: Range<Int>, _ body: (_ floats: Range<Int>, _ ratio: Double) -> Void) {
    sums.forEachPiece(in: range) { piece, floats in body(floats, ratios[sums.group(of: piece)]) }
  }
}
