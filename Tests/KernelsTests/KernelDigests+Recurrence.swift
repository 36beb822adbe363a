import CKernelsPaths
import Kernels
import Tensors

/// Those of sequences that are read position by position, and of bags of tokens.
extension KernelDigests {
  /// Three samples, the second of which ends before position 2; outputs lie side by side with those of another direction.
  mutating func recurrences(_ path: ck_path) {
    let lengths: [Int32] = [5, 2, 3]
    note("lstm") { H in
      let W = 2 * H
      let gates = floats(uniform(12 * H, 4)), before = floats(uniform(3 * H, 2, stream: 1))
      let (dh, dy) = (floats(uniform(3 * H, 1, stream: 2)), floats(uniform(3 * W, 1, stream: 3)))
      let (c, squashed, h, dc) = (
        floats(count: 3 * H), floats(count: 3 * H), floats(count: 3 * W), floats(uniform(3 * H, 1, stream: 4))
      )
      path.lstm_forward(
        gates.base, c.base, squashed.base, h.base, before.base, lengths, 2, 3, Int64(H), Int64(W))
      let forward = [gates, c, squashed, h].flatMap { Array($0.bytes) }
      path.lstm_backward(
        gates.base, dc.base, dh.base, dy.base, before.base, squashed.base, lengths, 2, 3, Int64(H), Int64(W))
      return forward + [gates, dc].flatMap { Array($0.bytes) }
    }
    note("gru") { H in
      let W = 2 * H
      let gates = floats(uniform(9 * H, 4)), hidden = floats(uniform(9 * H, 4, stream: 1))
      let before = floats(uniform(3 * W, 1, stream: 2)), dy = floats(uniform(3 * W, 1, stream: 3))
      let (kept, h, dh, dhidden) = (
        floats(count: 3 * H), floats(count: 3 * W), floats(uniform(3 * H, 1, stream: 4)), floats(count: 9 * H)
      )
      path.gru_forward(
        gates.base, kept.base, h.base, hidden.base, before.base, lengths, 2, 3, Int64(H), Int64(W))
      let forward = [gates, kept, h].flatMap { Array($0.bytes) }
      path.gru_backward(
        gates.base, dhidden.base, dh.base, dy.base, before.base, kept.base, lengths, 2, 3, Int64(H), Int64(W))
      return forward + [gates, dhidden, dh].flatMap { Array($0.bytes) }
    }
  }

  /// Two samples of five tokens of seven, one of which is left out.
  mutating func bags(_ path: ck_path) {
    let tokens: [Float] = [3, 0, 6, 3, 1, 0, 0, 5, 0, 0]
    note("bags of tokens") { D in
      let (table, dy) = (floats(uniform(7 * D, 1)), floats(uniform(2 * D, 1, stream: 1)))
      return [Float(-1), 0].flatMap { padding in
        [(false, Int32(0)), (false, 1), (true, 0)].flatMap { isMost, means in
          let (y, places) = (floats(count: 2 * D), floats(count: 2 * D))
          let (rows, kept) = (floats(count: 10 * D), floats(count: 10))
          let own = isMost ? places.base : nil
          path.embedding_bag_forward(y.base, own, table.base, tokens, 2, 5, Int64(D), padding, means)
          _ = path.embedding_bag_backward(
            rows.base, kept.base, dy.base, own, tokens, 2, 5, Int64(D), padding, means)
          return [y, places, rows, kept].flatMap { Array($0.bytes) }
        }
      }
    }
  }
}
