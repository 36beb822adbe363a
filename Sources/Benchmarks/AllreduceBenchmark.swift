import Diagnostics
import Host
import Kernels
import Lockstep

/// How an allreduce goes about it.
package enum AllreduceMethod: String, Codable, CaseIterable, Sendable {
  /// Along the canonical tree, through shared memory where the ranks have some.
  case canonical
  /// Along the canonical tree, by messages.
  case messages
  /// MPI's own.
  case native
}

/// What one round found for one size: the median of its repetitions.
package struct AllreduceFigure: Codable, Equatable, Sendable {
  package let method: AllreduceMethod
  package let bytes: Int
  package let seconds: Double
}

/// A round of allreduces of all sizes and methods, on one rank: sizes and methods take turns.
package struct RankAllreduce: Codable, Sendable {
  /// Of the whole buffer.
  package var sizes: [Int]
  package var repetitions: Int

  package init(sizes: [Int] = Self.powersOfTwo, repetitions: Int = 9) {
    self.sizes = sizes
    self.repetitions = repetitions
  }

  /// From 2 KiB to 64 MiB.
  package static let powersOfTwo = (11...26).map { 1 << $0 }

  /// All ranks call it; the time is that of the slowest, from a barrier on.
  package func measure(_ world: any Communicator, environment: [String: String]) throws -> [AllreduceFigure] {
    let cores = try HostCores.claimShare(world, environment: environment)
    ProcessorCores.bind(to: Array(cores.prefix(1)))
    let team = LaneTeam(count: 1)
    defer { team.close() }
    var found: [AllreduceFigure] = []
    for bytes in sizes {
      let works = try AllreduceMethod.allCases.map {
        ($0, try AllreduceWork($0, count: bytes / MemoryLayout<Float>.stride, team: team, world: world))
      }
      var seconds: [AllreduceMethod: [Double]] = [:]
      // The first repetition warms up.
      for repetition in 0...repetitions {
        for (method, work) in works {
          let own = try work.run()
          if repetition > 0 { seconds[method, default: []].append(try world.allGather([own]).map { $0[0] }.max()!) }
        }
      }
      found += works.map { AllreduceFigure(method: $0.0, bytes: bytes, seconds: Spread(seconds[$0.0]!).median) }
    }
    return found
  }
}

/// The buffers of one allreduce: every rank brings one node, and gets the sum.
private final class AllreduceWork {
  private let world: any Communicator
  private let reducer: GradientReducer
  private let node: FloatView
  private let contribution: Contribution
  private let result: FloatView
  private let method: AllreduceMethod

  init(_ method: AllreduceMethod, count: Int, team: LaneTeam, world: any Communicator) throws {
    self.world = world
    self.method = method
    let route = Route(leaves: world.size, rank: world.rank, of: world.size)
    let parts = method == .canonical ? try world.shareMemory(byteCount: 2 * count * MemoryLayout<Float>.stride) : nil
    let shared = parts?.map { FlatBuffer(borrowing: $0, from: world).view }
    let own = shared?[world.rank] ?? FlatBuffer(count: 2 * count).view
    (node, result) = (own[0..<count], (shared?[0] ?? own)[count..<2 * count])
    reducer = try GradientReducer(
      method: method == .native ? .native : .canonical, count: count, bucketSize: GradientReducer.defaultBucketSize,
      world: world, team: team, shared: shared)
    contribution = try reducer.prepare(route, nodes: [node])
    for index in 0..<count { node[index] = Float(index % 7) }
  }

  /// Seconds of one allreduce, by this rank's clock.
  func run() throws -> Double {
    try world.barrier()
    var clock = Stopwatch()
    if method == .native {
      try world.nativeSum(UnsafeMutableBufferPointer(start: node.base, count: node.count))
    } else {
      try reducer.sum(contribution) { range, sum in result[range].assign(sum) }
      try reducer.spread(result)
    }
    return clock.lap()
  }
}
