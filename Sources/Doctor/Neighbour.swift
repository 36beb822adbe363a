import CKernels
import Communication
import Foundation

/// The next rank on the same host: MPI reads its memory directly (`process_vm_readv`, "CMA") where the system lets it.
struct Neighbour {
  private let world: any Communicator

  init(_ world: any Communicator) { self.world = world }

  /// Reads a number out of the neighbour's memory, as MPI would; nil where the rank is alone. All ranks call it.
  func canBeRead() throws -> Bool? {
    let cell = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    cell.initialize(to: world.rank)
    defer { cell.deallocate() }
    let places = try world.allGather([Int(getpid()), Int(bitPattern: cell)])
    let hosts = try world.allGather(world.host)
    let peers = hosts.indices.filter { hosts[$0] == world.host }
    let next = peers[(peers.firstIndex(of: world.rank)! + 1) % peers.count]

    var found: Int64 = -1
    if next != world.rank { _ = ck_read_word(Int32(places[next][0]), Int64(places[next][1]), &found) }
    // Until everyone has read, everyone keeps the number where it is.
    try world.barrier()
    return next == world.rank ? nil : found == Int64(next)
  }
}
