import Testing

@testable import Reduction

@Suite struct CanonicalTreeTests {
  typealias Node = CanonicalTree.Node

  /// ```
  /// leaf      0   1   2   3   4   5   6
  ///           └─┬─┘   └─┬─┘   └─┬─┘   │
  ///            01      23      45     6
  ///             └───┬───┘       └──┬──┘
  ///               0123            456
  ///                 └──────┬──────┘
  ///                     0123456
  /// ```
  @Test func sevenLeavesAreThePicture() {
    let tree = CanonicalTree(leaves: 7)
    #expect(tree.root == Node(level: 3, index: 0))
    #expect(tree.children(of: tree.root) == [Node(level: 2, index: 0), Node(level: 2, index: 1)])
    #expect(tree.children(of: Node(level: 2, index: 1)) == [Node(level: 1, index: 2), Node(level: 1, index: 3)])
    #expect(tree.children(of: Node(level: 1, index: 3)) == [Node(level: 0, index: 6)], "6 rises as it is")
    #expect(tree.children(of: Node(level: 0, index: 6)).isEmpty)
    #expect(tree.leaves(of: Node(level: 2, index: 1)) == 4..<7)
    #expect(tree.leaves(of: Node(level: 1, index: 3)) == 6..<7)

    var expressions = Expressions()
    let leaves = (0..<7).map { expressions.leaf($0) }
    let additions = tree.additions(of: (0..<7).map { Node(level: 0, index: $0) }, into: tree.root)
    #expect(additions.count == 6)
    let sum = evaluate(additions, on: leaves, in: &expressions)
    #expect(expressions.text(sum) == "(((0+1)+(2+3))+((4+5)+6))")
    // Three ranks: 01, then 23, then 456, which is a subtree.
    #expect((0..<3).map { tree.share(of: $0, among: 3) } == [0..<2, 2..<4, 4..<7])
    #expect(
      (0..<3).map { tree.maximalNodes(in: tree.share(of: $0, among: 3)) }
        == [[Node(level: 1, index: 0)], [Node(level: 1, index: 1)], [Node(level: 2, index: 1)]])
    // Two: 012 is no subtree, 3456 neither.
    #expect(
      (0..<2).map { tree.maximalNodes(in: tree.share(of: $0, among: 2)).map(tree.leaves(of:)) }
        == [[0..<2, 2..<3], [3..<4, 4..<7]])
  }

  @Test func sharesAreContiguousAndCoverAllLeaves() throws {
    for leaves in Array(1...64) + [100, 511, 512, 513, 1000] {
      for ranks in 1...leaves + 2 {
        let tree = CanonicalTree(leaves: leaves)
        let shares = (0..<ranks).map { tree.share(of: $0, among: ranks) }
        try #require(shares.first?.lowerBound == 0 && shares.last?.upperBound == leaves)
        try #require(
          zip(shares, shares.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound }, "\(leaves) \(ranks)")
        try #require(shares.map(\.count).max()! - shares.map(\.count).min()! <= 1, "\(leaves) \(ranks)")
      }
    }
  }

  @Test func theRootIsTheLowestNodeOverAllLeaves() throws {
    for leaves in 1...1000 {
      let tree = CanonicalTree(leaves: leaves)
      try #require(tree.leaves(of: tree.root) == 0..<leaves)
      try #require(tree.lowest(tree.root) == tree.root, "\(leaves)")
    }
  }

  /// Every range of every tree up to 40 leaves, against a search through all subtrees.
  @Test func maximalNodesCoverTheRangeAndAreMaximal() throws {
    for leaves in 1...40 {
      var expressions = Expressions()
      let subtrees = PairedTree(leaves: leaves, in: &expressions).subtrees.keys
      let tree = CanonicalTree(leaves: leaves)
      for first in 0...leaves {
        for end in first...leaves {
          let inside = subtrees.filter { first <= $0.lowerBound && $0.upperBound <= end }
          let maximal = inside.filter { small in
            !inside.contains { $0 != small && $0.lowerBound <= small.lowerBound && small.upperBound <= $0.upperBound }
          }
          let nodes = tree.maximalNodes(in: first..<end)
          try #require(
            nodes.map(tree.leaves(of:)) == maximal.sorted { $0.lowerBound < $1.lowerBound },
            "\(first)..<\(end) of \(leaves)")
          try #require(nodes.map(tree.lowest) == nodes, "each is named at its lowest level")
        }
      }
    }
  }

  /// The heart of the contract: whoever adds what, the same additions are made.
  @Test func anyNumberOfRanksMakesTheAdditionsOfOne() throws {
    let some = [65, 96, 100, 127, 128, 129, 255, 257, 500, 999, 1000]
    for leaves in Array(1...64) + some {
      let tree = CanonicalTree(leaves: leaves)
      var expressions = Expressions()
      let paired = PairedTree(leaves: leaves, in: &expressions)
      let counts = leaves <= 64 ? Array(1...leaves + 2) : [1, 2, 3, 5, 7, 16, 31, 64, leaves - 1, leaves, leaves + 2]
      for ranks in counts {
        let nodes = (0..<ranks).flatMap { tree.maximalNodes(in: tree.share(of: $0, among: ranks)) }
        let sums = nodes.map { node in
          let operands = tree.leaves(of: node)
          let additions = tree.additions(of: operands.map { Node(level: 0, index: $0) }, into: node)
          return evaluate(additions, on: operands.map { expressions.leaf($0) }, in: &expressions)
        }
        try #require(sums == nodes.map { paired.subtrees[tree.leaves(of: $0)] }, "\(leaves) leaves, \(ranks) ranks")
        let additions = tree.additions(of: nodes, into: tree.root)
        let sum = evaluate(additions, on: sums, in: &expressions)
        try #require(sum == paired.root, "\(leaves) leaves, \(ranks) ranks: \(expressions.text(sum))")
        try #require(additions.count == nodes.count - 1)
      }
    }
  }

  /// With more powers of two of leaves than ranks, a rank brings one node; never more than two a level.
  @Test func ranksBringFewNodes() throws {
    for leaves in 1...300 {
      let tree = CanonicalTree(leaves: leaves)
      for ranks in 1...min(leaves, 20) {
        for rank in 0..<ranks {
          let share = tree.share(of: rank, among: ranks)
          let count = tree.maximalNodes(in: share).count
          let levels = Int.bitWidth - share.count.leadingZeroBitCount
          try #require(count <= 2 * levels, "rank \(rank) of \(ranks), \(leaves) leaves")
          if leaves.nonzeroBitCount == 1, ranks.nonzeroBitCount == 1 { try #require(count == 1) }
        }
      }
    }
  }

  @Test func scalarsAreAddedAlongTheTree() throws {
    // Added from left to right this would be ((1 + 0) + 1e16) - 1e16 = 0, since 1 + 1e16 rounds to 1e16.
    try #require(CanonicalTree(leaves: 4).sum([1, 0, 1e16, -1e16]) == 1)
    try #require(CanonicalTree(leaves: 3).sum([1, 1e16, -1e16]) == 0)
    try #require(CanonicalTree(leaves: 1).sum([-0.0]).sign == .minus)
    for leaves in 1...200 {
      // Thirds, sevenths, …: every sum rounds.
      let values = (0..<leaves).map { 1 / Double($0 * 7919 % 1009 + 1) }
      try #require(CanonicalTree(leaves: leaves).sum(values) == pairwise(values), "\(leaves)")
    }
  }

  /// Level by level, as the picture shows.
  private func pairwise(_ values: [Double]) -> Double {
    if values.count == 1 { return values[0] }
    return pairwise(
      stride(from: 0, to: values.count, by: 2).map { index in
        index + 1 < values.count ? values[index] + values[index + 1] : values[index]
      })
  }
}
