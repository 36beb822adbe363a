import Communication
import Testing

/// What a counting communicator counts, on three ranks of unequal parts.
@Suite struct CountingTests {
  static func traffic(_ body: @escaping @Sendable (any Communicator) throws -> Void) throws -> [Traffic] {
    try LocalWorld.run(ranks: 3) { rank in
      let world = CountingCommunicator(rank)
      try body(world)
      return world.traffic
    }
  }

  @Test func everyRankGetsTheOthersParts() throws {
    let found = try Self.traffic { world in
      var bytes = [UInt8](repeating: UInt8(world.rank), count: 12)
      try bytes.withUnsafeMutableBytes { try world.allGather($0, ranges: [0..<2, 2..<12, 12..<12]) }
      #expect(bytes == [0, 0] + Array(repeating: 1, count: 10))
    }
    #expect(found.map(\.bytes) == [10, 2, 12] && found.map(\.messages) == [1, 1, 2])
  }

  @Test func whatIsReceivedIsCounted() throws {
    let found = try Self.traffic { world in
      // Rank r sends r + 1 bytes to every rank.
      let send = [UInt8](repeating: 7, count: world.rank + 1)
      var receive = [UInt8](repeating: 0, count: 6)
      try send.withUnsafeBytes { send in
        try receive.withUnsafeMutableBytes {
          try world.allToAll(
            send: send, sendRanges: Array(repeating: 0..<send.count, count: 3), receive: $0,
            receiveRanges: [0..<1, 1..<3, 3..<6])
        }
      }
      #expect(receive == Array(repeating: 7, count: 6))
    }
    #expect(found.map(\.bytes) == [5, 4, 3] && found.allSatisfy { $0.messages == 2 })
  }

  @Test func barriersAndBroadcasts() throws {
    let found = try Self.traffic { world in
      try world.barrier()
      var bytes = [UInt8](repeating: 0, count: 5)
      try bytes.withUnsafeMutableBytes { try world.broadcast($0, root: 1) }
    }
    let other = Traffic(messages: 1, bytes: 5, barriers: 1)
    #expect(found == [other, Traffic(barriers: 1), other])
  }

  /// As much as a reduce-scatter and an allgather move: 2(N - 1) times the buffer over all ranks.
  @Test func nativeSums() throws {
    let found = try Self.traffic { world in
      var values = [Float](repeating: 1, count: 5)
      try values.withUnsafeMutableBufferPointer { try world.nativeSum($0) }
      #expect(values == Array(repeating: 3, count: 5))
    }
    #expect(found.reduce(0) { $0 + $1.bytes } == 2 * 2 * 20)
    #expect(found.allSatisfy { $0.messages == 4 })
  }
}
