import Communication
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
  public let method: ReductionMethod
  private let world: any Communicator
  private let team: LaneTeam
  private let ownership: Ownership
  /// Each rank's shared part; nil where nodes travel by messages.
  private let shared: [FloatView]?
  /// Where each rank's nodes lie in its part, in floats, by the number of leaves.
  private var places: [Int: [[Int]]] = [:]
  /// What the other ranks sent of a bucket, node by node.
  private var received = FlatBuffer(count: 0)
  /// The sum of a slice, where this rank brings no node that could hold it.
  private var spare = FlatBuffer(count: 0)
  private var trafficSeconds = 0.0

  /// For flat buffers of `count` floats, cut into buckets of `bucketSize` floats.
  ///
  /// `shared` are the ranks' parts of memory that all see, which then hold the nodes and the parameters.
  public init(
    method: ReductionMethod, count: Int, bucketSize: Int, world: any Communicator, team: LaneTeam,
    shared: [FloatView]? = nil
  ) {
    precondition(shared == nil || method == .canonical, "native sums go by messages")
    self.method = method
    self.world = world
    self.team = team
    self.shared = shared
    ownership = Ownership(count: count, bucketSize: bucketSize, ranks: world.size)
    ownedRanges = method == .canonical ? ownership.owned(by: world.rank) : ownership.buckets
  }

  /// The ranges of the flat buffer that this rank updates, one a bucket, some perhaps empty.
  public let ownedRanges: [Range<Int>]

  /// Makes the memory for a route, and tells the others where this rank's nodes lie; all ranks call it.
  ///
  /// `nodes` are what `sum` will be called with.
  public func prepare(_ route: Route, nodes: [FloatView]) throws {
    precondition(nodes.count == route.own.count, "expected \(route.own.count) nodes, found \(nodes.count)")
    let slice = ownedRanges.map(\.count).max() ?? 0
    if nodes.isEmpty, spare.count < slice { spare = FlatBuffer(count: slice) }
    guard method == .canonical else { return }
    if let shared {
      let own = nodes.map { $0.base - shared[world.rank].base }
      let padded = own + Array(repeating: 0, count: route.rounds - own.count)
      places[route.leaves] = try world.allGather(padded)
    } else if received.count < route.foreign * slice {
      received = FlatBuffer(count: route.foreign * slice)
    }
  }

  /// Adds up the batch, chunk by chunk of the owned slices, and hands each sum to `body` while it is in the cache.
  ///
  /// `nodes` are this rank's sums of `route.own`, flat buffers of `count` floats, whose content is lost. All lanes call
  /// `body`, at the same time, for chunks that share no float: the place in the flat buffer and the sum, a view that is
  /// valid until `body` returns. A chunk begins on a multiple of `Kernels.blockSize`.
  public func sum(_ nodes: [FloatView], route: Route, body: (_ range: Range<Int>, _ sum: FloatView) -> Void) throws {
    precondition(nodes.count == route.own.count, "expected \(route.own.count) nodes, found \(nodes.count)")
    if shared != nil { try meet() }
    for bucket in ownership.buckets.indices {
      let mine = ownedRanges[bucket]
      switch method {
      case .canonical:
        if shared == nil, world.size > 1 { try traffic { try exchange(nodes, route, ownership.slices[bucket]) } }
      case .native:
        try traffic { try nativeSum(nodes, mine) }
      }
      let sum = nodes.first?[mine] ?? spare.view[0..<mine.count]
      let chunks = (mine.count + Self.chunkSize - 1) / Self.chunkSize
      team.run { lane in
        for chunk in contiguousShare(of: lane, among: team.count, in: 0..<chunks) {
          let part = chunk * Self.chunkSize..<min((chunk + 1) * Self.chunkSize, mine.count)
          if method == .canonical { add(nodes, route, mine, part, into: sum[part]) }
          body(mine.lowerBound + part.lowerBound..<mine.lowerBound + part.upperBound, sum[part])
        }
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
    if shared != nil { try meet() } else { try traffic { try collect(parameters) } }
  }

  /// Overwrites the slices of the other ranks in `buffer`, each rank's own memory, with their owners' values.
  public func collect(_ buffer: FloatView) throws {
    guard method == .canonical, world.size > 1 else { return }
    for slices in ownership.slices { try world.allGather(buffer.bytes, ranges: slices.map(\.inBytes)) }
  }

  /// Overwrites what belongs to the other ranks' slices in a table with one entry of `stride` bytes a block of floats.
  public func collectBlocks(_ table: UnsafeMutableRawBufferPointer, stride: Int) throws {
    guard method == .canonical, world.size > 1 else { return }
    try traffic {
      for slices in ownership.slices {
        let ranges = slices.map { $0.inBlocks.lowerBound * stride..<$0.inBlocks.upperBound * stride }
        try world.allGather(table, ranges: ranges)
      }
    }
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
      let place = k < first ? k : k - nodes.count
      return received.view[place * mine.count..<(place + 1) * mine.count]
    }
    var rank = 0
    while k >= route.starts[rank] + route.nodes[rank].count { rank += 1 }
    let start = places[route.leaves]![rank][k - route.starts[rank]]
    return shared[rank][start + mine.lowerBound..<start + mine.upperBound]
  }

  /// Node by node, so that slices go out of the nodes as they lie, without packing.
  private func exchange(_ nodes: [FloatView], _ route: Route, _ slices: [Range<Int>]) throws {
    let mine = slices[world.rank].count
    for round in 0..<route.rounds {
      let sends = round < nodes.count
      let sendRanges = slices.enumerated().map { rank, slice in
        sends && rank != world.rank ? slice.inBytes : 0..<0
      }
      let receiveRanges = (0..<world.size).map { rank in
        guard rank != world.rank, round < route.nodes[rank].count else { return 0..<0 }
        let place = route.starts[rank] + round - (rank > world.rank ? nodes.count : 0)
        return (place * mine..<(place + 1) * mine).inBytes
      }
      try world.allToAll(
        send: sends ? UnsafeRawBufferPointer(nodes[round].bytes) : UnsafeRawBufferPointer(start: nil, count: 0),
        sendRanges: sendRanges, receive: received.view.bytes, receiveRanges: receiveRanges)
    }
  }

  // MARK: - Native

  private func nativeSum(_ nodes: [FloatView], _ range: Range<Int>) throws {
    let sum = nodes.first?[range] ?? spare.view[0..<range.count]
    if nodes.isEmpty { for index in 0..<sum.count { sum[index] = 0 } }
    for other in nodes.dropFirst() { Kernels.add(sum, other[range], into: sum) }
    try world.nativeSum(UnsafeMutableBufferPointer(start: sum.base, count: sum.count))
  }
}
