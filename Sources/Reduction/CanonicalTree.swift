/// The fixed binary tree along which the leaves of a batch are added: index arithmetic, no floats.
///
/// ```
/// leaf      0   1   2   3   4   5   6         leaves = 7
///           └─┬─┘   └─┬─┘   └─┬─┘   │
///            01      23      45     6         an odd one out rises as it is
///             └───┬───┘       └──┬──┘
///               0123            456
///                 └──────┬──────┘
///                     0123456
/// ```
///
/// It depends on the number of leaves alone. Whoever holds a contiguous range of leaves can add up the maximal complete
/// subtrees inside it; the same additions are then made, whoever makes them, and the bits of the sum are the same.
public struct CanonicalTree: Hashable, Sendable {
  public let leaves: Int

  /// A tree over so many leaves, at least one.
  public init(leaves: Int) {
    precondition(leaves > 0, "a tree has at least one leaf, found \(leaves)")
    self.leaves = leaves
  }

  /// A subtree: at `level` l, number `index` i, it covers the leaves i·2ˡ ..< min((i+1)·2ˡ, leaves).
  public struct Node: Hashable, Sendable {
    public let level: Int
    public let index: Int

    /// A subtree, by its place.
    public init(level: Int, index: Int) {
      self.level = level
      self.index = index
    }
  }

  /// The leaves under a node.
  public func leaves(of node: Node) -> Range<Int> {
    let first = node.index << node.level
    return first..<max(first, min((node.index + 1) << node.level, leaves))
  }

  /// The node over all leaves, at the lowest level that has one node.
  public var root: Node {
    Node(level: leaves == 1 ? 0 : Int.bitWidth - (leaves - 1).leadingZeroBitCount, index: 0)
  }

  /// The two nodes below `node`, or one where the odd one out rises; none below a leaf.
  public func children(of node: Node) -> [Node] {
    guard node.level > 0 else { return [] }
    let left = Node(level: node.level - 1, index: 2 * node.index)
    let right = Node(level: node.level - 1, index: 2 * node.index + 1)
    return leaves(of: right).isEmpty ? [left] : [left, right]
  }

  /// The part of the leaves, contiguous and as equal as can be, that falls to one of `parts`.
  public func share(of part: Int, among parts: Int) -> Range<Int> {
    contiguousShare(of: part, among: parts, in: 0..<leaves)
  }

  /// The maximal complete subtrees inside `range`, from left to right: one where the range is a subtree, O(log) otherwise.
  public func maximalNodes(in range: Range<Int>) -> [Node] {
    precondition(range.lowerBound >= 0 && range.upperBound <= leaves, "\(range) is outside of 0..<\(leaves)")
    var nodes: [Node] = []
    var first = range.lowerBound
    while first < range.upperBound {
      var node = Node(level: 0, index: first)
      while node.level < root.level, node.index % 2 == 0 {
        let parent = Node(level: node.level + 1, index: node.index / 2)
        if leaves(of: parent).upperBound > range.upperBound { break }
        node = parent
      }
      nodes.append(lowest(node))
      first = leaves(of: node).upperBound
    }
    return nodes
  }

  /// The lowest node over the same leaves: an odd one out is named where it last was added to.
  public func lowest(_ node: Node) -> Node {
    var node = node
    while node.level > 0 {
      let below = children(of: node)
      guard below.count == 1 else { break }
      node = below[0]
    }
    return node
  }

  /// `operand[into] = operand[into] + operand[from]`
  public struct Addition: Hashable, Sendable {
    public let into: Int
    public let from: Int
  }

  /// The additions that turn `operands`, subtrees that cover `target`'s leaves from left to right, into `target`'s sum.
  ///
  /// Left operand first, in an order in which each operand is complete when it is added; the sum ends in the first of
  /// them. No operand may stand twice.
  public func additions(of operands: [Node], into target: Node) -> [Addition] {
    var additions: [Addition] = []
    let place = Dictionary(uniqueKeysWithValues: operands.enumerated().map { (lowest($1), $0) })
    func sum(_ node: Node) -> Int {
      let node = lowest(node)
      if let operand = place[node] { return operand }
      precondition(node.level > 0, "leaf \(node.index) is missing in \(operands)")
      let parts = children(of: node).map(sum)
      additions.append(Addition(into: parts[0], from: parts[1]))
      return parts[0]
    }
    _ = sum(target)
    return additions
  }
}

/// Part `part` of `parts` contiguous, nearly equal parts of `range`; some are empty where there are more parts than elements.
public func contiguousShare(of part: Int, among parts: Int, in range: Range<Int>) -> Range<Int> {
  precondition(part >= 0 && part < parts, "part \(part) of \(parts)")
  return range.lowerBound + range.count * part / parts..<range.lowerBound + range.count * (part + 1) / parts
}
