import CMPI

extension MPICommunicator {
  /// Sends `send(r)` to every other rank r and overwrites `receive(r)` with what r sent here, in pieces that fit.
  ///
  /// Two ranks agree on the length of what passes between them and on the limit, hence on the pieces; nothing else has
  /// to be agreed on. MPI delivers the messages between two ranks in the order they were sent. The parts that are
  /// received must not overlap with any other part.
  func exchange(
    send: (Int) -> UnsafeRawBufferPointer, receive: (Int) -> UnsafeMutableRawBufferPointer
  ) throws {
    var requests: [OpaquePointer?] = []
    var peers: [Int] = []

    // Receives first, so that whatever arrives finds its place; each rank begins with another peer, so that not all of
    // them send to rank 0 at once.
    for distance in 1..<max(size, 1) {
      let peer = (rank - distance + size) % size
      let buffer = receive(peer)
      for chunk in chunks(of: 0..<buffer.count, limit: limit) {
        var request: OpaquePointer?
        let code = CMPI_Irecv(
          buffer.baseAddress! + chunk.lowerBound, Int32(chunk.count), Int32(peer), tag, world, &request)
        try check("MPI_Irecv", code, peer: peer)
        requests.append(request)
        peers.append(peer)
      }
    }
    for distance in 1..<max(size, 1) {
      let peer = (rank + distance) % size
      let buffer = send(peer)
      for chunk in chunks(of: 0..<buffer.count, limit: limit) {
        var request: OpaquePointer?
        let code = CMPI_Isend(
          buffer.baseAddress! + chunk.lowerBound, Int32(chunk.count), Int32(peer), tag, world, &request)
        try check("MPI_Isend", code, peer: peer)
        requests.append(request)
        peers.append(peer)
      }
    }

    var failed: Int32 = -1
    let code = CMPI_Waitall(Int32(requests.count), &requests, &failed)
    try check("MPI_Waitall", code, peer: failed < 0 ? nil : peers[Int(failed)])
  }
}

/// All messages of an exchange; exchanges follow each other in the same order on every rank.
private let tag: Int32 = 1
