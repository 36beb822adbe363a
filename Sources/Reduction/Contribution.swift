import Kernels
import Tensors

/// What a rank brings to the sum of a batch: the sums of its subtrees, where they lie, and how all ranks' are added.
///
/// Made once for each place that the nodes may lie in; a step allocates nothing.
public struct Contribution: Sendable {
  /// Who brings what, and how it is added.
  public let route: Route
  /// The sums of `route.own`: flat buffers, whose content is lost when the batch is summed.
  public let nodes: [FloatView]
  /// The operands of `route.additions`, all ranks' nodes: flat buffers where this rank can read them, nil where they have
  /// to be sent to it.
  public let operands: [FloatView?]

  /// - Parameter others: where node number `place` of another rank lies; nil where that is out of reach.
  public init(_ route: Route, nodes: [FloatView], others: (_ rank: Int, _ place: Int) -> FloatView? = { _, _ in nil }) {
    precondition(nodes.count == route.own.count, "expected \(route.own.count) nodes, found \(nodes.count)")
    (self.route, self.nodes) = (route, nodes)
    operands = route.nodes.enumerated().flatMap { rank, list in
      list.indices.map { rank == route.rank ? nodes[$0] : others(rank, $0) }
    }
  }

  /// Overwrites `sum` with the sum along the tree over all ranks' nodes of `part`, counted from the first float of
  /// `slice`, an owned range of the flat buffer.
  ///
  /// Only the owner touches its slice of a node, so that it may add in place, in another rank's node too. `sum` may lie in
  /// the first of its own.
  ///
  /// - Parameter sent: what was sent of an operand that is out of reach: as many floats as the slice has, which the
  ///   additions overwrite. Left out, all are in reach.
  public func fold(
    _ part: Range<Int>, of slice: Range<Int>, into sum: FloatView,
    sent: (_ operand: Int) -> FloatView = { preconditionFailure("operand \($0) is out of reach") }
  ) {
    func operand(_ number: Int) -> FloatView { (operands[number]?[slice] ?? sent(number))[part] }
    let additions = route.additions
    for (number, addition) in additions.enumerated() {
      let (into, from) = (operand(addition.into), operand(addition.from))
      Kernels.add(into, from, into: number == additions.count - 1 ? sum : into)
    }
    guard additions.isEmpty else { return }
    let only = operand(0)
    if only.base != sum.base { sum.assign(only) }
  }
}
