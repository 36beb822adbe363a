import Kernels
import Tensors
import Testing

@testable import Reduction

/// A fold makes the additions of the tree, whichever operands lie in reach and whichever were sent.
@Suite struct ContributionTests {
  @Test func operandsMayComeAnyWay() throws {
    let count = 2 * Kernels.blockSize + 16
    // A slice in the middle of the buffer, and a part of it.
    let (slice, part) = (Kernels.blockSize..<2 * Kernels.blockSize + 16, 16..<48)
    for leaves in 1...9 {
      let inputs = (0..<leaves).map { leaf in
        let buffer = FlatBuffer(count: count)
        GradientReducerTests.fill(buffer.view, leaf: leaf)
        return buffer.view.array
      }
      let expected = Self.sum(inputs)
      for ranks in 1...5 {
        for rank in 0..<ranks {
          let route = Route(leaves: leaves, rank: rank, of: ranks)
          // Bit r of the way: the nodes of rank r lie in reach.
          for way in 0..<1 << ranks {
            let nodes = route.nodes.map { list in
              list.map { node in
                let buffer = FlatBuffer(count: count)
                let tree = CanonicalTree(leaves: leaves)
                buffer.view.assign(Self.sum(Array(inputs[tree.leaves(of: node)])))
                return buffer.view
              }
            }
            let contribution = Contribution(route, nodes: nodes[rank]) { other, place in
              way >> other & 1 == 1 ? nodes[other][place] : nil
            }
            let all = nodes.flatMap { $0 }
            let sum = nodes[rank].first?[slice] ?? FlatBuffer(count: slice.count).view
            contribution.fold(part, of: slice, into: sum[part]) { all[$0][slice] }
            let found = sum[part].array
            let wanted = Array(expected[slice.lowerBound + part.lowerBound..<slice.lowerBound + part.upperBound])
            try #require(found == wanted, "\(leaves) leaves, rank \(rank) of \(ranks), way \(way)")
          }
        }
      }
    }
  }

  /// Neighbours are paired, level by level, an odd one out rises: the definition of the tree, over whole buffers.
  private static func sum(_ leaves: [[Float]]) -> [Float] {
    var level = leaves
    while level.count > 1 {
      level = stride(from: 0, to: level.count, by: 2).map { left in
        left + 1 < level.count ? zip(level[left], level[left + 1]).map { $0 + $1 } : level[left]
      }
    }
    return level[0]
  }
}
