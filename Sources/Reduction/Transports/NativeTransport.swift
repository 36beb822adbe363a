import Communication
import Kernels
import Tensors

/// By the library's own sum, `MPI_Allreduce`, a bucket at a time: bits depend on the number of ranks.
///
/// Every rank gets everything, owns everything and updates everything, so that nothing is left to spread.
final class NativeTransport: Transport {
  static let kind = "native"
  static let summary = "the sum of MPI itself, for reduction: native: bits depend on the number of ranks"

  private let world: any Communicator

  init(_ binding: TransportBinding) { world = binding.world }

  static func obstacle(in binding: TransportBinding) -> String? {
    binding.method == .native ? nil : "MPI adds in an order of its own, and reduction is \(binding.method.rawValue)"
  }

  func receive(_ slice: Range<Int>, of contribution: Contribution, into sum: FloatView, most: Int) throws {
    // The sum's place is the first node, where there is one.
    if contribution.nodes.isEmpty { sum.clear() }
    for other in contribution.nodes.dropFirst() { Kernels.add(sum, other[slice], into: sum) }
    try world.nativeSum(UnsafeMutableBufferPointer(start: sum.base, count: sum.count))
  }

  /// All is added.
  func fold(_ part: Range<Int>, of slice: Range<Int>, _ contribution: Contribution, into sum: FloatView) {}

  func spread(_ parameters: FloatView) {}
}
