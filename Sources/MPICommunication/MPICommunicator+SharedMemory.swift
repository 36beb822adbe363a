import CMPI
import Communication
import Foundation
import Host

extension MPICommunicator {
  package func shareMemory(byteCount: Int) throws -> [UnsafeMutableRawBufferPointer]? {
    let counts = try allGather([byteCount]).map { $0[0] }
    let total = counts.reduce(0, +)
    // MPI ends badly, or not at all, when the file system that backs its shared memory is full: ask before.
    let room = try allGather([Self.room])[0][0]
    guard size > 1, hostSize == size, total + total / 8 <= room else { return nil }

    var window: OpaquePointer?
    try check("MPI_Win_allocate_shared", CMPI_Win_allocate_shared(Int64(byteCount), world, &window))
    keep(window!)
    let parts = try (0..<size).map { peer in
      var (start, length): (UnsafeMutableRawPointer?, Int64) = (nil, 0)
      try check("MPI_Win_shared_query", CMPI_Win_shared_query(window, Int32(peer), &start, &length), peer: peer)
      // MPI rounds up to whole pages.
      precondition(length >= counts[peer], "rank \(peer) shares \(length) bytes, expected \(counts[peer])")
      return UnsafeMutableRawBufferPointer(start: start, count: counts[peer])
    }
    // Each rank touches its own part first, so that it lies in the memory nearest to it.
    memset(parts[rank].baseAddress!, 0, parts[rank].count)
    try barrier()
    return parts
  }

  /// Bytes free for shared memory on this host.
  private static var room: Int { freeBytes(of: "/dev/shm") ?? 0 }
}
