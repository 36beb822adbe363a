import CKernels
import Tensors

/// What the rows of a bag's tokens come to, feature by feature.
public enum BagMode: String, CaseIterable, Sendable {
  /// Their sum, divided by their number.
  case mean
  case sum
  /// The largest.
  case max
}

/// Bags of `positions` tokens: N bags, V×D a table.
package struct EmbeddingBagKernel: Sendable {
  package let mode: BagMode
  package let positions: Int
  /// D
  package let width: Int
  /// The token that counts for nothing; nil: all count.
  package let padding: Int?

  package init(_ mode: BagMode, positions: Int, width: Int, padding: Int?) {
    (self.mode, self.positions, self.width, self.padding) = (mode, positions, width, padding)
  }

  private var leftOut: Float { padding.map { Float($0) } ?? -1 }

  /// Overwrites `y` (N×D); `places` (N×D) is asked for where it takes the largest, for backward.
  package func forward(_ tokens: FloatView, table: FloatView, places: FloatView?, into y: FloatView) {
    let bags = tokens.count / positions
    Kernels.check(tokens, vocabulary: Kernels.rowCount(table, width))
    precondition(
      tokens.count == bags * positions && y.count == bags * width && (places != nil) == (mode == .max),
      "\(tokens.count) tokens in bags of \(positions) into \(y.count) floats")
    let task = (y.base, places?.base, table.base, tokens.base, self)
    Crew.split(bags, cost: tokens.count * width / 8, over: task) { task, part in
      let (b, bag) = (part.lowerBound, task.4)
      ck_embedding_bag_forward(
        task.0 + b * bag.width, task.1.map { $0 + b * bag.width }, task.2, task.3 + b * bag.positions,
        Int64(part.count), Int64(bag.positions), Int64(bag.width), bag.leftOut, bag.mode == .mean ? 1 : 0)
    }
  }

  /// Overwrites the beginnings of `rows` and `kept`, which have room for all tokens, with the gradients of the rows of the tokens that
  /// count, in their order, and with these; returns how many they are.
  package func backward(
    _ dy: FloatView, tokens: FloatView, places: FloatView?, rows: FloatView, kept: FloatView
  ) -> Int {
    let bags = tokens.count / positions
    precondition(
      dy.count == bags * width && rows.count == tokens.count * width && kept.count == tokens.count,
      "\(dy.count) gradients of \(tokens.count) tokens")
    return Int(
      ck_embedding_bag_backward(
        rows.base, kept.base, dy.base, places?.base, tokens.base, Int64(bags), Int64(positions), Int64(width), leftOut,
        mode == .mean ? 1 : 0))
  }
}
