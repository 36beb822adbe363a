/// What a lane does with the leaves of its range: where each leaf goes, and which sums it completes.
///
/// A lane computes leaf after leaf and adds what is complete, so that it wants one buffer a level of its subtree and
/// not one a leaf. A leaf that completes a sum is added to it layer by layer as backward goes on, and needs no buffer at
/// all: 2ⁿ leaves take n. Made once; following it allocates nothing.
///
/// ```
/// leaf  buffer  added to          buffers after it
///  0      0     -                 0
///  1      -     0                 01
///  2      1     -                 01  2
///  3      -     1, 0              0123
/// ```
package struct LeafSchedule: Sendable {
  /// One leaf's turn.
  package struct Pass: Hashable, Sendable {
    package let leaf: Int
    /// Which buffer it overwrites; nil where it is on its way into a sum, and lost afterwards.
    package let buffer: Int?
    /// The buffers that it is added to, one through the other: the first += the leaf, the second += the first, …
    package let sums: [Int]

    package init(leaf: Int, buffer: Int?, sums: [Int]) {
      (self.leaf, self.buffer, self.sums) = (leaf, buffer, sums)
    }
  }

  package private(set) var passes: [Pass] = []
  /// The maximal complete subtrees of the range, and the buffer that holds each in the end.
  package private(set) var nodes: [(node: CanonicalTree.Node, buffer: Int)] = []
  /// Gradient buffers that a lane needs.
  package private(set) var bufferCount = 0
  private var free: [Int] = []

  package init(tree: CanonicalTree, range: Range<Int>) {
    for node in tree.maximalNodes(in: range) { nodes.append((node, compute(node, tree))) }
  }

  /// Appends what computes a node; returns the buffer that holds it then.
  private mutating func compute(_ node: CanonicalTree.Node, _ tree: CanonicalTree) -> Int {
    if node.level == 0 {
      if free.isEmpty {
        free.append(bufferCount)
        bufferCount += 1
      }
      let buffer = free.removeLast()
      passes.append(Pass(leaf: node.index, buffer: buffer, sums: []))
      return buffer
    }
    let parts = tree.children(of: node)
    let buffer = compute(parts[0], tree)
    if parts.count == 2 { add(parts[1], tree, to: [buffer]) }
    return buffer
  }

  /// Appends what computes a node and adds it to the first of `sums`, that to the second, and so on.
  private mutating func add(_ node: CanonicalTree.Node, _ tree: CanonicalTree, to sums: [Int]) {
    if node.level == 0 { return passes.append(Pass(leaf: node.index, buffer: nil, sums: sums)) }
    let parts = tree.children(of: node)
    guard parts.count == 2 else { return add(parts[0], tree, to: sums) }
    let buffer = compute(parts[0], tree)
    add(parts[1], tree, to: [buffer] + sums)
    free.append(buffer)
  }
}
