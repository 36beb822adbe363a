import Diagnostics
import Foundation

/// Ranks as threads of this process: the in-process double of MPI's world, and the world of a run without MPI.
///
/// ```swift
/// let sums = try LocalWorld.run(ranks: 3) { rank in try rank.allGather([rank.rank]).map { $0[0] } }
/// // [[0, 1, 2], [0, 1, 2], [0, 1, 2]]
/// ```
///
/// When a rank throws, the collectives that the others wait in throw too, and `run` rethrows the first rank's own error.
public final class LocalWorld: @unchecked Sendable {
  /// Thrown by a collective when another rank has failed and will never come.
  public struct PeerFailed: TransportError, CustomStringConvertible {
    /// Its number, from 0.
    public let rank: Int
    public var description: String { "rank \(rank) failed before this collective was complete" }
  }

  /// How many ranks there are.
  public let size: Int
  private let condition = NSCondition()
  private var arrived = 0
  private var generation = 0
  private var failed: Int?
  fileprivate let mail: LocalMail
  /// What each rank lends to the others between two meetings.
  fileprivate let lent: UnsafeMutableBufferPointer<Lent>

  fileprivate struct Lent {
    var send = UnsafeRawBufferPointer(start: nil, count: 0)
    var ranges: [Range<Int>] = []
  }

  /// Whether `shareMemory` gives some; without, it plays ranks on several hosts.
  fileprivate let sharesMemory: Bool
  private var shared: [UnsafeMutableRawBufferPointer] = []

  private init(size: Int, sharesMemory: Bool) {
    precondition(size > 0, "a world has at least one rank, found \(size)")
    self.size = size
    self.sharesMemory = sharesMemory
    mail = LocalMail(size: size)
    lent = .allocate(capacity: size)
    lent.initialize(repeating: Lent())
  }

  deinit {
    lent.deinitialize()
    lent.deallocate()
    for part in shared { part.deallocate() }
  }

  /// A world of one, run on the calling thread.
  public static func single() -> any Communicator {
    LocalRank(world: LocalWorld(size: 1, sharesMemory: false), rank: 0)
  }

  /// Runs `body` once a rank, each on a thread of its own, and returns the results in rank order.
  public static func run<Result: Sendable>(
    ranks: Int, sharesMemory: Bool = true, _ body: @escaping @Sendable (any Communicator) throws -> Result
  ) throws -> [Result] {
    let world = LocalWorld(size: ranks, sharesMemory: sharesMemory)
    let outcomes = Outcomes<Result>(count: ranks)
    for rank in 0..<ranks {
      startThread("rank \(rank)") {
        let outcome = Swift.Result { try body(LocalRank(world: world, rank: rank)) }
        if case .failure(let error) = outcome, !(error is PeerFailed) { world.fail(rank) }
        outcomes.set(rank, outcome)
      }
    }
    let results = outcomes.wait()
    if let failed = world.failed { _ = try results[failed].get() }
    return try results.map { try $0.get() }
  }

  /// Returns when all ranks have met here; throws when one of them has failed.
  fileprivate func meet() throws {
    condition.lock()
    defer { condition.unlock() }
    if let failed { throw PeerFailed(rank: failed) }
    arrived += 1
    if arrived == size {
      arrived = 0
      generation += 1
      condition.broadcast()
      return
    }
    let mine = generation
    while generation == mine, failed == nil { condition.wait() }
    if generation == mine, let failed { throw PeerFailed(rank: failed) }
  }

  /// Keeps a rank's shared part for as long as the world lives.
  fileprivate func keep(_ part: UnsafeMutableRawBufferPointer) {
    condition.lock()
    shared.append(part)
    condition.unlock()
  }

  private func fail(_ rank: Int) {
    condition.lock()
    if failed == nil { failed = rank }
    condition.broadcast()
    condition.unlock()
    mail.fail(rank)
  }
}

/// One thread's end of a `LocalWorld`. Buffers are lent to the peers between two meetings and copied by the receiver.
private final class LocalRank: Communicator, @unchecked Sendable {
  let world: LocalWorld
  let rank: Int
  private let counters: LocalCounters

  init(world: LocalWorld, rank: Int) {
    self.world = world
    self.rank = rank
    counters = LocalCounters(size: world.size)
  }

  var size: Int { world.size }
  var host: String { ProcessInfo.processInfo.hostName }
  var hostRank: Int { rank }
  var hostSize: Int { size }

  func barrier() throws { try world.meet() }

