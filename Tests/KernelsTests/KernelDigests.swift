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
