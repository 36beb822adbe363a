import CKernelsPaths
import Kernels
import Tensors

/// Digests of what each kernel of a path gives on fixed inputs, over lengths that leave every tail of a vector.
///
/// Inputs are in ranges where no result is denormal: those count as zero in a lane's thread, and not in a test's.
struct KernelDigests {
  private(set) var digests: [String: String] = [:]
  private static let counts = Array(1...67) + [1000, 1024, 2051]

  init(of path: ck_path) {
    sums(path)
    activations(path)
    losses(path)
    updates(path)
    pools(path)
    batchNorm(path)
    winograd(path)
    sequences(path)
    moreActivations(path)
    moreNorms(path)
    adaptivePools(path)
    recurrences(path)
    bags(path)
    shrinking(path)
  }

  mutating func note(_ name: String, _ outputs: (Int) -> [UInt8]) {
    let bytes = Self.counts.flatMap(outputs)
    digests[name] = String(bytes.withUnsafeBytes { Digest(of: $0) }.hex.prefix(16))
  }

  typealias Target = UnsafeMutablePointer<Float>
  typealias Source = UnsafePointer<Float>

  /// A kernel that maps one buffer to another.
  mutating func unary(_ name: String, limit: Float, _ kernel: (Target, Source, Int64) -> Void) {
    note(name) { count in
      let (x, y) = (floats(uniform(count, limit)), floats(count: count))
      kernel(y.base, x.base, Int64(count))
      return Array(y.bytes)
    }
  }

  /// A kernel of two buffers.
  mutating func binary(_ name: String, _ kernel: (Target, Source, Source, Int64) -> Void) {
    note(name) { count in
      let (a, b) = (floats(uniform(count, 2)), floats(uniform(count, 1, stream: 1)))
      let result = floats(count: count)
      kernel(result.base, a.base, b.base, Int64(count))
      return Array(result.bytes)
    }
  }

  private mutating func sums(_ path: ck_path) {
    note("bfloat16 sums and rectifiers") { count in
      let (a, b) = (halves(uniform(count, 2)), halves(uniform(count, 1, stream: 1)))
      let results = (0..<3).map { _ in halves(count: count) }
      path.bfloat16_add(results[0].base, a.base, b.base, Int64(count))
      path.bfloat16_relu_forward(results[1].base, a.base, Int64(count))
      path.bfloat16_relu_backward(results[2].base, a.base, b.base, Int64(count))
      return results.flatMap(\.bytes)
    }
    binary("add") { path.add($0, $1, $2, $3) }
    binary("multiply") { path.multiply($0, $1, $2, $3) }
    note("square sums") { count in
      var sums = [Double](repeating: 0, count: (count + Kernels.blockSize - 1) / Kernels.blockSize)
      path.square_sums(&sums, floats(uniform(count, 3)).base, Int64(count))
      return sums.withUnsafeBytes { Array($0) }
    }
    note("first non-finite") { count in
      let values = floats(uniform(count, 3))
      values[count * 2 / 3] = .infinity
      return [UInt8(truncatingIfNeeded: path.first_nonfinite(values.base, Int64(count)))]
    }
    note("bias forward") { count in
      let (y, bias) = (floats(uniform(5 * count, 2)), floats(uniform(count, 2, stream: 1)))
      path.bias_forward(y.base, bias.base, 5, Int64(count))
      return Array(y.bytes)
    }
    note("bias backward") { count in
      let (dy, sums) = (floats(uniform(5 * count, 2)), floats(count: count))
      path.bias_backward(sums.base, dy.base, 5, Int64(count), Int64(count), 0)
      return Array(sums.bytes)
    }
  }

  private mutating func activations(_ path: ck_path) {
    unary("exp", limit: 87) { path.exp($0, $1, $2) }
    unary("relu forward", limit: 3) { path.relu_forward($0, $1, $2) }
    unary("sigmoid forward", limit: 80) { path.sigmoid_forward($0, $1, $2) }
    unary("tanh forward", limit: 5) { path.tanh_forward($0, $1, $2) }
    unary("softmax", limit: 20) { path.softmax($0, $1, 1, $2) }
    binary("relu backward") { path.relu_backward($0, $1, $2, $3) }
    binary("sigmoid backward") { path.sigmoid_backward($0, $1, $2, $3) }
    binary("tanh backward") { path.tanh_backward($0, $1, $2, $3) }
    unary("leaky relu forward", limit: 3) { path.leaky_relu_forward($0, $1, $2, 0.1) }
    unary("gelu forward", limit: 6) { path.gelu_forward($0, $1, $2) }
    unary("gelu tanh forward", limit: 6) { path.gelu_tanh_forward($0, $1, $2) }
    unary("silu forward", limit: 20) { path.silu_forward($0, $1, $2) }
    unary("erf", limit: 5) { path.erf($0, $1, $2) }
    binary("leaky relu backward") { path.leaky_relu_backward($0, $1, $2, $3, 0.1) }
    binary("gelu backward") { path.gelu_backward($0, $1, $2, $3) }
    binary("gelu tanh backward") { path.gelu_tanh_backward($0, $1, $2, $3) }
    binary("silu backward") { path.silu_backward($0, $1, $2, $3) }
    binary("softmax backward") { path.softmax_backward($0, $1, $2, 1, $3) }
    unary("dropout", limit: 2) { path.dropout($0, $1, $2, 0xB000_0000, 1.4545455, 1, 2, 3, 4, 5) }
  }