  func broadcast(_ buffer: UnsafeMutableRawBufferPointer, root: Int) throws {
    try exchange(UnsafeRawBufferPointer(buffer), [0..<buffer.count]) { lent in
      let source = lent[root].send
      precondition(
        source.count == buffer.count, "root sends \(source.count) bytes, rank \(rank) expects \(buffer.count)")
      if rank != root { buffer.copyMemory(from: source) }
    }
  }

  func allGather(_ buffer: UnsafeMutableRawBufferPointer, ranges: [Range<Int>]) throws {
    precondition(ranges.count == size, "expected \(size) ranges, found \(ranges.count)")
    try exchange(UnsafeRawBufferPointer(buffer), ranges) { lent in
      for peer in 0..<size where peer != rank && !ranges[peer].isEmpty {
        UnsafeMutableRawBufferPointer(rebasing: buffer[ranges[peer]])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: lent[peer].send[ranges[peer]]))
      }
    }
  }

  func allToAll(
    send: UnsafeRawBufferPointer, sendRanges: [Range<Int>],
    receive: UnsafeMutableRawBufferPointer, receiveRanges: [Range<Int>]
  ) throws {
    precondition(
      sendRanges.count == size && receiveRanges.count == size,
      "expected \(size) ranges, found \(sendRanges.count) and \(receiveRanges.count)")
    try exchange(send, sendRanges) { lent in
      for peer in 0..<size {
        let source = lent[peer].ranges[rank]
        precondition(
          source.count == receiveRanges[peer].count,
          "rank \(peer) sends \(source.count) bytes, rank \(rank) expects \(receiveRanges[peer].count)")
        guard !source.isEmpty else { continue }
        UnsafeMutableRawBufferPointer(rebasing: receive[receiveRanges[peer]])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: lent[peer].send[source]))
      }
    }
  }

  func makeAllToAll() throws -> any AllToAll {
    LocalMessages(world.mail, rank: rank, counters: counters)
  }

  func shareMemory(byteCount: Int) throws -> [UnsafeMutableRawBufferPointer]? {
    guard world.sharesMemory, size > 1 else { return nil }
    let own = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
    own.initializeMemory(as: UInt8.self, repeating: 0)
    world.keep(own)
    var parts: [UnsafeMutableRawBufferPointer] = []
    try exchange(UnsafeRawBufferPointer(own), [0..<byteCount]) { lent in
      parts = lent.map { UnsafeMutableRawBufferPointer(mutating: $0.send) }
    }
    return parts
  }

  /// Adds in rank order: the same bits on every rank, other bits for another number of ranks.
  func nativeSum(_ buffer: UnsafeMutableBufferPointer<Float>) throws {
    var sum = [Float](repeating: 0, count: buffer.count)
    try exchange(UnsafeRawBufferPointer(buffer), [0..<buffer.count]) { lent in
      for peer in 0..<size {
        let values = lent[peer].send.assumingMemoryBound(to: Float.self)
        for i in sum.indices { sum[i] += values[i] }
      }
    }
    for i in sum.indices { buffer[i] = sum[i] }
    try world.meet()
  }

  /// Lends `send` to the peers, lets `copy` read what they lend, and waits until nobody reads any more.
  private func exchange(
    _ send: UnsafeRawBufferPointer, _ ranges: [Range<Int>],
    _ copy: (UnsafeMutableBufferPointer<LocalWorld.Lent>) throws -> Void
  ) throws {
    world.lent[rank] = LocalWorld.Lent(send: send, ranges: ranges)
    try world.meet()
    try copy(world.lent)
    try world.meet()
    // So that the caller may write its ranges where they lie, without a copy.
    world.lent[rank] = LocalWorld.Lent()
  }
}

/// One result a thread, and a wait for all of them.
private final class Outcomes<Value: Sendable>: @unchecked Sendable {
  private let condition = NSCondition()
  private var values: [Swift.Result<Value, any Error>?]
  private var missing: Int

  init(count: Int) {
    values = Array(repeating: nil, count: count)
    missing = count
  }

  func set(_ index: Int, _ value: Swift.Result<Value, any Error>) {
    condition.lock()
    values[index] = value
    missing -= 1
    condition.broadcast()
    condition.unlock()
  }

  func wait() -> [Swift.Result<Value, any Error>] {
    condition.lock()
    while missing > 0 { condition.wait() }
    defer { condition.unlock() }
    return values.map { $0! }
  }
}
