/// What a lane does with the leaves of its range: which buffer each leaf is written to, and which are then added.
///
/// A lane computes leaf after leaf and adds what is complete, so that it wants one buffer a level of its subtree and
/// not one a leaf. Made once; following it allocates nothing.
public struct LeafSchedule: Sendable {
  public enum Action: Hashable, Sendable {
    /// Compute a leaf into a buffer, overwriting it.
    case leaf(Int, into: Int)
    /// buffer[into] += buffer[from]
    case add(CanonicalTree.Addition)
  }

  public private(set) var actions: [Action] = []
  /// The maximal complete subtrees of the range, and the buffer that holds each in the end.
  public private(set) var nodes: [(node: CanonicalTree.Node, buffer: Int)] = []
  /// Gradient buffers that a lane needs.
  public private(set) var bufferCount = 0

  public init(tree: CanonicalTree, range: Range<Int>) {
    var free: [Int] = []
    func compute(_ node: CanonicalTree.Node) -> Int {
      if node.level == 0 {
        if free.isEmpty {
          free.append(bufferCount)
          bufferCount += 1
        }
        let buffer = free.removeLast()
        actions.append(.leaf(node.index, into: buffer))
        return buffer
      }
      let parts = tree.children(of: node).map(compute)
      if parts.count == 2 {
        actions.append(.add(.init(into: parts[0], from: parts[1])))
        free.append(parts[1])
      }
      return parts[0]
    }
    for node in tree.maximalNodes(in: range) { nodes.append((node, compute(node))) }
  }
}
