/// What `pairwiseFold` gives, of nodes that come one after the other: memory is that of one node a level of the tree.
package struct StreamingFold<Node> {
  private let add: (Node, Node) -> Node
  /// Sums of complete subtrees, from the largest on, of 2^level nodes each.
  private var subtrees: [(level: Int, sum: Node)] = []

  package init(_ add: @escaping (Node, Node) -> Node) { self.add = add }

  /// Adds the next node.
  package mutating func add(_ node: Node) {
    var (level, sum) = (0, node)
    while let last = subtrees.last, last.level == level {
      sum = add(last.sum, sum)
      level += 1
      subtrees.removeLast()
    }
    subtrees.append((level, sum))
  }

  /// The fold of all nodes so far; nil where there are none.
  package var total: Node? {
    guard var sum = subtrees.last?.sum else { return nil }
    // What is left over on the right rises as it is.
    for subtree in subtrees.dropLast().reversed() { sum = add(subtree.sum, sum) }
    return sum
  }
}
