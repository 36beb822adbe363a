import CMPI
import Communication

/// The ranks of an MPI job, as `withMPI` hands them to its body.
///
/// Calls come from the thread that called `withMPI` (MPI_THREAD_FUNNELED). Ranges and buffers may be of any length: MPI
/// counts in 32 bits, and what is longer goes in pieces. Which way the bytes travel never changes them; `nativeSum`
/// alone adds.
package final class MPICommunicator: Communicator, @unchecked Sendable {
  package let rank: Int
  package let size: Int
  package let host: String
  package let hostRank: Int
  package let hostSize: Int
  let world: OpaquePointer
  /// What `shareMemory` made; freed before MPI ends.
  private var windows: [OpaquePointer] = []
  /// The greatest count or displacement that MPI gets to see; the same on every rank.
  let limit: Int
  /// Of the calls that wait for their end at once.
  private let messages: MPIMessages
  private let underWay = MPIMessages.UnderWay()

  /// Whether exchanges have been started and not finished: into memory that may be gone, so that MPI must not go on.
  var hasExchangesUnderWay: Bool { underWay.count > 0 }

  /// The world of an initialised MPI; all ranks call it.
  init(limit: Int) throws {
    precondition((1...Int(Int32.max)).contains(limit), "expected a limit of 1...\(Int32.max), found \(limit)")
    self.limit = limit
    world = CMPI_Comm_world()
    (rank, size) = try place(in: world)
    messages = try MPIMessages(world: world, rank: rank, size: size, limit: limit, underWay: underWay)
    host = try mpiText { try check("MPI_Get_processor_name", CMPI_Get_processor_name($0, $1)) }

    var shared: OpaquePointer?
    try check("MPI_Comm_split_type", CMPI_Comm_split_type_shared(world, &shared))
    (hostRank, hostSize) = try place(in: shared!)
    try check("MPI_Comm_free", CMPI_Comm_free(shared))
  }

  /// Keeps a window until `freeWindows`.
  func keep(_ window: OpaquePointer) { windows.append(window) }

  /// Gives the shared memory back; all ranks call it, and nobody may use that memory any more.
  func freeWindows() throws {
    while let window = windows.popLast() { try check("MPI_Win_free", CMPI_Win_free(window)) }
  }

  package func barrier() throws { try check("MPI_Barrier", CMPI_Barrier(world)) }

  package func broadcast(_ buffer: UnsafeMutableRawBufferPointer, root: Int) throws {
    for chunk in chunks(of: 0..<buffer.count, limit: limit) {
      try check(
        "MPI_Bcast", CMPI_Bcast(buffer.baseAddress! + chunk.lowerBound, Int32(chunk.count), Int32(root), world))
    }
  }

  package func allGather(_ buffer: UnsafeMutableRawBufferPointer, ranges: [Range<Int>]) throws {
    precondition(ranges.count == size, "expected \(size) ranges, found \(ranges.count)")
    // All ranks see the same ranges, so all of them go the same way.
    guard fits(ranges, limit: limit) else {
      let own = UnsafeRawBufferPointer(rebasing: buffer[ranges[rank]])
      try messages.start(
        send: { _ in own }, receive: { UnsafeMutableRawBufferPointer(rebasing: buffer[ranges[$0]]) })
      return try messages.finish()
    }
    // On the stack: a training step allocates nothing.
    try withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * size) { memory in
      for (rank, range) in ranges.enumerated() {
        memory.initializeElement(at: rank, to: Int32(range.count))
        memory.initializeElement(at: size + rank, to: Int32(range.lowerBound))
      }
      let (counts, displacements) = (memory.baseAddress!, memory.baseAddress! + size)
      try check("MPI_Allgatherv", CMPI_Allgatherv(buffer.baseAddress, counts, displacements, world))
    }
  }

  package func allToAll(
    send: UnsafeRawBufferPointer, sendRanges: [Range<Int>],
    receive: UnsafeMutableRawBufferPointer, receiveRanges: [Range<Int>]
  ) throws {
    try messages.start(send: send, sendRanges: sendRanges, receive: receive, receiveRanges: receiveRanges)
    try messages.finish()
  }

  package func makeAllToAll() throws -> any AllToAll {
    try MPIMessages(world: world, rank: rank, size: size, limit: limit, underWay: underWay)
  }

  package func nativeSum(_ buffer: UnsafeMutableBufferPointer<Float>) throws {
    for chunk in chunks(of: 0..<buffer.count, limit: limit) {
      try check(
        "MPI_Allreduce",
        CMPI_Allreduce_float_sum(buffer.baseAddress! + chunk.lowerBound, Int32(chunk.count), world))
    }
  }
}

private func place(in group: OpaquePointer) throws -> (rank: Int, size: Int) {
  var (rank, size): (Int32, Int32) = (0, 0)
  try check("MPI_Comm_rank", CMPI_Comm_rank(group, &rank))
  try check("MPI_Comm_size", CMPI_Comm_size(group, &size))
  return (Int(rank), Int(size))
}
