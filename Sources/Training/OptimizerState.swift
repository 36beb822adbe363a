import Communication
import Optimizers
import Reduction
import Tensors

/// The optimizer's state on one rank: of sharded slots what belongs to the slices that it owns, packed one after the other,
/// and replicated ones as they are.
final class OptimizerState: @unchecked Sendable {
  let slots: [StateSlot]
  private let packing: OwnedPacking
  /// One a slot.
  private let buffers: [FlatBuffer]
  private let sharded: [FlatBuffer]
  let replicated: [FlatBuffer]

  init(_ slots: [StateSlot], packing: OwnedPacking) {
    self.slots = slots
    self.packing = packing
    let buffers = slots.map { slot in
      switch slot.extent {
      case .sharded: FlatBuffer(count: packing.count)
      case .replicated(let shape): FlatBuffer(count: shape.count)
      }
    }
    self.buffers = buffers
    sharded = slots.indices.filter { slots[$0].isSharded }.map { buffers[$0] }
    replicated = slots.indices.filter { !slots[$0].isSharded }.map { buffers[$0] }
  }

  var shardedCount: Int { sharded.count }

  /// The state of `range` of the flat buffer, which lies in one owned range.
  func slice(_ range: Range<Int>) -> OptimizerSlice {
    OptimizerSlice(sharded, packing.place(of: range), replicated: replicated)
  }

  /// Overwrites slot number `index` from all of it: in the parameters' layout, or in its own shape.
  func load(_ whole: FloatView, into index: Int) {
    let buffer = buffers[index].view
    guard slots[index].isSharded else { return buffer.assign(whole) }
    for range in packing.ranges { buffer[packing.place(of: range)].assign(whole[range]) }
  }

  /// Overwrites a whole buffer on rank zero, the only one that passes one, with slot number `index` of all ranks.
  func gather(_ index: Int, into whole: FloatView?, by collectives: SliceCollectives) throws {
    if let whole { store(index, into: whole) }
    if slots[index].isSharded { try collectives.gather(buffers[index].view, into: whole) }
  }

  /// Overwrites what this rank has of slot number `index` in a whole buffer.
  func store(_ index: Int, into whole: FloatView) {
    let buffer = buffers[index].view
    guard slots[index].isSharded else { return whole.assign(buffer) }
    for range in packing.ranges { whole[range].assign(buffer[packing.place(of: range)]) }
  }
}

extension Trainer {
  /// What the optimizer keeps, and last the average of the parameters where there is one.
  package var stateSlots: [StateSlot] { state.slots }

  /// Overwrites `whole`, one buffer a slot of `stateSlots`, of `StateSlot.count` floats, with all of the state; all ranks
  /// call it.
  ///
  /// Rank zero alone gets it; the others pass none.
  package func gatherState(into whole: [FlatBuffer]) throws {
    let expected = world.rank == 0 ? state.slots.count : 0
    precondition(whole.count == expected, "expected \(expected) buffers, found \(whole.count)")
    for index in state.slots.indices {
      try state.gather(index, into: world.rank == 0 ? whole[index].view : nil, by: reducer.collectives)
    }
  }

  /// Takes what this rank keeps from whole buffers, as `gatherState` makes them.
  package func loadState(_ whole: [FlatBuffer]) {
    precondition(whole.count == state.slots.count, "expected \(state.slots.count) buffers, found \(whole.count)")
    for (index, buffer) in whole.enumerated() { state.load(buffer.view, into: index) }
  }
}
