import Tensors

/// An optimizer's state for a part of the parameters: what an update of that part reads and writes.
///
/// It holds the buffers as they are, so that making one allocates nothing.
public struct OptimizerSlice {
  private let sharded: [FlatBuffer]
  private let range: Range<Int>
  /// The state that is kept whole, in the order of `Optimizer.state(for:)`: updates of parts only read it.
  public let replicated: [FlatBuffer]

  /// `range` of each of the `sharded` buffers, which are in the order of `Optimizer.state(for:)`.
  public init(_ sharded: [FlatBuffer], _ range: Range<Int>, replicated: [FlatBuffer] = []) {
    (self.sharded, self.range, self.replicated) = (sharded, range, replicated)
  }

  /// The part of sharded buffer number `index`.
  public subscript(index: Int) -> FloatView { sharded[index].view[range] }
}
