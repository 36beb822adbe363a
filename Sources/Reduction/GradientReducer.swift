import Communication
import Diagnostics
import Dispatch
import Kernels
import Synchronization
import Tensors

/// How gradients are added over ranks.
public enum ReductionMethod: String, Sendable, CaseIterable {
  /// Along the canonical tree: the same bits on any number of ranks. The default.
  case canonical
  /// By `MPI_Allreduce`: bits depend on the number of ranks. Every rank updates all parameters.
  case native
}

/// Adds gradients over the ranks and spreads the updated parameters: the traffic of a step.
///
/// Each rank brings the sums of its subtrees; the owner of a slice adds those slices along the tree. How they reach the
/// owner makes no difference to the bits:
/// - by messages: an exchange a node and bucket, and after the update an allgather of the owners' slices;
/// - through shared memory, where all ranks run on one host: the owner reads the nodes where they lie, and writes
///   parameters that all ranks see.
///
/// Native: one allreduce a bucket, and every rank owns everything. All ranks call `sum` and `spread` together.
public final class GradientReducer {
  /// Floats: 1 MiB.
  public static let defaultBucketSize = 1 << 18

  public let method: ReductionMethod
  private let world: any Communicator
  private let team: LaneTeam
  private let ownership: Ownership
  /// Each rank's shared part; nil where nodes travel by messages.
  private let shared: [FloatView]?
  /// Where each rank's nodes lie in its part, in floats, by the number of leaves and the way.
  private var places: [Int: [[[Int]]]] = [:]
  /// The messages that bring the other ranks' nodes; nil where none are sent.
  private let messages: NodeExchange?
  /// The numbers of the buckets, in the order in which they are summed.
  private let order: [Int]
  /// The sums of this rank's slices, where it brings no node that could hold them.
  private var spare = FlatBuffer(count: 0)
  /// Where each bucket's slice begins in `spare`.
  private let spareStarts: [Int]
  private let collectives: SliceCollectives
  private var trafficSeconds = 0.0
  /// Bytes of other ranks' nodes, and of parameters that other ranks updated, which this rank read in shared memory.
  public private(set) var sharedBytesRead = 0

  /// For flat buffers of `count` floats, cut into buckets of `bucketSize` floats.
  ///
  /// `shared` are the ranks' parts of memory that all see, which then hold the nodes and the parameters. `writes` are
  /// the ranges that each operation of a backward pass writes: buckets go in the order in which these complete them.
  /// With `canOverlap` there is memory for all of them to be under way at the same time, up to that of a gradient.
  public init(
    method: ReductionMethod, count: Int, bucketSize: Int, world: any Communicator, team: LaneTeam,
    shared: [FloatView]? = nil, writes: [[Range<Int>]] = [], canOverlap: Bool = false
  ) {
    precondition(shared == nil || method == .canonical, "native sums go by messages")
    self.method = method
    self.world = world
    self.team = team
    self.shared = shared
    ownership = Ownership(count: count, bucketSize: bucketSize, ranks: method == .canonical ? world.size : 1)
    let owned = ownership.owned(by: method == .canonical ? world.rank : 0)
    ownedRanges = owned
    var (starts, end) = ([Int](), 0)
    for range in owned {
      starts.append(end)
      end += range.count
    }
    spareStarts = starts
    collectives = SliceCollectives(ownership, world: world)
    bucketOrder = BucketOrder(of: ownership.buckets, writes: writes)
    order = bucketOrder.buckets
    messages =
      method == .canonical && shared == nil && world.size > 1
      ? NodeExchange(
        ownership, order: order, mostUnderWay: canOverlap ? order.count : Self.apart, world: world) : nil
    ownedBytes = owned.reduce(0) { $0 + $1.inBytes.count }
  }

  public var buckets: [Range<Int>] { ownership.buckets }
  /// When which bucket is complete.
  public let bucketOrder: BucketOrder
  /// Whether buckets can be sent while others are still computed.
  public var sendsMessages: Bool { messages != nil }

  /// Whether as many buckets may be under way as there is memory for, or two at a time; the same on every rank, and
  /// changed between steps only.
  public var overlaps = false
  private static let apart = 2
  private var mostUnderWay: Int { overlaps ? .max : Self.apart }

  /// Which of the ways that `prepare` was told the nodes lie in; the same on every rank, and changed between steps only.
  public var way = 0

