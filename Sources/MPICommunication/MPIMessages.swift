import CMPI
import Communication

/// The messages of one exchange between all ranks. It keeps its room, so that only its first use allocates.
final class MPIMessages: AllToAll {
  private let world: OpaquePointer
  private let rank: Int
  private let size: Int
  /// The greatest count that MPI gets to see.
  private let limit: Int
  private let requests: OpaquePointer
  private var isUnderWay = false
  private let underWay: UnderWay

  /// How many exchanges have been started and not finished: as many on every rank, also where one has no messages of its
  /// own. A rank must not end MPI in order while another takes the job down, by which mpirun was seen to hang or crash.
  final class UnderWay {
    fileprivate(set) var count = 0
  }

  init(world: OpaquePointer, rank: Int, size: Int, limit: Int, underWay: UnderWay) throws {
    (self.world, self.rank, self.size, self.limit, self.underWay) = (world, rank, size, limit, underWay)
    guard let requests = CMPI_Requests_create() else { throw OutOfMemory() }
    self.requests = requests
  }

  deinit { CMPI_Requests_free(requests) }

  func start(
    send: UnsafeRawBufferPointer, sendRanges: [Range<Int>],
    receive: UnsafeMutableRawBufferPointer, receiveRanges: [Range<Int>]
  ) throws {
    precondition(
      sendRanges.count == size && receiveRanges.count == size,
      "expected \(size) ranges, found \(sendRanges.count) and \(receiveRanges.count)")
    let (kept, own) = (sendRanges[rank], receiveRanges[rank])
    precondition(kept.count == own.count, "rank \(rank) sends itself \(kept.count) bytes and expects \(own.count)")
    if !own.isEmpty {
      UnsafeMutableRawBufferPointer(rebasing: receive[own]).copyMemory(from: .init(rebasing: send[kept]))
    }
    // Not MPI_Ialltoallv: whether its counts and displacements fit into 32 bits may differ from rank to rank, and ranks
    // that went different ways would wait for each other for ever.
    try start(
      send: { UnsafeRawBufferPointer(rebasing: send[sendRanges[$0]]) },
      receive: { UnsafeMutableRawBufferPointer(rebasing: receive[receiveRanges[$0]]) })
  }

  /// Begins to send `send(r)` to every other rank r and to overwrite `receive(r)` with what r sends here, in pieces that
  /// fit.
  ///
  /// Two ranks agree on the length of what passes between them and on the limit, hence on the pieces; nothing else has
  /// to be agreed on. MPI delivers the messages between two ranks in the order they were sent. The parts that are
  /// received must not overlap with any other part.
  func start(send: (Int) -> UnsafeRawBufferPointer, receive: (Int) -> UnsafeMutableRawBufferPointer) throws {
    precondition(!isUnderWay, "an exchange is started again before its end")
    isUnderWay = true
    underWay.count += 1
    // Receives first, so that whatever arrives finds its place; each rank begins with another peer, so that not all of
    // them send to rank 0 at once.
    for distance in 1..<max(size, 1) {
      let peer = (rank - distance + size) % size
      let buffer = receive(peer)
      for chunk in chunks(of: 0..<buffer.count, limit: limit) {
        let place = buffer.baseAddress! + chunk.lowerBound
        let code = CMPI_Irecv(place, Int32(chunk.count), Int32(peer), tag, world, requests)
        try check("MPI_Irecv", code, peer: peer)
      }
    }
    for distance in 1..<max(size, 1) {
      let peer = (rank + distance) % size
      let buffer = send(peer)
      for chunk in chunks(of: 0..<buffer.count, limit: limit) {
        let place = buffer.baseAddress! + chunk.lowerBound
        let code = CMPI_Isend(place, Int32(chunk.count), Int32(peer), tag, world, requests)
        try check("MPI_Isend", code, peer: peer)
      }
    }
  }

  func advance() throws -> Bool {
    var (haveEnded, failed): (Bool, Int32) = (false, -1)
    let code = CMPI_Testall(requests, &haveEnded, &failed)
    try check("MPI_Testall", code, peer: failed < 0 ? nil : Int(failed))
    return haveEnded
  }

  func finish() throws {
    var failed: Int32 = -1
    let code = CMPI_Waitall(requests, &failed)
    if isUnderWay { underWay.count -= 1 }
    isUnderWay = false
    try check("MPI_Waitall", code, peer: failed < 0 ? nil : Int(failed))
  }

  private struct OutOfMemory: TransportError, CustomStringConvertible {
    var description: String { "no memory for MPI's requests" }
  }
}

/// All messages of all exchanges: two ranks start theirs in the same order.
private let tag: Int32 = 1
