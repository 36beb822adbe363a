/// What the collectives of one rank brought in from the other ranks.
package struct Traffic: Equatable, Sendable {
  /// Pieces that came from other ranks; an empty piece is none.
  package var messages = 0
  /// Bytes of those pieces.
  package var bytes = 0
  /// Barriers, which carry nothing.
  package var barriers = 0

  package init(messages: Int = 0, bytes: Int = 0, barriers: Int = 0) {
    self.messages = messages
    self.bytes = bytes
    self.barriers = barriers
  }

  package static func - (a: Traffic, b: Traffic) -> Traffic {
    Traffic(messages: a.messages - b.messages, bytes: a.bytes - b.bytes, barriers: a.barriers - b.barriers)
  }
}

/// A communicator that hands every call on to another one and counts what comes in.
///
/// It counts what an operation has to move, whichever way the transport goes about it: one message for each other rank
/// that gives something, and for a native sum over N ranks those of a reduce-scatter and an allgather, 2(N - 1)
/// messages of 1/N of the buffer each. The sum over the ranks is what they send as well as what they receive. What is
/// read in shared memory is no message, and is not counted here.
package final class CountingCommunicator: CommunicatorWrapper, @unchecked Sendable {
  let base: any Communicator
  /// Since it was made. To be read by the thread that makes the calls.
  package private(set) var traffic = Traffic()

  package init(_ base: any Communicator) { self.base = base }

  package func barrier() throws {
    traffic.barriers += 1
    try base.barrier()
  }

  package func broadcast(_ buffer: UnsafeMutableRawBufferPointer, root: Int) throws {
    if rank != root { note(buffer.count) }
    try base.broadcast(buffer, root: root)
  }

  package func allGather(_ buffer: UnsafeMutableRawBufferPointer, ranges: [Range<Int>]) throws {
    note(ranges)
    try base.allGather(buffer, ranges: ranges)
  }

  package func allToAll(
    send: UnsafeRawBufferPointer, sendRanges: [Range<Int>],
    receive: UnsafeMutableRawBufferPointer, receiveRanges: [Range<Int>]
  ) throws {
    note(receiveRanges)
    try base.allToAll(send: send, sendRanges: sendRanges, receive: receive, receiveRanges: receiveRanges)
  }

  package func makeAllToAll() throws -> any AllToAll {
    WrappedAllToAll(
      try base.makeAllToAll(),
      beforeStart: { [self] _, receiveRanges in
        note(receiveRanges)
        return true
      })
  }

  package func shareMemory(byteCount: Int) throws -> [UnsafeMutableRawBufferPointer]? {
    try base.shareMemory(byteCount: byteCount)
  }

  package func nativeSum(_ buffer: UnsafeMutableBufferPointer<Float>) throws {
    let bytes = buffer.count * MemoryLayout<Float>.stride
    // Parts as equal as can be: this rank adds one of them up, and gets the others.
    let own = bytes * (rank + 1) / size - bytes * rank / size
    if bytes > 0, size > 1 {
      traffic.messages += 2 * (size - 1)
      traffic.bytes += (size - 1) * own + (bytes - own)
    }
    try base.nativeSum(buffer)
  }

  /// Counts what the other ranks give, a range each.
  private func note(_ ranges: [Range<Int>]) {
    for peer in ranges.indices where peer != rank { note(ranges[peer].count) }
  }

  private func note(_ bytes: Int) {
    guard bytes > 0 else { return }
    traffic.messages += 1
    traffic.bytes += bytes
  }
}