  /// The gradient of three rows, and the loss with and without it.
  private mutating func loss(_ name: String, _ kernel: (Target?, Source, Source, Int64) -> Double) {
    note(name) { count in
      let (outputs, targets) = (floats(uniform(3 * count, 10)), floats(uniform(3 * count, 1, stream: 1)))
      let gradient = floats(count: 3 * count)
      let losses = [gradient.base, nil].map {
        kernel($0, outputs.base, targets.base, Int64(count))
      }
      return gradient.bytes + losses.withUnsafeBytes { Array($0) }
    }
  }

  private mutating func losses(_ path: ck_path) {
    loss("softmax cross-entropy") { gradient, outputs, _, count in
      path.softmax_cross_entropy(gradient, outputs, [0, Int32(count - 1), Int32(count / 2)], 3, count, 3)
    }
    loss("binary cross-entropy") { path.binary_cross_entropy($0, $1, $2, 3, $3, 2, 1) }
    loss("weighted cross-entropy") { gradient, outputs, weights, count in
      path.weighted_cross_entropy(
        gradient, outputs, [0, Int32(count - 1), Int32(count / 2)], 3, count, 3, weights, 0.125, count)
    }
    loss("smoothed cross-entropy") { gradient, outputs, _, count in
      path.weighted_cross_entropy(
        gradient, outputs, [-1, Int32(count - 1), Int32(count / 2)], 3, count, 3, nil, 0.1, -1)
    }
    loss("weighted binary cross-entropy") { path.binary_cross_entropy($0, $1, $2, 3, $3, 2, 2.5) }
    loss("absolute error") { path.absolute_error($0, $1, $2, 3, $3, 2) }
    loss("huber") { path.huber($0, $1, $2, 3, $3, 2, 1.5) }
    loss("quantile") { path.quantile($0, $1, $2, [0.25], 3, $3, 1, 2) }
    loss("squared error") { path.squared_error($0, $1, $2, 3, $3, 2) }
  }

