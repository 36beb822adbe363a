import CKernelsPaths
import Kernels
import Tensors

/// Those of layers of sequences.
extension KernelDigests {
  /// Rows of `count` columns, backward from what forward left.
  mutating func sequences(_ path: ck_path) {
    note("layer norm") { count in
      let (x, y, statistics) = (floats(uniform(3 * count, 2)), floats(count: 3 * count), floats(count: 6))
      let (gamma, beta) = (floats(uniform(count, 2, stream: 1)), floats(uniform(count, 2, stream: 2)))
      path.layer_norm_forward(y.base, statistics.base, x.base, gamma.base, beta.base, 3, Int64(count), 1e-5)
      let (dx, dgamma, dbeta) = (floats(count: 3 * count), floats(count: count), floats(count: count))
      path.layer_norm_backward(
        dx.base, dgamma.base, dbeta.base, y.base, x.base, statistics.base, gamma.base, 3, Int64(count))
      return [y, statistics, dx, dgamma, dbeta].flatMap { Array($0.bytes) }
    }
    for (name, isCausal) in [("causal attention", true), ("attention", false)] {
      note(name) { count in
        // Three queries, a lane each.
        let lanes = Int(CK_ATTENTION_LANES)
        func stripe(_ rows: [Float]) -> FloatView {
          floats((0..<count * lanes).map { $0 % lanes < 3 ? rows[$0 % lanes * count + $0 / lanes] : 0 })
        }
        func rows(_ stripe: FloatView) -> FloatView {
          let values = stripe.array
          return floats((0..<3 * count).map { values[$0 % count * lanes + $0 / count] })
        }
        let scores = uniform(3 * count, 8)
        let (forward, again, gradient) = (stripe(scores), stripe(scores), stripe(uniform(3 * count, 1, stream: 1)))
        let (maxima, inverses) = (floats(count: lanes), floats(count: lanes))
        let (keys, diagonal) = (Int64(count), Int64(isCausal ? max(0, count - 3) : count))
        path.attention_stripe_forward(forward.base, maxima.base, inverses.base, keys, Int64(lanes), diagonal, 0.3)
        path.attention_stripe_backward(
          again.base, gradient.base, maxima.base, inverses.base, keys, Int64(lanes), diagonal, 0.3)
        let statistics = floats((0..<6).map { ($0 % 2 == 0 ? maxima : inverses).array[$0 / 2] })
        return [rows(forward), statistics, rows(again), rows(gradient)].flatMap { Array($0.bytes) }
      }
    }
    note("attention's slopes, window and dropout") { count in
      let lanes = Int(CK_ATTENTION_LANES), keys = Int64(count)
      let (scores, row) = (floats(uniform(count * lanes, 3)), floats(uniform(count, 3)))
      path.attention_stripe_bias(scores.base, keys, Int64(lanes), keys / 2, 0.3)
      path.attention_row_bias(row.base, keys, keys / 2, 0.3)
      var draw = ck_attention_dropout()
      (draw.threshold, draw.scale, draw.key0, draw.key1, draw.layer, draw.step) = (3 << 30, 4 / 3, 8, 9, 2, 5)
      path.attention_stripe_dropout(scores.base, keys, Int64(lanes), 32, &draw, 11)
      path.attention_stripe_window(scores.base, keys, Int64(lanes), keys / 2, 3)
      return Array(scores.bytes) + Array(row.bytes)
    }
    note("rotary positions") { count in
      let x = floats(uniform(3 * (4 * count + 1), 1))
      let (cosines, sines) = (floats(uniform(3 * count, 1, stream: 1)), floats(uniform(3 * count, 1, stream: 2)))
      path.rotate(x.base, 3, Int64(4 * count + 1), 2, Int64(2 * count), cosines.base, sines.base, 0)
      path.rotate(x.base, 3, Int64(4 * count + 1), 1, Int64(2 * count), cosines.base, sines.base, 1)
      return Array(x.bytes)
    }
    note("mean and maximum of positions") { count in
      let (x, lengths) = (floats(uniform(3 * 5 * count, 1)), [5, 0, 3] as [Int32])
      let (means, maxima) = (floats(count: 3 * count), floats(count: 3 * count))
      let (one, other) = (floats(count: 15 * count), floats(count: 15 * count))
      var places = [Int32](repeating: 9, count: 3 * count)
      path.mean_positions(means.base, x.base, lengths, 3, 5, Int64(count))
      path.mean_positions_backward(one.base, means.base, lengths, 3, 5, Int64(count))
      path.max_positions(maxima.base, &places, x.base, lengths, 3, 5, Int64(count))
      path.max_positions_backward(other.base, maxima.base, places, 3, 5, Int64(count))
      return [means, maxima, one, other].flatMap { Array($0.bytes) }
    }
    note("attention of one query") { count in
      let (scores, statistics) = (floats(uniform(count, 8)), floats(count: 2))
      path.attention_row(scores.base, statistics.base, statistics.base + 1, Int64(count), 0.3)
      return Array(scores.bytes) + Array(statistics.bytes)
    }
    note("embedding") { count in
      let (table, tokens) = (floats(uniform(4 * count, 1)), floats([3, 0, 3, 1]))
      let (y, dtable) = (floats(count: 4 * count), floats(count: 4 * count))
      path.embedding_forward(y.base, table.base, tokens.base, 4, Int64(count))
      path.embedding_backward(dtable.base, y.base, tokens.base, 4, 4, Int64(count))
      return Array(y.bytes) + Array(dtable.bytes)
    }
    note("rows that occur") { count in
      let (sum, leaf) = (floats(count: 4 * count), floats(uniform(4 * count, 1, stream: 1)))
      let dy = floats(uniform(3 * count, 1))
      var (touched, rows) = ([[UInt8](repeating: 0, count: 4), [UInt8](repeating: 0, count: 4)], [[Int32]]())
      var counts: [Int64] = []
      for (number, tokens) in [[3, 1, 3], [1, 2, 2]].enumerated() as EnumeratedSequence<[[Float]]> {
        var list = [Int32](repeating: 9, count: 4)
        counts.append(
          path.embedding_backward_rows(
            [sum, leaf][number].base, dy.base, floats(tokens).base, 3, Int64(count), &touched[number], &list))
        rows.append(list)
      }
      let all = path.add_rows(
        sum.base, &touched[0], &rows[0], counts[0], leaf.base, touched[1], rows[1], counts[1], Int64(count))
      return Array(sum.bytes) + touched.joined() + (rows.joined() + [Int32(all)]).map { UInt8(truncatingIfNeeded: $0) }
    }
  }
}