  /// Where it notes the bucket that it is at; nil where nobody asks.
  public var progress: RankProgress?

  /// The ranges of the flat buffer that this rank updates, one a bucket, some perhaps empty.
  public let ownedRanges: [Range<Int>]
  private let ownedBytes: Int

  /// Makes the memory for a route, and tells the others where this rank's nodes lie; all ranks call it.
  ///
  /// `nodes[way]` are what `sum` will be called with; there are as many ways on every rank.
  public func prepare(_ route: Route, nodes: [[FloatView]]) throws {
    precondition(nodes.allSatisfy { $0.count == route.own.count }, "expected \(route.own.count) nodes each way")
    if route.own.isEmpty, spare.count == 0 { spare = FlatBuffer(count: ownedRanges.reduce(0) { $0 + $1.count }) }
    guard method == .canonical else { return }
    if let shared {
      places[route.leaves] = try nodes.map { nodes in
        let own = nodes.map { $0.base - shared[world.rank].base }
        let padded = own + Array(repeating: 0, count: route.rounds - own.count)
        return try world.allGather(padded)
      }
    }
    try messages?.prepare(route)
  }

  /// Starts the exchange of the first `ready` buckets of `bucketOrder`, whose `nodes` are complete, and moves on those
  /// that are under way: for the time before `sum`, of the same nodes. Where nothing is sent, does nothing.
  ///
  /// All ranks start the same buckets before they call another collective.
  public func start(_ nodes: [FloatView], route: Route, ready: Int) throws {
    guard let messages else { return }
    try traffic {
      try messages.advance(route)
      try messages.start(nodes, route, ready: ready, most: mostUnderWay)
    }
  }

  /// Ends a step that `start` has begun and that has no `sum`; all ranks call it.
  public func drain(_ route: Route) throws { try messages?.drain(route) }

  /// Adds up the batch, chunk by chunk of the owned slices, and hands each sum to `body` while it is in the cache.
  ///
  /// `nodes` are this rank's sums of `route.own`, flat buffers of `count` floats, whose content is lost. All lanes call
  /// `body`, at the same time, for chunks that share no float: the place in the flat buffer and the sum, which stays where
  /// it is until the nodes are overwritten. A chunk begins on a multiple of `Kernels.blockSize`.
  public func sum(_ nodes: [FloatView], route: Route, body: (_ range: Range<Int>, _ sum: FloatView) -> Void) throws {
    precondition(nodes.count == route.own.count, "expected \(route.own.count) nodes, found \(nodes.count)")
    if shared != nil { try meet() }
    for bucket in order {
      progress?.reach(bucket)
      let mine = ownedRanges[bucket]
      if shared != nil { sharedBytesRead += route.foreign(to: world.rank) * mine.inBytes.count }
      if let messages {
        try traffic {
          try messages.start(nodes, route, ready: order.count, most: mostUnderWay)
          try messages.finish(route)
        }
      }
      if method == .native { try traffic { try nativeSum(nodes, mine, into: place(of: bucket, nodes)) } }
      let sum = place(of: bucket, nodes)
      forEachChunk(of: bucket) { part in
        if method == .canonical { add(nodes, route, mine, part, into: sum[part]) }
        body(mine.lowerBound + part.lowerBound..<mine.lowerBound + part.upperBound, sum[part])
      }
      messages?.release()
    }
  }

  /// Hands the sums that the last `sum` of these `nodes` made to `body` once more, in the same chunks.
  public func forEachSum(_ nodes: [FloatView], body: (_ range: Range<Int>, _ sum: FloatView) -> Void) {
    for bucket in ownership.buckets.indices {
      let (mine, sum) = (ownedRanges[bucket], place(of: bucket, nodes))
      forEachChunk(of: bucket) { part in
        body(mine.lowerBound + part.lowerBound..<mine.lowerBound + part.upperBound, sum[part])
      }
    }
  }

  /// Where the sum of a bucket's owned slice lies: in this rank's first node, where it brings one.
  private func place(of bucket: Int, _ nodes: [FloatView]) -> FloatView {
    let mine = ownedRanges[bucket]
    return nodes.first?[mine] ?? spare.view[spareStarts[bucket]..<spareStarts[bucket] + mine.count]
  }

