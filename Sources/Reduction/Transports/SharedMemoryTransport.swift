import Communication
import Synchronization
import Tensors

/// Through memory that all ranks see: owners read the nodes where they lie, and write parameters once for all.
///
/// A barrier before and after takes the place of messages.
final class SharedMemoryTransport: Transport {
  static let kind = "memory"
  static let summary = "memory that all ranks of one host see: nothing is sent"
  static let wantsSharedMemory = true

  private let world: any Communicator
  private let ownership: Ownership
  /// Each rank's part, which holds its nodes; the parameters lie in one of them. None where there is one rank alone.
  private let parts: [FloatView]
  private(set) var sharedBytesRead = 0

  init(_ binding: TransportBinding) {
    (parts, ownership, world) = (binding.shared ?? [], binding.ownership, binding.world)
    precondition(parts.count == world.size || world.size == 1, "expected \(world.size) parts, found \(parts.count)")
  }

  /// Tells the others where this rank's nodes lie.
  func prepare(_ route: Route, nodes: [FloatView]) throws -> Contribution {
    guard world.size > 1 else { return Contribution(route, nodes: nodes) }
    let own = nodes.map { $0.base - parts[world.rank].base }
    let starts = try world.allGather(own + Array(repeating: 0, count: route.rounds - own.count))
    return Contribution(route, nodes: nodes) { [parts, ownership] rank, place in
      parts[rank][starts[rank][place]..<starts[rank][place] + ownership.count]
    }
  }

  func begin(_ contribution: Contribution) throws { try meet() }

  func receive(_ slice: Range<Int>, of contribution: Contribution, into sum: FloatView, most: Int) {
    sharedBytesRead += contribution.route.foreign(to: world.rank) * slice.inBytes.count
  }

  func fold(_ part: Range<Int>, of slice: Range<Int>, _ contribution: Contribution, into sum: FloatView) {
    contribution.fold(part, of: slice, into: sum)
  }

  func spread(_ parameters: FloatView) throws {
    try meet()
    sharedBytesRead += parameters.bytes.count - ownership.ownedCount(by: world.rank) * MemoryLayout<Float>.stride
  }

  /// What any rank wrote to shared memory before is seen by all ranks afterwards.
  private func meet() throws {
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    try world.barrier()
    atomicMemoryFence(ordering: .sequentiallyConsistent)
  }
}
