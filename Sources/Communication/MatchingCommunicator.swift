import Diagnostics

/// A communicator that compares, before each collective, what the ranks are about to call: a rank that disagrees is
/// named where the transport would wait for ever or mix up messages.
///
/// One small allgather more a collective. Ranks that make no call at all are the watchdog's business.
package final class MatchingCommunicator: CommunicatorWrapper, @unchecked Sendable {
  let base: any Communicator
  /// What a rank is about to do: as many numbers for every collective, so that any two meet in the same call.
  private struct Fingerprint: BitwiseCopyable, Hashable {
    let collective: Int
    let sequence: Int
    let arguments: UInt64
    let run: UInt64
  }
  private var sequence = 0
  private let run: UInt64

  /// `run` stands for the configuration, and is the same on ranks that belong together.
  package init(_ base: any Communicator, run: UInt64) {
    self.base = base
    self.run = run
  }

  package func barrier() throws {
    try match(.barrier, [])
    try base.barrier()
  }

  package func broadcast(_ buffer: UnsafeMutableRawBufferPointer, root: Int) throws {
    try match(.broadcast, [buffer.count, root])
    try base.broadcast(buffer, root: root)
  }

  package func allGather(_ buffer: UnsafeMutableRawBufferPointer, ranges: [Range<Int>]) throws {
    try match(.allGather, ranges.flatMap { [$0.lowerBound, $0.upperBound] })
    try base.allGather(buffer, ranges: ranges)
  }

  package func allToAll(
    send: UnsafeRawBufferPointer, sendRanges: [Range<Int>],
    receive: UnsafeMutableRawBufferPointer, receiveRanges: [Range<Int>]
  ) throws {
    try matchAllToAll(sendRanges, receiveRanges)
    try base.allToAll(send: send, sendRanges: sendRanges, receive: receive, receiveRanges: receiveRanges)
  }

  package func makeAllToAll() throws -> any AllToAll {
    WrappedAllToAll(
      try base.makeAllToAll(),
      beforeStart: { [self] sendRanges, receiveRanges in
        try matchAllToAll(sendRanges, receiveRanges)
        return true
      })
  }

  /// Counts differ from rank to rank: that each receives what is sent to it is checked pair by pair.
  private func matchAllToAll(_ sendRanges: [Range<Int>], _ receiveRanges: [Range<Int>]) throws {
    try match(.allToAll, [])
    let sent = try base.allGather(sendRanges.map(\.count))
    let (host, hosts) = (rank, try base.allGather(host))
    try base.agree {
      for source in 0..<size where sent[source][rank] != receiveRanges[source].count {
        throw Failure(
          .internal,
          "collective \(sequence): rank \(source) on \(hosts[source]) sends \(sent[source][rank]) bytes, "
            + "and rank \(host) expects \(receiveRanges[source].count)")
      }
    }
  }

  package func shareMemory(byteCount: Int) throws -> [UnsafeMutableRawBufferPointer]? {
    try match(.shareMemory, [])
    return try base.shareMemory(byteCount: byteCount)
  }

  package func nativeSum(_ buffer: UnsafeMutableBufferPointer<Float>) throws {
    try match(.nativeSum, [buffer.count])
    try base.nativeSum(buffer)
  }

  /// Throws, on all ranks together, where they are not about to do the same.
  private func match(_ collective: RankProgress.Collective, _ arguments: [Int]) throws {
    sequence += 1
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for argument in arguments { hash = (hash ^ UInt64(bitPattern: Int64(argument))) &* 0x9e37_79b9_7f4a_7c15 }
    let own = Fingerprint(collective: collective.rawValue, sequence: sequence, arguments: hash, run: run)
    let all = try base.allGather([own]).map { $0[0] }
    guard let odd = Self.odd(all) else { return }
    let usual = all.first { $0 != all[odd] }!
    let hosts = try base.allGather(host)
    let name = RankProgress.Collective(rawValue: all[odd].collective)?.name ?? "?"
    let expected = RankProgress.Collective(rawValue: usual.collective)?.name ?? "?"
    let difference =
      all[odd].run != usual.run
      ? "belongs to another run"
      : all[odd].collective != usual.collective
        ? "calls \(name) where the others call \(expected)"
        : all[odd].sequence != usual.sequence
          ? "is at collective \(all[odd].sequence), the others at \(usual.sequence)"
          : "calls \(name) with other counts than the others"
    throw CollectiveFailure(
      rank: odd, host: hosts[odd],
      failure: Failure(.internal, "collective \(usual.sequence): rank \(odd) on \(hosts[odd]) \(difference)"))
  }

  /// The first rank that is not like most of them; nil where all are alike.
  private static func odd(_ all: [Fingerprint]) -> Int? {
    let counts = all.reduce(into: [Fingerprint: Int]()) { $0[$1, default: 0] += 1 }
    guard counts.count > 1, let most = counts.values.max() else { return nil }
    // Of as many on both sides, what rank zero does counts as usual.
    let usual = counts[all[0]] == most ? all[0] : counts.first { $0.value == most }!.key
    return all.firstIndex { $0 != usual }
  }
}
