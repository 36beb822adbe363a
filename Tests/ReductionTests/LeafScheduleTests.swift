import Testing

@testable import Reduction

@Suite struct LeafScheduleTests {
  /// Follows a schedule with expressions for floats; a buffer is nil while nothing of worth lies in it.
  private func follow(
    _ schedule: LeafSchedule, in expressions: inout Expressions
  ) throws -> (leaves: [Int], buffers: [Int?]) {
    var leaves: [Int] = []
    var buffers = [Int?](repeating: nil, count: schedule.bufferCount)
    for pass in schedule.passes {
      var sum = expressions.leaf(pass.leaf)
      leaves.append(pass.leaf)
      if let buffer = pass.buffer {
        try #require(buffers[buffer] == nil, "leaf \(pass.leaf) overwrites a sum")
        try #require(pass.sums.isEmpty, "leaf \(pass.leaf) needs no buffer on its way into a sum")
        buffers[buffer] = sum
      }
      for (place, into) in pass.sums.enumerated() {
        sum = expressions.add(try #require(buffers[into], "leaf \(pass.leaf) is added to nothing"), sum)
        // What went on into the next sum is done with.
        buffers[into] = place == pass.sums.count - 1 ? sum : nil
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
      try #require(LeafSchedule(tree: tree, range: 0..<leaves).bufferCount <= max(1, tree.root.level), "\(leaves)")
      let part = tree.share(of: 1, among: 3)
      let schedule = LeafSchedule(tree: tree, range: part)
      // While node k is computed, k others are complete and one sum a level of it is under way; a leaf is one too.
      let needed = schedule.nodes.enumerated().map { $0 + max(1, $1.node.level) }.max() ?? 0
      try #require(schedule.bufferCount <= needed, "\(part) of \(leaves)")
    }
    try #require(LeafSchedule(tree: CanonicalTree(leaves: 1024), range: 0..<1024).bufferCount == 10)
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
