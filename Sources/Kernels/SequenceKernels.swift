import CKernels
import Tensors

// N rows (positions of all samples), D columns (width), V rows of a table (vocabulary).

extension Kernels {
  /// Overwrites `y` (N×D) with the rows of `x`, each brought to mean 0 and variance 1, times `gamma` plus `beta`.
  ///
  /// `statistics` (N×2) gets what backward needs. `y` must not overlap `x`.
  package static func layerNorm(
    _ x: FloatView, gamma: FloatView, beta: FloatView, epsilon: Float, statistics: FloatView, into y: FloatView
  ) {
    layerNorm(x, gamma: gamma, beta: beta, epsilon: epsilon, statistics: statistics, into: .float32(y))
  }

  /// Overwrites `dgamma` and `dbeta` (D) with sums over rows, ascending, and `dx` (N×D), where given.
  ///
  /// `statistics` are the forward's. `dx` must not overlap `dy`.
  package static func layerNormBackward(
    _ dy: FloatView, x: FloatView, gamma: FloatView, statistics: FloatView, dgamma: FloatView, dbeta: FloatView,
    into dx: FloatView?
  ) {
    layerNormBackward(
      .float32(dy), x: x, gamma: gamma, statistics: statistics, dgamma: dgamma, dbeta: dbeta, into: dx)
  }

  /// Overwrites `dx` with the gradient of the softmax of each row, from its output `y`; `dx` may alias `dy`.
  package static func softmaxBackward(_ dy: FloatView, output y: FloatView, columns: Int, into dx: FloatView) {
    precondition(dy.count == y.count && dx.count == y.count, "\(dy.count), \(y.count) and \(dx.count) gradients")
    Crew.split(rowCount(y, columns), cost: y.count / 4, over: (dx.base, dy.base, y.base, columns)) { task, part in
      let first = part.lowerBound * task.3
      ck_softmax_backward(task.0 + first, task.1 + first, task.2 + first, Int64(part.count), Int64(task.3))
    }
  }

  /// Overwrites `y` (N×D) with the rows of `table` (V×D) that `tokens` (N), whole numbers in 0..<V, name.
  package static func embed(_ tokens: FloatView, table: FloatView, width: Int, into y: FloatView) {
    check(tokens, vocabulary: rowCount(table, width))
    precondition(y.count == tokens.count * width, "\(tokens.count) tokens of \(width) into \(y.count) floats")
    Crew.split(
      tokens.count, cost: y.count / 8, over: (y.base, table.base, tokens.base, width)
    ) { task, part in
      ck_embedding_forward(
        task.0 + part.lowerBound * task.3, task.1, task.2 + part.lowerBound, Int64(part.count), Int64(task.3))
    }
  }

  /// Overwrites `dtable` (V×D) with the sums of the rows of `dy` (N×D) that have the same token, ascending.
  ///
  /// The whole table is zeroed first: a pass costs V·D writes, however few tokens it sees. `TouchedRows` does without.
  package static func embedBackward(_ dy: FloatView, tokens: FloatView, width: Int, into dtable: FloatView) {
    let vocabulary = rowCount(dtable, width)
    check(tokens, vocabulary: vocabulary)
    precondition(dy.count == tokens.count * width, "\(tokens.count) tokens of \(width), \(dy.count) gradients")
    ck_embedding_backward(
      dtable.base, dy.base, tokens.base, Int64(tokens.count), Int64(vocabulary), Int64(width))
  }

  /// Adds the rows of `dy` (N×D) to those of `dtable` (V×D) that have their token, ascending.
  package static func embedBackward(_ dy: FloatView, tokens: FloatView, width: Int, addingInto dtable: FloatView) {
    check(tokens, vocabulary: rowCount(dtable, width))
    precondition(dy.count == tokens.count * width, "\(tokens.count) tokens of \(width), \(dy.count) gradients")
    ck_embedding_backward_adding(dtable.base, dy.base, tokens.base, Int64(tokens.count), Int64(width))
  }

  /// A token outside of the table would read or write foreign memory.
  static func check(_ tokens: FloatView, vocabulary: Int) {
    for place in 0..<tokens.count {
      let token = tokens.base[place]
      precondition(token >= 0 && token < Float(vocabulary), "token \(token) is outside of 0..<\(vocabulary)")
    }
  }

  static func rowCount(_ view: FloatView, _ columns: Int) -> Int {
    precondition(columns > 0 && view.count % columns == 0, "\(view.count) floats are no rows of \(columns)")
    return view.count / columns
  }
}
