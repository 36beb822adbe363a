/// Who brings which nodes for a batch of so many leaves, and how they are added: arithmetic, the same on every rank.
public struct Route: Sendable {
  /// Of the batch.
  public let leaves: Int
  /// The nodes of each rank, from left to right.
  public let nodes: [[CanonicalTree.Node]]
  /// The additions over the operands, which are all ranks' nodes, rank by rank; the sum ends in the first operand.
  public let additions: [CanonicalTree.Addition]
  /// Where the nodes of each rank start among the operands.
  public let starts: [Int]
  /// The share of the leaves of the rank that made this.
  public let range: Range<Int>
  /// The rank that made this.
  public let rank: Int

  /// Of a batch of so many leaves, for one rank of so many.
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

  /// The places of a rank's nodes among the operands.
  public func operands(of rank: Int) -> Range<Int> { starts[rank]..<starts[rank] + nodes[rank].count }

  /// The largest number of nodes of a rank.
  public let rounds: Int

  /// How many nodes all ranks but `rank` bring.
  public func foreign(to rank: Int) -> Int { nodes.reduce(0) { $0 + $1.count } - nodes[rank].count }
}
