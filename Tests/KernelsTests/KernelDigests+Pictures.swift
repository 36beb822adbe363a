import CKernelsPaths
import Kernels
import Tensors

/// Those of networks of pictures: more activations, norms and pools.
extension KernelDigests {
  mutating func moreActivations(_ path: ck_path) {
    unary("relu6 forward", limit: 9) { path.relu6_forward($0, $1, $2) }
    unary("hard sigmoid forward", limit: 5) { path.hard_sigmoid_forward($0, $1, $2) }
    unary("hard swish forward", limit: 5) { path.hard_swish_forward($0, $1, $2) }
    unary("elu forward", limit: 20) { path.elu_forward($0, $1, $2, 1.5) }
    unary("softplus forward", limit: 20) { path.softplus_forward($0, $1, $2, 1.5) }
    unary("mish forward", limit: 30) { path.mish_forward($0, $1, $2) }
    binary("relu6 backward") { path.relu6_backward($0, $1, $2, $3) }
    binary("hard sigmoid backward") { path.hard_sigmoid_backward($0, $1, $2, $3) }
    binary("hard swish backward") { path.hard_swish_backward($0, $1, $2, $3) }
    binary("elu backward") { path.elu_backward($0, $1, $2, $3, 1.5) }
    binary("softplus backward") { path.softplus_backward($0, $1, $2, $3, 1.5) }
    binary("mish backward") { path.mish_backward($0, $1, $2, $3) }
    note("prelu") { count in
      let (x, dy) = (floats(uniform(70 * count, 2)), floats(uniform(70 * count, 1, stream: 1)))
      let (slopes, y, dx) = (floats(uniform(count, 1, stream: 2)), floats(count: 70 * count), floats(count: 70 * count))
      var sums = [Double](repeating: 0, count: count)
      path.prelu_forward(y.base, x.base, slopes.base, 70, Int64(count))
      path.prelu_backward(dx.base, dy.base, x.base, slopes.base, 70, Int64(count))
      path.prelu_sums(&sums, dy.base, x.base, 70, Int64(count))
      return Array(y.bytes) + Array(dx.bytes) + sums.withUnsafeBytes { Array($0) }
    }
    note("bfloat16 prelu") { count in
      let (x, dy) = (halves(uniform(70 * count, 2)), halves(uniform(70 * count, 1, stream: 1)))
      let (slopes, y, dx) = (floats(uniform(count, 1, stream: 2)), halves(count: 70 * count), halves(count: 70 * count))
      var sums = [Double](repeating: 0, count: count)
      path.bfloat16_prelu_forward(y.base, x.base, slopes.base, 70, Int64(count))
      path.bfloat16_prelu_backward(dx.base, dy.base, x.base, slopes.base, 70, Int64(count))
      path.bfloat16_prelu_sums(&sums, dy.base, x.base, 70, Int64(count))
      return y.bytes + dx.bytes + sums.withUnsafeBytes { Array($0) }
    }
  }

