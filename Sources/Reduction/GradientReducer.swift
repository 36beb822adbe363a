import Communication
import Diagnostics
import Dispatch
import Kernels
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
/// owner is the `Transport`'s business, and makes no difference to the bits; the reducer leads it from bucket to bucket,
/// and the lanes through the chunks of each. All ranks call `sum` and `spread` together.
public final class GradientReducer {
  /// Floats: 1 MiB.
  package static let defaultBucketSize = 1 << 18

  let transport: any Transport
  private let ownership: Ownership
  private let team: LaneTeam
  /// The sums of this rank's slices, where it brings no node that could hold them.
  private var spare = FlatBuffer(count: 0)
  /// Where each bucket's slice begins in `spare`.
  private let spareStarts: [Int]
  private var trafficSeconds = 0.0

  /// For flat buffers of `count` floats, cut into buckets of `bucketSize` floats.
  ///
  /// `shared` are the ranks' parts of memory that all see, which then hold the nodes and the parameters. `writes` are
  /// the ranges that each operation of a backward pass writes: buckets go in the order in which these complete them.
  /// With `canOverlap` there is memory for all of them to be under way at the same time, up to that of a gradient.
  /// `transport` is the kind that is asked for; nil: the first of `transportKinds` that serves. All ranks make one together.
  ///
  /// Throws a bad configuration (78), on all ranks the same, where the kind that is asked for does not serve, or none does.
  package init(
    method: ReductionMethod, count: Int, bucketSize: Int, world: any Communicator, team: LaneTeam,
    transport kind: (any Transport.Type)? = nil, shared: [FloatView]? = nil, writes: [[Range<Int>]] = [],
    canOverlap: Bool = false
  ) throws {
    precondition(shared == nil || method == .canonical, "native sums go by messages")
    self.team = team
    let isSplit = method == .canonical
    ownership = Ownership(count: count, bucketSize: bucketSize, ranks: isSplit ? world.size : 1)
    ownedRanges = ownership.owned(by: isSplit ? world.rank : 0)
    spareStarts = ownedRanges.packed.starts
    bucketOrder = BucketOrder(of: ownership.buckets, writes: writes)
    collectives = SliceCollectives(ownership, world: world)
    let binding = TransportBinding(
      world: world, ownership: ownership, order: bucketOrder.buckets, shared: shared, method: method,
      mostUnderWay: canOverlap ? .max : Self.apart, collectives: collectives)
    transport = try world.agree { try binding.choose(kind) }.init(binding)
  }

  package var buckets: [Range<Int>] { ownership.buckets }
  /// When which bucket is complete.
  package let bucketOrder: BucketOrder
  /// The ranges of the flat buffer that this rank updates, one a bucket, some perhaps empty.
  package let ownedRanges: [Range<Int>]
  /// For what else lies with the owners: the optimizer's state, say.
  package let collectives: SliceCollectives

  /// Whether buckets can be sent while others are still computed.
  package var canOverlap: Bool { transport.canOverlap }

  /// Whether as many buckets may be under way as there is memory for, or two at a time; the same on every rank, and
  /// changed between steps only.
  package var overlaps = false
  private static let apart = 2
  private var mostUnderWay: Int { overlaps ? .max : Self.apart }

  /// Where it notes the bucket that it is at; nil where nobody asks.
  package var progress: RankProgress?

  /// Bytes of other ranks' nodes, and of parameters that other ranks updated, which this rank read in shared memory.
  package var sharedBytesRead: Int { transport.sharedBytesRead }

  /// Makes the memory for sums along a route of nodes that will lie here; all ranks call it.
  ///
  /// `nodes` are flat buffers of `count` floats, one for each of `route.own`.
  package func prepare(_ route: Route, nodes: [FloatView]) throws -> Contribution {
    if route.own.isEmpty, spare.count == 0 { spare = FlatBuffer(count: ownedRanges.reduce(0) { $0 + $1.count }) }
    return try transport.prepare(route, nodes: nodes)
  }