  /// All lanes call `body`, with parts of a bucket's owned slice counted from its first float.
  private func forEachChunk(of bucket: Int, _ body: (Range<Int>) -> Void) {
    let count = ownedRanges[bucket].count
    let chunks = (count + Self.chunkSize - 1) / Self.chunkSize
    team.run { lane in
      for chunk in contiguousShare(of: lane, among: team.active, in: 0..<chunks) {
        body(chunk * Self.chunkSize..<min((chunk + 1) * Self.chunkSize, count))
      }
    }
  }

  /// Floats that are added and updated at a time: with the optimizer's state they fit into the second-level cache.
  private static var chunkSize: Int { 8 * Kernels.blockSize }

  /// Seconds spent in traffic since the last call.
  public func takeTrafficSeconds() -> Double {
    defer { trafficSeconds = 0 }
    return trafficSeconds
  }

  private func traffic(_ body: () throws -> Void) rethrows {
    let start = DispatchTime.now().uptimeNanoseconds
    defer { trafficSeconds += Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9 }
    try body()
  }

  /// Makes the owners' slices of `parameters` known to all ranks; they have to lie in shared memory where there is some.
  public func spread(_ parameters: FloatView) throws {
    guard shared != nil else { return try traffic { try collect(parameters) } }
    try meet()
    sharedBytesRead += parameters.bytes.count - ownedBytes
  }

  /// Overwrites the slices of the other ranks in `buffer`, each rank's own memory, with their owners' values.
  public func collect(_ buffer: FloatView) throws { try collectives.allGather(buffer.bytes, bytes: { $0.inBytes }) }

  /// Overwrites the other ranks' slices of `whole`, which rank zero alone has; all ranks call it.
  ///
  /// `owned` are the floats of `ownedRanges`, one after the other, which each rank brings; it must not overlap `whole`.
  public func gather(_ owned: FloatView, into whole: FloatView?) throws {
    try collectives.gather(owned, into: whole)
  }

  /// Overwrites what the other ranks own of a table; `bytes` tells where what belongs to a slice of the flat buffer lies
  /// in it.
  public func collect(
    _ table: UnsafeMutableRawBufferPointer, bytes: (_ slice: Range<Int>) -> Range<Int>
  ) throws {
    try traffic { try collectives.allGather(table, bytes: bytes) }
  }

  /// What any rank wrote to shared memory before is seen by all ranks afterwards.
  private func meet() throws {
    atomicMemoryFence(ordering: .sequentiallyConsistent)
    try traffic { try world.barrier() }
    atomicMemoryFence(ordering: .sequentiallyConsistent)
  }

  // MARK: - Canonical

  /// Adds all ranks' nodes along the tree: `part` of the slice `mine`. Overwrites `target`, the sum's place.
  ///
  /// Only the owner touches its slice of a node, so that it may add in place, in another rank's node too.
  private func add(
    _ nodes: [FloatView], _ route: Route, _ mine: Range<Int>, _ part: Range<Int>, into target: FloatView
  ) {
    for (number, addition) in route.additions.enumerated() {
      let isLast = number == route.additions.count - 1
      let into = operand(addition.into, nodes, route, mine)[part]
      let from = operand(addition.from, nodes, route, mine)[part]
      Kernels.add(into, from, into: isLast ? target : into)
    }
    guard route.additions.isEmpty else { return }
    let only = operand(0, nodes, route, mine)[part]
    if only.base != target.base { target.assign(only) }
  }

  /// Operand k of the additions, all ranks' nodes one after the other: the slice `mine` of it.
  private func operand(_ k: Int, _ nodes: [FloatView], _ route: Route, _ mine: Range<Int>) -> FloatView {
    let first = route.starts[world.rank]
    if k >= first, k < first + nodes.count { return nodes[k - first][mine] }
    guard let shared else {
      return messages!.slice(k < first ? k : k - nodes.count, count: mine.count)
    }
    var rank = 0
    while k >= route.starts[rank] + route.nodes[rank].count { rank += 1 }
    let start = places[route.leaves]![way][rank][k - route.starts[rank]]
    return shared[rank][start + mine.lowerBound..<start + mine.upperBound]
  }

  // MARK: - Native

  private func nativeSum(_ nodes: [FloatView], _ range: Range<Int>, into sum: FloatView) throws {
    if nodes.isEmpty { for index in 0..<sum.count { sum[index] = 0 } }
    for other in nodes.dropFirst() { Kernels.add(sum, other[range], into: sum) }
    try world.nativeSum(UnsafeMutableBufferPointer(start: sum.base, count: sum.count))
  }
}
