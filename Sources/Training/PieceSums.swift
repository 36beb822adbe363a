import Kernels
import Reduction
import Tensors

/// Sums over parts of the flat buffer whose floats lie with their owners: the same bits for any number of ranks.
///
/// A *group* (all that is learned, or a slot) is cut where blocks of `Kernels.blockSize` floats end, so that each *piece*
/// lies with one owner whatever the buckets are. Owners note a few numbers a piece; these are then added along the
/// canonical tree over the group's pieces.
///
/// ```
/// blocks   │        │        │        │
/// groups   ├─ 0.weight ──┤├─ 0.bias ─┤
/// pieces   ├────────┼────┤├──┼───────┤
/// ```
public final class PieceSums: @unchecked Sendable {
  private let reducer: GradientReducer
  /// In floats, ascending; none is empty.
  private let pieces: [Range<Int>]
  /// The pieces of each group.
  private let groups: [Range<Int>]
  private let columns: Int
  /// pieces × columns
  private let table: NumberBuffer<Double>
  /// A number a piece of the largest group.
  private let scratch: NumberBuffer<Double>
  /// The first piece that begins in a block or behind it, by the block; one more for the end.
  private let firstPieces: [Int]

  /// For `groups` of the flat buffer, ascending and disjoint, and so many numbers a piece.
  public init(groups: [Range<Int>], columns: Int, reducer: GradientReducer) {
    var (pieces, ranges) = ([Range<Int>](), [Range<Int>]())
    for group in groups {
      let first = pieces.count
      var start = group.lowerBound
      while start < group.upperBound {
        let end = min((start / Kernels.blockSize + 1) * Kernels.blockSize, group.upperBound)
        pieces.append(start..<end)
        start = end
      }
      ranges.append(first..<pieces.count)
    }
    (self.pieces, self.groups, self.columns, self.reducer) = (pieces, ranges, columns, reducer)
    table = NumberBuffer(count: pieces.count * columns, repeating: 0)
    scratch = NumberBuffer(count: ranges.map(\.count).max() ?? 0, repeating: 0)
    let blocks = pieces.last.map { ($0.upperBound - 1) / Kernels.blockSize + 1 } ?? 0
    firstPieces = (0...blocks).map { block in pieces.partitionPoint { $0.lowerBound >= block * Kernels.blockSize } }
  }

  /// How many groups are summed apart.
  public var groupCount: Int { groups.count }

  /// The group that a piece is part of.
  public func group(of piece: Int) -> Int { groups.partitionPoint { $0.upperBound > piece } }

  /// Calls `body` with each piece in `range`, which cuts none.
  public func forEachPiece(in range: Range<Int>, _ body: (_ piece: Int, _ floats: Range<Int>) -> Void) {
    var piece = pieces.partitionPoint { $0.lowerBound >= range.lowerBound }
    while piece < pieces.count, pieces[piece].lowerBound < range.upperBound {
      precondition(pieces[piece].upperBound <= range.upperBound, "\(range) cuts the piece \(pieces[piece])")
      body(piece, pieces[piece])
      piece += 1
    }
  }

  /// A number of a piece; several lanes may set those of different pieces at the same time.
  public subscript(piece: Int, column: Int) -> Double {
    get { table.elements[piece * columns + column] }
    set { table.elements[piece * columns + column] = newValue }
  }

  /// Overwrites what other ranks own with what they noted; all ranks call it.
  public func gather() throws {
    try reducer.exchange(table.bytes) { slice in
      let stride = columns * MemoryLayout<Double>.stride
      return firstPiece(from: slice.lowerBound) * stride..<firstPiece(from: slice.upperBound) * stride
    }
  }

  /// The first piece that begins at a float or behind it, where a slice of an owner begins or ends.
  private func firstPiece(from float: Int) -> Int {
    firstPieces[min((float + Kernels.blockSize - 1) / Kernels.blockSize, firstPieces.count - 1)]
  }

  /// The sum of one column over a group, along the canonical tree over its pieces; 0 where there are none.
  public func sum(group: Int, column: Int) -> Double {
    let pieces = groups[group]
    guard !pieces.isEmpty else { return 0 }
    for (place, piece) in pieces.enumerated() { scratch.elements[place] = self[piece, column] }
    return CanonicalTree(leaves: pieces.count).sum(
      overwriting: UnsafeMutableBufferPointer(rebasing: scratch.elements[..<pieces.count]))
  }
}
