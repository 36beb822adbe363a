import Communication
import Tensors

/// The collectives over what the ranks own: each hands its slices on, a bucket after the other. All ranks call them.
///
/// Where there is one owner, all ranks have everything, and nothing moves.
public final class SliceCollectives {
  private let ownership: Ownership
  private let world: any Communicator
  /// A range a rank, of the bucket that is at hand, and one without bytes: made once, so that nothing is allocated for each.
  private var row: [Range<Int>]
  private let none: [Range<Int>]

  init(_ ownership: Ownership, world: any Communicator) {
    (self.ownership, self.world) = (ownership, world)
    none = Array(repeating: 0..<0, count: world.size)
    row = Array(repeating: 0..<0, count: world.size)
  }

  /// Overwrites the other ranks' slices of a flat buffer, each rank's own memory, with their owners' values.
  public func allGather(_ buffer: FloatView) throws { try allGather(buffer.bytes) { $0.inBytes } }

  /// Overwrites what the other ranks own of `memory` with what they have there; `bytes` tells where what belongs to a slice
  /// of the flat buffer lies in it.
  func allGather(_ memory: UnsafeMutableRawBufferPointer, bytes: (_ slice: Range<Int>) -> Range<Int>) throws {
    guard ownership.ranks > 1 else { return }
    for bucket in ownership.buckets.indices {
      for (rank, slice) in ownership.slices(of: bucket).enumerated() { row[rank] = bytes(slice) }
      try world.allGather(memory, ranges: row)
    }
  }

  /// Overwrites the other ranks' slices of `whole`, a flat buffer that rank zero alone has.
  ///
  /// `owned` are the floats that a rank owns, one bucket's after the other's; it must not overlap `whole`.
  package func gather(_ owned: FloatView, into whole: FloatView?) throws {
    guard ownership.ranks > 1 else { return }
    let isRoot = world.rank == 0
    precondition(isRoot == (whole != nil), "rank zero, and no other, brings the whole")
    var start = 0
    for bucket in ownership.buckets.indices {
      let slices = ownership.slices(of: bucket)
      let own = start..<start + slices[world.rank].count
      start = own.upperBound
      // Rank zero receives from the others, and each of them sends to rank zero.
      for rank in row.indices { row[rank] = isRoot ? slices[rank].inBytes : 0..<0 }
      row[0] = isRoot ? 0..<0 : own.inBytes
      try world.allToAll(
        send: UnsafeRawBufferPointer(owned.bytes), sendRanges: isRoot ? none : row,
        receive: whole?.bytes ?? UnsafeMutableRawBufferPointer(start: nil, count: 0),
        receiveRanges: isRoot ? row : none)
    }
  }
}
