import Tensors

/// The same part of each of an optimizer's buffers: what an update of that part of the parameters reads and writes.
///
/// It holds the buffers as they are, so that making one allocates nothing.
public struct OptimizerSlice {
  private let buffers: [FlatBuffer]
  private let range: Range<Int>

  /// `range` of each of `buffers`, which are in the order of `Optimizer.stateNames`.
  public init(_ buffers: [FlatBuffer], _ range: Range<Int>) {
    self.buffers = buffers
    self.range = range
  }

  /// The part of buffer number `index`.
  public subscript(index: Int) -> FloatView { buffers[index].view[range] }
}
