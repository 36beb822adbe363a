/// Who brings which nodes for a batch of so many leaves, and how they are added: arithmetic, the same on every rank.
public struct Route: Sendable {
  public let leaves: Int
  /// The nodes of each rank, from left to right.
  public let nodes: [[CanonicalTree.Node]]
  /// The additions over all ranks' nodes, rank by rank; the sum ends in the first operand.
  let additions: [CanonicalTree.Addition]
  /// Where the nodes of each rank start among the operands.
  let starts: [Int]
  /// The share of the leaves of the rank that made this.
  public let range: Range<Int>
  let rank: Int

  public init(leaves: Int, rank: Int, of ranks: Int) {
    let tree = CanonicalTree(leaves: leaves)
    self.leaves = leaves
    self.rank = rank
    nodes = (0..<ranks).map { tree.maximalNodes(in: tree.share(of: $0, among: ranks)) }
    var (starts, end) = ([Int](), 0)
    for list in nodes {
      starts.append(end)
      end += list.count
    }
    self.starts = starts
    rounds = nodes.map(\.count).max() ?? 0
    additions = tree.additions(of: nodes.flatMap { $0 }, into: tree.root)
    range = tree.share(of: rank, among: ranks)
  }

  /// The nodes that this rank brings.
  public var own: [CanonicalTree.Node] { nodes[rank] }

  /// The largest number of nodes of a rank.
  let rounds: Int

  /// Nodes that the others bring to `rank`.
  func foreign(to rank: Int) -> Int { nodes.reduce(0) { $0 + $1.count } - nodes[rank].count }
}
