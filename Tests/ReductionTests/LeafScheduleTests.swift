import Testing

@testable import Reduction

@Suite struct LeafScheduleTests {
  /// Follows a schedule with expressions for floats; a buffer is nil while nothing of worth lies in it.
  private func follow(
    _ schedule: LeafSchedule, in expressions: inout Expressions
  ) throws -> (leaves: [Int], buffers: [Int?]) {
    var leaves: [Int] = []
    var buffers = [Int?](repeating: nil, count: schedule.bufferCount)
    for action in schedule.actions {
      switch action {
      case .leaf(let leaf, let into):
        try #require(buffers[into] == nil, "leaf \(leaf) overwrites a sum")
        buffers[into] = expressions.leaf(leaf)
        leaves.append(leaf)
      case .add(let addition):
        let into = try #require(buffers[addition.into], "\(addition) adds to nothing")
        let from = try #require(buffers[addition.from], "\(addition) adds nothing")
        buffers[addition.into] = expressions.add(into, from)
        buffers[addition.from] = nil
      }
    }
    return (leaves, buffers)
  }

  /// Every range of every tree up to 34 leaves.
  @Test func everyRangeGivesItsSubtreesSums() throws {
    for leaves in 1...34 {
      let tree = CanonicalTree(leaves: leaves)
      var expressions = Expressions()
      let paired = PairedTree(leaves: leaves, in: &expressions)
      for first in 0...leaves {
        for end in first...leaves {
          let schedule = LeafSchedule(tree: tree, range: first..<end)
          let (order, buffers) = try follow(schedule, in: &expressions)
          try #require(order == Array(first..<end), "each leaf once, in order")
          try #require(schedule.nodes.map(\.node) == tree.maximalNodes(in: first..<end))
          for (node, buffer) in schedule.nodes {
            try #require(
              buffers[buffer] == paired.subtrees[tree.leaves(of: node)], "\(first)..<\(end) of \(leaves): \(node)")
          }
          try #require(buffers.count { $0 != nil } == schedule.nodes.count, "every other buffer is free again")
        }
      }
    }
  }

  @Test func oneBufferALevelIsEnough() throws {
    for leaves in 1...1000 {
      let tree = CanonicalTree(leaves: leaves)
      try #require(LeafSchedule(tree: tree, range: 0..<leaves).bufferCount <= tree.root.level + 1, "\(leaves)")
      let part = tree.share(of: 1, among: 3)
      let schedule = LeafSchedule(tree: tree, range: part)
      // While node k is computed, k others are complete and one sum a level of it is under way.
      let needed = schedule.nodes.enumerated().map { $0 + $1.node.level + 1 }.max() ?? 0
      try #require(schedule.bufferCount <= needed, "\(part) of \(leaves)")
    }
    try #require(LeafSchedule(tree: CanonicalTree(leaves: 1024), range: 0..<1024).bufferCount == 11)
    try #require(LeafSchedule(tree: CanonicalTree(leaves: 8), range: 3..<3).bufferCount == 0)
  }

  /// Lanes join as ranks do: leaves to lanes, lanes' nodes to ranks' nodes, ranks' nodes to the root.
  @Test func ranksAndLanesTogetherMakeTheAdditionsOfOne() throws {
    for leaves in 1...24 {
      let tree = CanonicalTree(leaves: leaves)
      var expressions = Expressions()
      let paired = PairedTree(leaves: leaves, in: &expressions)
      for ranks in 1...leaves + 2 {
        for lanes in 1...5 {
          var nodes: [CanonicalTree.Node] = []
          var sums: [Int] = []
          for rank in 0..<ranks {
            let share = tree.share(of: rank, among: ranks)
            let parts = try (0..<lanes).flatMap { lane -> [(node: CanonicalTree.Node, sum: Int)] in
              let schedule = LeafSchedule(tree: tree, range: contiguousShare(of: lane, among: lanes, in: share))
              let buffers = try follow(schedule, in: &expressions).buffers
              return schedule.nodes.map { ($0.node, buffers[$0.buffer]!) }
            }
            for node in tree.maximalNodes(in: share) {
              let inside = parts.filter { tree.leaves(of: node).contains(tree.leaves(of: $0.node).lowerBound) }
              let additions = tree.additions(of: inside.map(\.node), into: node)
              nodes.append(node)
              sums.append(evaluate(additions, on: inside.map(\.sum), in: &expressions))
            }
          }
          let sum = evaluate(tree.additions(of: nodes, into: tree.root), on: sums, in: &expressions)
          try #require(sum == paired.root, "\(leaves) leaves, \(ranks) ranks, \(lanes) lanes: \(expressions.text(sum))")
        }
      }
    }
  }
}
