import Communication
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
/// Canonical: each rank sends its subtree nodes' slices to the slices' owners (one alltoall a node and bucket); the owner
/// adds them along the tree; after the update an allgather spreads the owners' slices. Native: one allreduce a bucket,
/// and every rank owns everything.
///
/// All ranks call `sum` and `spread` together. Memory is made in `init` and `route(leaves:)`, none in a step.
public final class GradientReducer {
  public let method: ReductionMethod
  private let world: any Communicator
  private let team: LaneTeam
  private let ownership: Ownership
  private let zeros: FlatBuffer
  /// The owner's sums, its slices one after the other.
  private let owned: FlatBuffer
  private var received = FlatBuffer(count: 0)

  /// For flat buffers of `count` floats, cut into buckets of `bucketSize` floats.
  public init(
    method: ReductionMethod, count: Int, bucketSize: Int, world: any Communicator, team: LaneTeam
  ) {
    self.method = method
    self.world = world
    self.team = team
    ownership = Ownership(count: count, bucketSize: bucketSize, ranks: world.size)
    let largest = ownership.buckets.map(\.count).max() ?? 0
    switch method {
    case .canonical:
      ownedRanges = ownership.owned(by: world.rank)
      owned = FlatBuffer(count: world.size == 1 ? 0 : ownedRanges.reduce(0) { $0 + $1.count })
      zeros = FlatBuffer(count: 0)
    case .native:
      ownedRanges = ownership.buckets
      owned = FlatBuffer(count: 0)
      zeros = FlatBuffer(count: largest)
    }
  }

  /// The ranges of the flat buffer that this rank updates, one a bucket, some perhaps empty.
  public let ownedRanges: [Range<Int>]

  /// Who sends which nodes for a batch of so many leaves, and how they are added.
  public struct Route: Sendable {
    /// The nodes of each rank, from left to right.
    let nodes: [[CanonicalTree.Node]]
    /// The additions over all ranks' nodes, rank by rank.
    let additions: [CanonicalTree.Addition]
    /// Where the nodes of each rank start among the operands.
    let starts: [Int]

    /// This rank's share of the leaves.
    public let range: Range<Int>
    /// The nodes that this rank brings.
    public let own: [CanonicalTree.Node]

    /// The largest number of nodes of a rank: messages a bucket.
    public var rounds: Int { nodes.map(\.count).max() ?? 0 }
  }

  /// Makes the route for batches of `leaves` leaves, and the memory that it needs.
  public func route(leaves: Int) -> Route {
    let tree = CanonicalTree(leaves: leaves)
    let nodes = (0..<world.size).map { tree.maximalNodes(in: tree.share(of: $0, among: world.size)) }
    var (starts, end) = ([Int](), 0)
    for list in nodes {
      starts.append(end)
      end += list.count
    }
    let slice = ownedRanges.map(\.count).max() ?? 0
    let foreign = method == .canonical ? end - nodes[world.rank].count : 0
    if received.count < foreign * slice { received = FlatBuffer(count: foreign * slice) }
    return Route(
      nodes: nodes, additions: tree.additions(of: nodes.flatMap { $0 }, into: tree.root), starts: starts,
      range: tree.share(of: world.rank, among: world.size), own: nodes[world.rank])
  }

  /// Adds up the batch: calls `body` for each bucket with the place of its owned slice and the sum there.
  ///
  /// `nodes` are this rank's sums of `route.own`, flat buffers of `count` floats, whose content is lost. The views handed
  /// to `body` stay valid until the next call.
  public func sum(
    _ nodes: [FloatView], route: Route, body: (_ range: Range<Int>, _ sum: FloatView) throws -> Void
  ) throws {
    precondition(nodes.count == route.own.count, "expected \(route.own.count) nodes, found \(nodes.count)")
    for bucket in ownership.buckets.indices {
      switch method {
      case .canonical: try body(ownedRanges[bucket], canonicalSum(nodes, route, bucket))
      case .native: try body(ownedRanges[bucket], nativeSum(nodes, bucket))
      }
    }
  }

  /// Overwrites the slices of the other ranks in `parameters` with their owners' values.
  public func spread(_ parameters: FloatView) throws {
    guard method == .canonical, world.size > 1 else { return }
    for slices in ownership.slices {
      try world.allGather(parameters.bytes, ranges: slices.map(\.inBytes))
    }
  }

  /// Overwrites what belongs to the other ranks' slices in a table with one entry of `stride` bytes a block of floats.
  public func spreadBlocks(_ table: UnsafeMutableRawBufferPointer, stride: Int) throws {
    guard method == .canonical, world.size > 1 else { return }
    let block = Kernels.blockSize
    for slices in ownership.slices {
      let ranges = slices.map { slice in
        let first = slice.lowerBound / block
        return first * stride..<(first + (slice.count + block - 1) / block) * stride
      }
      try world.allGather(table, ranges: ranges)
    }
  }

  // MARK: - Canonical

  private func canonicalSum(_ nodes: [FloatView], _ route: Route, _ bucket: Int) throws -> FloatView {
    let slices = ownership.slices[bucket]
    let mine = slices[world.rank]
    if world.size > 1 { try exchange(nodes, route, slices) }

    // Operand k of the fold, as (rank, node): the own ones lie in the nodes, the others were received.
    func operand(_ k: Int) -> FloatView {
      let own = route.starts[world.rank]
      if k >= own, k < own + nodes.count { return nodes[k - own][mine] }
      return receivedSlice(k < own ? k : k - nodes.count, mine.count)
    }
    let isOwn = world.size == 1
    let target = isOwn ? operand(0) : owned.view[ownedStart(bucket)..<ownedStart(bucket) + mine.count]
    let blocks = (mine.count + Kernels.blockSize - 1) / Kernels.blockSize
    team.run { lane in
      let share = contiguousShare(of: lane, among: team.count, in: 0..<blocks)
      let part =
        min(
          share.lowerBound * Kernels.blockSize, mine.count)..<min(
          share.upperBound * Kernels.blockSize, mine.count)
      guard !part.isEmpty else { return }
      for (number, addition) in route.additions.enumerated() {
        let isLast = number == route.additions.count - 1
        let into = operand(addition.into)[part]
        Kernels.add(into, operand(addition.from)[part], into: isLast ? target[part] : into)
      }
      if route.additions.isEmpty, !isOwn { target[part].assign(operand(0)[part]) }
    }
    return target
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

  private func receivedSlice(_ place: Int, _ count: Int) -> FloatView {
    received.view[place * count..<(place + 1) * count]
  }

  private func ownedStart(_ bucket: Int) -> Int { ownedRanges[..<bucket].reduce(0) { $0 + $1.count } }

  // MARK: - Native

  private func nativeSum(_ nodes: [FloatView], _ bucket: Int) throws -> FloatView {
    let range = ownership.buckets[bucket]
    guard let first = nodes.first?[range] else {
      let empty = zeros.view[0..<range.count]
      for index in 0..<empty.count { empty[index] = 0 }
      try world.nativeSum(UnsafeMutableBufferPointer(start: empty.base, count: empty.count))
      return empty
    }
    for other in nodes.dropFirst() { Kernels.add(first, other[range], into: first) }
    try world.nativeSum(UnsafeMutableBufferPointer(start: first.base, count: first.count))
    return first
  }
}
