import Communication

/// One promise of `Communicator`, checked on a world of any kind and size with random ranges.
///
/// All ranks run it with the same random numbers, so each knows what every other one sends.
public struct CollectiveCheck: Sendable, CustomStringConvertible {
  public let description: String
  /// Throws `Mismatch` when a byte is not the expected one.
  public let run: @Sendable (any Communicator, inout SplitMix) throws -> Void
}

/// A check that found something else than it expected.
public struct Mismatch: Error, CustomStringConvertible {
  public let description: String
}

/// Runs every check, each with `rounds` different draws; returns how many it ran.
public func checkCollectives(of world: any Communicator, rounds: Int, seed: UInt64) throws -> Int {
  for check in collectiveChecks {
    for round in 0..<rounds {
      var random = SplitMix(state: seed &+ UInt64(round))
      do {
        try check.run(world, &random)
      } catch let mismatch as Mismatch {
        throw Mismatch(
          description: "\(check), rank \(world.rank) of \(world.size), seed \(seed), round \(round): \(mismatch)")
      }
    }
  }
  return collectiveChecks.count * rounds
}

/// The table: every collective, and everything that is built on them.
public let collectiveChecks: [CollectiveCheck] = [
  CollectiveCheck(description: "places") { world, _ in
    let places = try world.allGather([world.rank, world.size, world.hostRank, world.hostSize])
    let hosts = try world.allGather(world.host)
    try expect(places.map { $0[0] }, Array(0..<world.size))
    try expect(places.map { $0[1] }, Array(repeating: world.size, count: world.size))
    for host in Set(hosts) {
      let there = places.indices.filter { hosts[$0] == host }.map { places[$0] }
      try expect(there.map { $0[2] }, Array(0..<there.count))
      try expect(there.map { $0[3] }, Array(repeating: there.count, count: there.count))
    }
  },

  CollectiveCheck(description: "barrier") { world, _ in try world.barrier() },

  CollectiveCheck(description: "broadcast") { world, random in
    let root = random.below(world.size)
    let count = random.length()
    var bytes = pattern(from: world.rank, to: 0, count: count)
    try bytes.withUnsafeMutableBytes { try world.broadcast($0, root: root) }
    try expect(bytes, pattern(from: root, to: 0, count: count))
  },

  CollectiveCheck(description: "allGather") { world, random in
    let (ranges, end) = random.ranges(world.size)
    var bytes = [UInt8](repeating: 255, count: end)
    var expected = bytes
    bytes.replaceSubrange(ranges[world.rank], with: pattern(from: world.rank, to: 0, count: ranges[world.rank].count))
    for rank in 0..<world.size {
      expected.replaceSubrange(ranges[rank], with: pattern(from: rank, to: 0, count: ranges[rank].count))
    }
    try bytes.withUnsafeMutableBytes { try world.allGather($0, ranges: ranges) }
    try expect(bytes, expected)
  },

  CollectiveCheck(description: "shareMemory") { world, random in
    let count = 1 + random.length()
    guard let parts = try world.shareMemory(byteCount: count + world.rank) else {
      // Alone, or on several hosts: then nobody may have any.
      return try expect(try world.allGather([0]).map { $0[0] }, Array(repeating: 0, count: world.size))
    }
    try expect(parts.map(\.count), (0..<world.size).map { count + $0 })
    try expect(Array(parts[world.rank]), [UInt8](repeating: 0, count: count + world.rank))
    try world.barrier()
    parts[world.rank].copyBytes(from: pattern(from: world.rank, to: 0, count: count + world.rank))
    try world.barrier()
    for rank in 0..<world.size { try expect(Array(parts[rank]), pattern(from: rank, to: 0, count: count + rank)) }
    try world.barrier()
    // Everybody may write everywhere.
    let next = (world.rank + 1) % world.size
    parts[next].copyBytes(from: pattern(from: next, to: 1, count: count + next))
    try world.barrier()
    try expect(Array(parts[world.rank]), pattern(from: world.rank, to: 1, count: count + world.rank))
  },

  CollectiveCheck(description: "allToAll") { world, random in
    var letters = Letters(for: world, &random)
    try letters.lend { send, receive, letters in
      try world.allToAll(
        send: send, sendRanges: letters.sendRanges, receive: receive, receiveRanges: letters.receiveRanges)
    }
    try expect(letters.receive, letters.expected)
  },

  // Three at a time, started in the same order and finished in another, with calls between; then once more.
  CollectiveCheck(description: "makeAllToAll") { world, random in
    let exchanges = try (0..<3).map { _ in try world.makeAllToAll() }
    for _ in 0..<2 {
      var (a, b, c) = (Letters(for: world, &random), Letters(for: world, &random), Letters(for: world, &random))
      try a.lend { sendA, receiveA, lettersA in
        try b.lend { sendB, receiveB, lettersB in
          try c.lend { sendC, receiveC, lettersC in
            let all = [(sendA, receiveA, lettersA), (sendB, receiveB, lettersB), (sendC, receiveC, lettersC)]
            for (exchange, (send, receive, letters)) in zip(exchanges, all) {
              try exchange.start(
                send: send, sendRanges: letters.sendRanges, receive: receive, receiveRanges: letters.receiveRanges)
            }
            try exchanges[1].advance()
            try world.barrier()
            for number in [2, 0, 1] { try exchanges[number].finish() }
            try expect(exchanges.map { try $0.advance() }, [true, true, true])
          }
        }
      }
      for letters in [a, b, c] { try expect(letters.receive, letters.expected) }
    }
  },

  CollectiveCheck(description: "nativeSum") { world, random in
    // Whole numbers: exact in any order of addition.
    let count = random.length()
    var values = (0..<count).map { Float(($0 + world.rank * 7) % 100) }
    try values.withUnsafeMutableBufferPointer { try world.nativeSum($0) }
    try expect(values, (0..<count).map { i in (0..<world.size).reduce(0) { $0 + Float((i + $1 * 7) % 100) } })
  },

  CollectiveCheck(description: "allGather of values and texts") { world, random in
    let count = random.below(5)
    try expect(
      try world.allGather((0..<count).map { Int32(world.rank * 10 + $0) }),
      (0..<world.size).map { rank in (0..<count).map { Int32(rank * 10 + $0) } })
    let texts = (0..<world.size).map { String(repeating: "é\($0)", count: random.below(40)) }
    try expect(try world.allGather(texts[world.rank]), texts)
  },
]

