import Communication
import Synchronization
import Tensors

/// Through memory that all ranks see: owners read the nodes where they lie, and write parameters once for all.
///
/// A barrier before and after takes the place of messages.
final class SharedMemoryTransport: Transport {
  private let world: any Communicator
  private let ownership: Ownership
  /// Each rank's part, which holds its nodes; the parameters lie in one of them.
  private let parts: [FloatView]
  private(set) var sharedBytesRead = 0

  init(_ parts: [FloatView], _ ownership: Ownership, world: any Communicator) {
    precondition(parts.count == world.size, "expected \(world.size) parts, found \(parts.count)")
    (self.parts, self.ownership, self.world) = (parts, ownership, world)
  }

  /// Tells the others where this rank's nodes lie.
  func prepare(_ route: Route, nodes: [FloatView]) throws -> Contribution {
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
    contribution.fold(part, of: slice, into: sum) { preconditionFailure("operand \($0) is out of reach") }
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