  /// Rows of `count` columns, backward from what forward left.
  private mutating func sequences(_ path: ck_path) {
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

  /// Parameters and state after three steps.
  private mutating func update(_ name: String, _ kernel: ([Target], Source, Int64, Int) -> Void) {
    note(name) { count in
      let buffers = [floats(uniform(count, 1)), floats(count: count), floats(count: count)]
      for step in 0..<3 {
        let gradient = floats(uniform(count, 8, stream: UInt64(step + 1)))
        kernel(buffers.map(\.base), gradient.base, Int64(count), step)
      }
      return buffers.flatMap { Array($0.bytes) }
    }
  }

  /// Pools of two samples of 5×4, `count` channels, with windows that overlap and reach over the edge, and that tile.
  private mutating func pools(_ path: ck_path) {
    let windows: [(String, Int64, Int64)] = [("overlapping", 3, 1), ("tiling", 2, 0)]
    for (name, kernel, padding) in windows {
      func shape(_ count: Int) -> ck_pooling {
        ck_pooling(
          samples: 2, channels: Int64(count), input: (6, 4), output: (3, 2), kernel: (kernel, kernel),
          stride: (2, 2), padding: (padding, padding), isAdaptive: 0, isOwnArea: 0)
      }
      note("max pool, \(name)") { count in
        var shape = shape(count)
        let (x, dy) = (floats(uniform(48 * count, 2)), floats(uniform(12 * count, 1, stream: 1)))
        let (y, dx) = (floats(count: 12 * count), floats(count: 48 * count))
        var places = [UInt8](repeating: 0, count: 12 * count)
        path.max_pool_forward(y.base, &places, x.base, &shape)
        path.max_pool_backward(dx.base, dy.base, places, &shape)
        return Array(y.bytes) + places + Array(dx.bytes)
      }
      note("average pool, \(name)") { count in
        var shape = shape(count)
        let (x, dy) = (floats(uniform(48 * count, 2)), floats(uniform(12 * count, 1, stream: 1)))
        let (y, dx) = (floats(count: 12 * count), floats(count: 48 * count))
        path.average_pool_forward(y.base, x.base, &shape)
        path.average_pool_backward(dx.base, dy.base, &shape)
        return Array(y.bytes) + Array(dx.bytes)
      }
      note("bfloat16 pools, \(name)") { count in
        var shape = shape(count)
        let (x, dy) = (halves(uniform(48 * count, 2)), halves(uniform(12 * count, 1, stream: 1)))
        let (y, mean, dx, dmean) = (
          halves(count: 12 * count), halves(count: 12 * count), halves(count: 48 * count), halves(count: 48 * count)
        )
        var places = [UInt8](repeating: 0, count: 12 * count)
        path.bfloat16_max_pool_forward(y.base, &places, x.base, &shape)
        path.bfloat16_max_pool_backward(dx.base, dy.base, places, &shape)
        path.bfloat16_average_pool_forward(mean.base, x.base, &shape)
        path.bfloat16_average_pool_backward(dmean.base, dy.base, &shape)
        return [y, mean, dx, dmean].flatMap(\.bytes) + places
      }
    }
  }

  /// Seventy rows: two full blocks of a sum and a part of one.
  private mutating func batchNorm(_ path: ck_path) {
    let rows = 70
    note("batch norm") { count in
      let (x, dy) = (floats(uniform(rows * count, 2)), floats(uniform(rows * count, 1, stream: 1)))
      let (scale, shift) = (floats(uniform(count, 1, stream: 2)), floats(uniform(count, 1, stream: 3)))
      let (mean, variance) = (floats(count: count), floats(count: count))
      let (y, dx) = (floats(count: rows * count), floats(count: rows * count))
      var (sums, products) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
      let (R, C) = (Int64(rows), Int64(count))
      path.batch_moments(mean.base, variance.base, &sums, x.base, R, C)
      path.channel_affine(y.base, x.base, mean.base, scale.base, shift.base, R, C)
      path.batch_norm_sums(&sums, &products, dy.base, x.base, mean.base, R, C)
      path.batch_norm_backward(
        dx.base, dy.base, x.base, mean.base, scale.base, shift.base, variance.base, R, C)
      return [mean, variance, y, dx].flatMap { Array($0.bytes) }
        + (sums + products).withUnsafeBytes { Array($0) }
    }
    note("bfloat16 batch norm") { count in
      let (x, dy) = (halves(uniform(rows * count, 2)), halves(uniform(rows * count, 1, stream: 1)))
      let (scale, shift) = (floats(uniform(count, 1, stream: 2)), floats(uniform(count, 1, stream: 3)))
      let (mean, variance) = (floats(count: count), floats(count: count))
      let (y, dx) = (halves(count: rows * count), halves(count: rows * count))
      var (sums, products) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
      let (R, C) = (Int64(rows), Int64(count))
      path.bfloat16_batch_moments(mean.base, variance.base, &sums, x.base, R, C)
      path.bfloat16_channel_affine(y.base, x.base, mean.base, scale.base, shift.base, R, C)
      path.bfloat16_batch_norm_sums(&sums, &products, dy.base, x.base, mean.base, R, C)
      path.bfloat16_batch_norm_backward(
        dx.base, dy.base, x.base, mean.base, scale.base, shift.base, variance.base, R, C)
      return [mean, variance].flatMap { Array($0.bytes) } + [y, dx].flatMap(\.bytes)
        + (sums + products).withUnsafeBytes { Array($0) }
    }
  }

  /// Two samples of 7×6 with padding, 16 channels or 32: tiles inside, at each edge and beyond the output.
  private mutating func winograd(_ path: ck_path) {
    note("winograd") { count in
      let C = count % 2 == 0 ? 16 : 32
      var shape = ck_winograd(input: (7, 6), output: (7, 6), padding: (1, 1))
      let (x, bias) = (floats(uniform(2 * 42 * C, 2, stream: UInt64(count))), floats(uniform(C, 1, stream: 1)))
      let plane = Int(ck_winograd_plane(8, Int64(C)))
      let (tiles, gradients) = (floats(count: 36 * plane), floats(count: 36 * plane))
      let y = floats(count: 2 * 42 * C)
      path.winograd_input(tiles.base, x.base, &shape, 0, 8, Int64(C))
      path.winograd_output(y.base, tiles.base, bias.base, &shape, 0, 8, Int64(C))
      path.winograd_output_gradient(gradients.base, y.base, &shape, 0, 8, Int64(C))
      func matrices(_ all: FloatView) -> [UInt8] {
        (0..<36).flatMap { Array(all[$0 * plane..<$0 * plane + 8 * C].bytes) }
      }
      return matrices(tiles) + Array(y.bytes) + matrices(gradients)
    }
    note("bfloat16 winograd") { count in
      let C = count % 2 == 0 ? 16 : 32
      var shape = ck_winograd(input: (7, 6), output: (7, 6), padding: (1, 1))
      let (x, bias) = (halves(uniform(2 * 42 * C, 2, stream: UInt64(count))), floats(uniform(C, 1, stream: 1)))
      let plane = Int(ck_winograd_plane(8, Int64(C)))
      let (tiles, gradients) = (floats(count: 36 * plane), floats(count: 36 * plane))
      let y = halves(count: 2 * 42 * C)
      path.bfloat16_winograd_input(tiles.base, x.base, &shape, 0, 8, Int64(C))
      path.bfloat16_winograd_output(y.base, tiles.base, bias.base, &shape, 0, 8, Int64(C))
      path.bfloat16_winograd_output_gradient(gradients.base, y.base, &shape, 0, 8, Int64(C))
      return y.bytes + (0..<36).flatMap { Array(gradients[$0 * plane..<$0 * plane + 8 * C].bytes) }
    }
  }

  private mutating func updates(_ path: ck_path) {
    for (name, momentum, nesterov) in [("plain", 0, 0), ("momentum", 0.9, 0), ("nesterov", 0.9, 1)]
      as [(String, Float, Int32)]
    {
      update("sgd, \(name)") {
        path.sgd($0[0], $0[1], $1, $2, 0.125, 0.1, momentum, nesterov, 1e-3, $3 == 0 ? 1 : 0)
      }
    }
    update("adam") { buffers, gradient, count, _ in
      path.adam(buffers[0], buffers[1], buffers[2], gradient, count, 0.125, 0.03, 0.9, 0.999, 1e-8, 1e-3, 0.999)
    }
    update("amsgrad") { buffers, gradient, count, _ in
      let most = floats(uniform(Int(count), 1, stream: 9).map { abs($0) })
      path.amsgrad(
        buffers[0], buffers[1], buffers[2], most.base, gradient, count, 0.125, 0.03, 0.9, 0.999, 1e-8, 1e-3, 0.999)
    }
    update("adagrad") { buffers, gradient, count, _ in
      path.adagrad(buffers[0], buffers[2], gradient, count, 0.125, 0.03, 0.1, 1e-8, 1e-3)
    }
    update("lion") { buffers, gradient, count, _ in
      path.lion(buffers[0], buffers[1], gradient, count, 0.125, 0.03, 0.9, 0.1, 0.99, 0.01, 0.999)
    }
    update("rmsprop") { buffers, gradient, count, _ in
      path.rmsprop(
        buffers[0], buffers[1], nil, buffers[2], gradient, count, 0.125, 0.01, 0.9, 0.1, 1e-8, 0.9, 1e-3)
    }
    update("rmsprop, centered") { buffers, gradient, count, _ in
      path.rmsprop(buffers[0], buffers[1], buffers[2], nil, gradient, count, 0.125, 0.01, 0.9, 0.1, 1e-8, 0, 0)
    }
    update("lamb") { buffers, gradient, count, _ in
      path.lamb_moments(buffers[1], buffers[2], gradient, count, 0.125, 0.9, 0.999)
      var sums = [0.0, 0.0]
      path.lamb_square_sums(&sums, buffers[0], buffers[1], buffers[2], count, 10, 0.03, 1e-6, 0.01)
      let ratio = Float((sums[0] / sums[1]).squareRoot())
      path.lamb_apply(buffers[0], buffers[1], buffers[2], count, 0.01 * ratio, 10, 0.03, 1e-6, 0.01)
    }
    update("running mean") { buffers, sum, count, _ in path.running_mean(buffers[0], sum, count, 0.125, 0.1) }
  }
}

extension BFloat16View {
  /// Of its numbers alone.
  var bytes: [UInt8] { Array(UnsafeRawBufferPointer(start: base, count: 2 * count)) }
}

func halves(_ values: [Float]) -> BFloat16View {
  let view = halves(count: values.count)
  ck_bfloat16_round(view.base, values, Int64(values.count))
  return view
}

func halves(count: Int) -> BFloat16View {
  BFloat16View(floats(count: NumberFormat.bfloat16.floats(count)), count: count)
}
