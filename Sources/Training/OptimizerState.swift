import Communication
import Optimizers
import Reduction
import Tensors

/// The optimizer's buffers for the slices that this rank owns, packed one slice after the other.
final class OptimizerState: @unchecked Sendable {
  let names: [String]
  private let packing: OwnedPacking
  private let buffers: [FlatBuffer]

  /// One buffer a name, for what this rank owns of the flat buffer.
  init(names: [String], packing: OwnedPacking) {
    self.names = names
    self.packing = packing
    buffers = names.map { _ in FlatBuffer(count: packing.count) }
  }

  /// The parts of all buffers that belong to `range` of the flat buffer, which lies in one owned range.
  func slice(_ range: Range<Int>) -> OptimizerSlice { OptimizerSlice(buffers, packing.place(of: range)) }

  /// Overwrites the owned parts from whole buffers in the parameters' layout.
  func load(_ whole: [FloatView]) {
    for range in packing.ranges {
      for (buffer, source) in zip(buffers, whole) { buffer.view[packing.place(of: range)].assign(source[range]) }
    }
  }

  /// Overwrites a whole buffer on rank zero, the only one that passes one, with buffer number `index` of all ranks.
  func gather(_ index: Int, into whole: FloatView?, by collectives: SliceCollectives) throws {
    if let whole { store(index, into: whole) }
    try collectives.gather(buffers[index].view, into: whole)
  }

  /// Overwrites the owned parts of a whole buffer with buffer number `index`.
  func store(_ index: Int, into whole: FloatView) {
    for range in packing.ranges { whole[range].assign(buffers[index].view[packing.place(of: range)]) }
  }
}

extension Trainer {
  /// The names of the optimizer's buffers.
  public var stateNames: [String] { state.names }

  /// Overwrites `whole`, one buffer a name in the parameters' layout, with the optimizer's buffers; all ranks call it.
  ///
  /// Rank zero alone gets them; the others pass none.
  public func gatherState(into whole: [FlatBuffer]) throws {
    let expected = world.rank == 0 ? state.names.count : 0
    precondition(whole.count == expected, "expected \(expected) buffers, found \(whole.count)")
    for index in state.names.indices {
      try state.gather(index, into: world.rank == 0 ? whole[index].view : nil, by: reducer.collectives)
    }
  }

  /// Takes the parts this rank owns from whole buffers in the parameters' layout.
  public func loadState(_ whole: [FlatBuffer]) {
    precondition(whole.count == state.names.count, "expected \(state.names.count) buffers, found \(whole.count)")
    state.load(whole.map(\.view))
  }
}
