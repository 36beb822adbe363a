import Communication
import Foundation
import Kernels
import Tensors
import Testing

@testable import Reduction

/// The traffic: every number of ranks brings the same bits to the owners, by messages and through shared memory.
@Suite struct GradientReducerTests {
  /// 5 blocks and a rest, so that slices are uneven and some ranks own nothing.
  static let count = 5 * 1024 + 48

  /// Leaf `leaf` of `count` floats of very different sizes, so that the order of addition shows.
  static func fill(_ view: FloatView, leaf: Int) {
    let random = Philox(key: SIMD2(7, UInt32(leaf)))
    for index in 0..<view.count {
      let words = random.block(stream: 0, index: UInt64(index))
      view[index] = Float((words.x.unitInterval - 0.5) * Double(1 << (words.y % 24)))
    }
  }

  /// The sum that one rank with all leaves gets, by the definition of the tree.
  static func expected(leaves: Int) -> [Float] {
    let tree = CanonicalTree(leaves: leaves)
    func sum(_ node: CanonicalTree.Node) -> [Float] {
      let parts = tree.children(of: node).map(sum)
      guard let first = parts.first else {
        let leaf = FlatBuffer(count: count)
        fill(leaf.view, leaf: node.index)
        return leaf.view.array
      }
      return parts.count == 1 ? first : zip(first, parts[1]).map { $0 + $1 }
    }
    return sum(tree.root)
  }

  /// What all ranks have after a sum of which each owner writes its part into a table that is then spread.
  static func reduced(
    leaves: Int, ranks: Int, bucketSize: Int, lanes: Int, method: ReductionMethod = .canonical, sharesMemory: Bool
  ) throws -> [[Float]] {
    try LocalWorld.run(ranks: ranks) { world in
      let route = Route(leaves: leaves, rank: world.rank, of: ranks)
      let bytes = (1 + route.own.count) * count * 4
      let parts = sharesMemory && method == .canonical ? try world.shareMemory(byteCount: bytes) : nil
      let shared = parts?.map { FlatBuffer(borrowing: $0, from: world).view }
      let own = FlatBuffer(count: (1 + route.own.count) * count)
      let memory = shared?[world.rank] ?? own.view
      let nodes = (0..<route.own.count).map { memory[(1 + $0) * count..<(2 + $0) * count] }
      let result = shared?[0][0..<count] ?? memory[0..<count]

      let team = LaneTeam(count: lanes)
      defer { team.close() }
      let reducer = try GradientReducer(
        method: method, count: count, bucketSize: bucketSize, world: world, team: team, shared: shared)
      let contribution = try reducer.prepare(route, nodes: nodes)
      let tree = CanonicalTree(leaves: leaves)
      for (node, view) in zip(route.own, nodes) {
        let leaves = tree.leaves(of: node).map { leaf in
          let buffer = FlatBuffer(count: count)
          fill(buffer.view, leaf: leaf)
          return buffer
        }
        let operands = tree.leaves(of: node).map { CanonicalTree.Node(level: 0, index: $0) }
        for addition in tree.additions(of: operands, into: node) {
          Kernels.add(leaves[addition.into].view, leaves[addition.from].view, into: leaves[addition.into].view)
        }
        view.assign(leaves[0].view)
      }
      try reducer.sum(contribution) { range, sum in
        precondition(range.lowerBound % Kernels.blockSize == 0, "a chunk begins at \(range.lowerBound)")
        precondition(sum.count == range.count)
      }
      // The sums are still there when all are made.
      reducer.forEachSum(contribution) { range, sum in result[range].assign(sum) }
      try reducer.spread(result)
      return result.array
    }
  }

  @Test(arguments: 1...9)
  func everyNumberOfRanksGetsTheSameBits(ranks: Int) throws {
    for leaves in 1...12 {
      let expected = Self.expected(leaves: leaves)
      for (bucketSize, lanes, sharesMemory) in [
        (1 << 20, 1, true), (1024, 2, true), (2000, 1, false), (1 << 20, 2, false),
      ] {
        let found = try Self.reduced(
          leaves: leaves, ranks: ranks, bucketSize: bucketSize, lanes: lanes, sharesMemory: sharesMemory)
        #expect(
          found.allSatisfy { $0 == expected },
          "\(leaves) leaves, buckets of \(bucketSize), \(lanes) lanes, shared memory: \(sharesMemory)")
      }
    }
  }

  /// Nearly the same sum, and other bits where ranks begin in the middle of a subtree: the comparison above can fail.
  @Test func nativeSumsAreNearButDependOnTheRanks() throws {
    let expected = Self.expected(leaves: 7)
    let found = try Self.reduced(
      leaves: 7, ranks: 4, bucketSize: 2000, lanes: 1, method: .native, sharesMemory: false)
    let agree = found.allSatisfy { $0 == found[0] }
    let isCanonical = found[0] == expected
    #expect(agree, "all ranks have the same sum")
    #expect(!isCanonical)
    // Seven numbers below 2^22 in magnitude; each of six additions is off by at most half a unit in the last place of
    // 2^25, that is by 1, on either side.
    let furthest = zip(found[0], expected).map { abs($0 - $1) }.max()!
    #expect(furthest <= 12)
  }

  /// The exchange of the blocks' squares, and the wait for a rank that comes late to it, are no computing.
  @Test func collectingATableCountsAsTraffic() throws {
    let seconds = try LocalWorld.run(ranks: 2) { world in
      let team = LaneTeam(count: 1)
      defer { team.close() }
      let reducer = try GradientReducer(
        method: .canonical, count: Self.count, bucketSize: 1 << 20, world: world, team: team)
      var table = [Double](repeating: Double(world.rank), count: 6)
      if world.rank == 1 { Thread.sleep(forTimeInterval: 0.1) }
      try table.withUnsafeMutableBytes { try reducer.exchange($0) { $0.lowerBound == 0 ? 0..<24 : 24..<48 } }
      #expect(table == [0, 0, 0, 1, 1, 1])
      return reducer.takeTrafficSeconds()
    }
    // Rank 1 sleeps for 100 ms while rank 0 waits; the start of a thread may take some of them.
    #expect(seconds[0] > 0.02, "\(seconds)")
  }
}