  /// Starts the exchange of the first `ready` buckets of `bucketOrder`, whose nodes are complete, and moves on those
  /// that are under way: for the time before `sum`, of the same contribution. Where nothing is sent, does nothing.
  ///
  /// All ranks start the same buckets before they call another collective.
  package func start(_ contribution: Contribution, ready: Int) throws {
    try traffic { try transport.start(contribution, ready: ready, most: mostUnderWay) }
  }

  /// Ends a step that `start` has begun and that has no `sum`; all ranks call it.
  package func drain(_ contribution: Contribution) throws { try transport.drain(contribution) }

  /// Adds up the batch, chunk by chunk of the owned slices, and hands each sum to `body` while it is in the cache.
  ///
  /// All lanes call `body`, at the same time, for chunks that share no float: the place in the flat buffer and the sum,
  /// which stays where it is until the nodes are overwritten. A chunk begins on a multiple of `Kernels.blockSize`.
  package func sum(_ contribution: Contribution, body: (_ range: Range<Int>, _ sum: FloatView) -> Void) throws {
    try traffic { try transport.begin(contribution) }
    for bucket in bucketOrder.buckets {
      progress?.reach(bucket)
      let (mine, sum) = (ownedRanges[bucket], place(of: bucket, contribution))
      try traffic { try transport.receive(mine, of: contribution, into: sum, most: mostUnderWay) }
      forEachChunk(of: mine) { part in
        transport.fold(part, of: mine, contribution, into: sum[part])
        body(mine.lowerBound + part.lowerBound..<mine.lowerBound + part.upperBound, sum[part])
      }
      transport.release()
    }
  }

  /// Hands the sums that the last `sum` of this contribution made to `body` once more, in the same chunks.
  package func forEachSum(_ contribution: Contribution, body: (_ range: Range<Int>, _ sum: FloatView) -> Void) {
    for (bucket, mine) in ownedRanges.enumerated() {
      let sum = place(of: bucket, contribution)
      forEachChunk(of: mine) { part in
        body(mine.lowerBound + part.lowerBound..<mine.lowerBound + part.upperBound, sum[part])
      }
    }
  }

  /// Where the sum of a bucket's owned slice lies: in this rank's first node, where it brings one.
  private func place(of bucket: Int, _ contribution: Contribution) -> FloatView {
    let mine = ownedRanges[bucket]
    return contribution.nodes.first?[mine] ?? spare.view[spareStarts[bucket]..<spareStarts[bucket] + mine.count]
  }

  /// All lanes call `body`, with parts of an owned slice counted from its first float.
  private func forEachChunk(of slice: Range<Int>, _ body: (Range<Int>) -> Void) {
    let chunks = (slice.count + Self.chunkSize - 1) / Self.chunkSize
    team.run { lane in
      for chunk in contiguousShare(of: lane, among: team.active, in: 0..<chunks) {
        body(chunk * Self.chunkSize..<min((chunk + 1) * Self.chunkSize, slice.count))
      }
    }
  }

  /// Floats that are added and updated at a time: with the optimizer's state they fit into the second-level cache.
  private static var chunkSize: Int { 8 * Kernels.blockSize }

  /// Makes the owners' slices of `parameters` known to all ranks; they have to lie in shared memory where there is some.
  package func spread(_ parameters: FloatView) throws { try traffic { try transport.spread(parameters) } }

  /// Overwrites what the other ranks own of a table of a step; `bytes` tells where what belongs to a slice of the flat
  /// buffer lies in it. All ranks call it.
  package func exchange(_ table: UnsafeMutableRawBufferPointer, bytes: (_ slice: Range<Int>) -> Range<Int>) throws {
    try traffic { try collectives.allGather(table, bytes: bytes) }
  }

  /// Seconds spent in traffic since the last call.
  package func takeTrafficSeconds() -> Double {
    defer { trafficSeconds = 0 }
    return trafficSeconds
  }

  private func traffic(_ body: () throws -> Void) rethrows {
    let start = DispatchTime.now().uptimeNanoseconds
    defer { trafficSeconds += Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9 }
    try body()
  }
}