  mutating func moreNorms(_ path: ck_path) {
    note("rms norm") { count in
      let (x, dy, gamma) = (
        floats(uniform(3 * count, 2)), floats(uniform(3 * count, 1, stream: 1)), floats(uniform(count, 2, stream: 2))
      )
      let (y, dx, dgamma, inverses) = (
        floats(count: 3 * count), floats(count: 3 * count), floats(count: count), floats(count: 3)
      )
      let half = halves(count: 3 * count)
      let D = Int64(count)
      path.rms_norm_forward(y.base, 1, inverses.base, x.base, gamma.base, 3, D, 1e-5)
      path.rms_norm_forward(half.base, 0, inverses.base, x.base, gamma.base, 3, D, 1e-5)
      path.rms_norm_rows(dx.base, dy.base, 1, x.base, inverses.base, gamma.base, 3, D)
      path.rms_norm_sums(dgamma.base, dy.base, 1, x.base, inverses.base, 3, D, D)
      let wide = [y, dx, dgamma, inverses].flatMap { Array($0.bytes) }
      path.rms_norm_rows(dx.base, half.base, 0, x.base, inverses.base, gamma.base, 3, D)
      path.rms_norm_sums(dgamma.base, half.base, 0, x.base, inverses.base, 3, D, D)
      return wide + half.bytes + [dx, dgamma].flatMap { Array($0.bytes) }
    }
    // Two samples of 35 rows, in groups of three channels.
    note("group norm") { count in
      let C = 3 * count
      let (x, dy) = (floats(uniform(70 * C, 2)), floats(uniform(70 * C, 1, stream: 1)))
      let (gamma, beta) = (floats(uniform(C, 2, stream: 2)), floats(uniform(C, 2, stream: 3)))
      let (y, dx, statistics, room) = (
        floats(count: 70 * C), floats(count: 70 * C), floats(count: 4 * count), floats(count: 4 * C)
      )
      let (dgamma, dbeta) = (floats(count: C), floats(count: C))
      var parts = [Double](repeating: 0, count: 4 * C)
      path.group_norm_forward(
        y.base, statistics.base, x.base, gamma.base, beta.base, 2, 35, Int64(C), Int64(count), 1e-5, room.base)
      path.group_norm_backward(
        dx.base, &parts, dy.base, x.base, statistics.base, gamma.base, 2, 35, Int64(C), Int64(count), room.base)
      path.group_norm_totals(dgamma.base, dbeta.base, parts, 2, Int64(C))
      return [y, dx, statistics, dgamma, dbeta].flatMap { Array($0.bytes) }
    }
    note("bfloat16 group norm") { count in
      let C = 3 * count
      let (x, dy) = (halves(uniform(70 * C, 2)), halves(uniform(70 * C, 1, stream: 1)))
      let (gamma, beta) = (floats(uniform(C, 2, stream: 2)), floats(uniform(C, 2, stream: 3)))
      let (y, dx, statistics, room) = (
        halves(count: 70 * C), halves(count: 70 * C), floats(count: 4 * count), floats(count: 4 * C)
      )
      var parts = [Double](repeating: 0, count: 4 * C)
      path.bfloat16_group_norm_forward(
        y.base, statistics.base, x.base, gamma.base, beta.base, 2, 35, Int64(C), Int64(count), 1e-5, room.base)
      path.bfloat16_group_norm_backward(
        dx.base, &parts, dy.base, x.base, statistics.base, gamma.base, 2, 35, Int64(C), Int64(count), room.base)
      return y.bytes + dx.bytes + Array(statistics.bytes) + parts.withUnsafeBytes { Array($0) }
    }
    note("gates of channels") { count in
      let (x, gate) = (floats(uniform(70 * count, 2)), floats(uniform(count, 1, stream: 1)))
      let (y, dgate) = (floats(count: 70 * count), floats(count: count))
      var sums = [Double](repeating: 0, count: count)
      path.scale_rows(y.base, x.base, gate.base, 70, Int64(count))
      path.scale_gradient(dgate.base, &sums, y.base, x.base, 70, Int64(count))
      return Array(y.bytes) + Array(dgate.bytes)
    }
    note("bfloat16 gates of channels") { count in
      let (x, gate) = (halves(uniform(70 * count, 2)), halves(uniform(count, 1, stream: 1)))
      let (y, dgate) = (halves(count: 70 * count), halves(count: count))
      var sums = [Double](repeating: 0, count: count)
      path.bfloat16_scale_rows(y.base, x.base, gate.base, 70, Int64(count))
      path.bfloat16_scale_gradient(dgate.base, &sums, y.base, x.base, 70, Int64(count))
      return y.bytes + dgate.bytes
    }
  }

  /// Windows that share 6×4 among 4×3, and of which means are of their own elements.
  mutating func adaptivePools(_ path: ck_path) {
    note("adaptive pools") { count in
      var shape = ck_pooling(
        samples: 2, channels: Int64(count), input: (6, 4), output: (4, 3), kernel: (2, 2), stride: (2, 2),
        padding: (0, 0),
        isAdaptive: 1, isOwnArea: 1)
      let (x, dy) = (floats(uniform(48 * count, 2)), floats(uniform(24 * count, 1, stream: 1)))
      let (y, mean, dx, dmean) = (
        floats(count: 24 * count), floats(count: 24 * count), floats(count: 48 * count), floats(count: 48 * count)
      )
      var places = [UInt8](repeating: 0, count: 24 * count)
      path.max_pool_forward(y.base, &places, x.base, &shape)
      path.max_pool_backward(dx.base, dy.base, places, &shape)
      path.average_pool_forward(mean.base, x.base, &shape)
      path.average_pool_backward(dmean.base, dy.base, &shape)
      return [y, mean, dx, dmean].flatMap { Array($0.bytes) } + places
    }
    // One window of 24×20, whose places are no bytes.
    note("pools of large windows") { count in
      let C = count % 67
      var shape = ck_pooling(
        samples: 2, channels: Int64(C), input: (24, 20), output: (1, 1), kernel: (24, 20), stride: (1, 1),
        padding: (0, 0),
        isAdaptive: 0, isOwnArea: 0)
      let (x, dy) = (floats(uniform(960 * C, 2)), floats(uniform(2 * C, 1, stream: 1)))
      let (y, dx) = (floats(count: 2 * C), floats(count: 960 * C))
      var places = [UInt32](repeating: 0, count: 2 * C)
      path.max_pool_forward(y.base, &places, x.base, &shape)
      path.max_pool_backward(dx.base, dy.base, places, &shape)
      return Array(y.bytes) + Array(dx.bytes) + places.withUnsafeBytes { Array($0) }
    }
  }
}