/// What the ranks send each other, in places drawn alike on all of them.
private struct Letters {
  let sendRanges: [Range<Int>]
  let receiveRanges: [Range<Int>]
  private var send: [UInt8]
  private(set) var receive: [UInt8]
  let expected: [UInt8]

  init(for world: any Communicator, _ random: inout SplitMix) {
    let counts = (0..<world.size).map { _ in (0..<world.size).map { _ in random.length() } }
    let (sendRanges, sendEnd) = random.place(counts[world.rank])
    let (receiveRanges, receiveEnd) = random.place(counts.map { $0[world.rank] })
    var send = [UInt8](repeating: 254, count: sendEnd)
    var expected = [UInt8](repeating: 255, count: receiveEnd)
    receive = expected
    for peer in 0..<world.size {
      send.replaceSubrange(
        sendRanges[peer], with: pattern(from: world.rank, to: peer, count: sendRanges[peer].count))
      expected.replaceSubrange(
        receiveRanges[peer], with: pattern(from: peer, to: world.rank, count: receiveRanges[peer].count))
    }
    (self.sendRanges, self.receiveRanges, self.send, self.expected) = (sendRanges, receiveRanges, send, expected)
  }

  mutating func lend(
    _ body: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer, Letters) throws -> Void
  ) throws {
    let copy = self
    try send.withUnsafeBytes { send in try receive.withUnsafeMutableBytes { try body(send, $0, copy) } }
  }
}

private func expect<Value: Equatable>(_ found: [Value], _ expected: [Value]) throws {
  guard found != expected else { return }
  guard found.count == expected.count else {
    throw Mismatch(description: "expected \(expected.count) elements, found \(found.count)")
  }
  let place = found.indices.first { found[$0] != expected[$0] }!
  throw Mismatch(description: "expected \(expected[place]) at \(place) of \(found.count), found \(found[place])")
}
