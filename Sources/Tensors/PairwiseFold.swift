/// Adds nodes along the canonical tree: adjacent pairs, then pairs of their sums; an odd one out rises as it is. The order
/// depends on how many there are alone. Nil where there are none.
package func pairwiseFold<Node>(_ nodes: [Node], _ add: (Node, Node) -> Node) -> Node? {
  var nodes = nodes
  while nodes.count > 1 {
    nodes = stride(from: 0, to: nodes.count, by: 2).map { left in
      left + 1 < nodes.count ? add(nodes[left], nodes[left + 1]) : nodes[left]
    }
  }
  return nodes.first
}
