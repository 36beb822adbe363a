import Kernels
import Tensors
import Testing

/// Kernels that a crew divides, against the same on one thread: bit for bit, around the places where they are cut.
@Suite struct SplitKernelTests {
  /// The bits of everything that a kernel writes.
  private typealias Kernel = () -> [UInt32]

  private func bits(_ views: FloatView...) -> [UInt32] { views.flatMap(\.array).map(\.bitPattern) }

  private func expectSameBits(_ what: String, _ kernel: Kernel) {
    let expected = Kernels.asLane(kernel)
    for size in 2...4 {
      if inCrew(of: size, kernel) != expected { Issue.record("\(what), \(size) threads: other bits than one") }
    }
  }

  /// Around units of 1,024.
  @Test(arguments: [1, 17, 1023, 1024, 1025, 2047, 2048, 2049, 5000])
  func elements(count: Int) {
    let (a, b) = (floats(uniform(count, 3, stream: 1)), floats(uniform(count, 3, stream: 2)))
    expectSameBits("add") {
      let y = floats(count: count)
      Kernels.add(a, b, into: y)
      return bits(y)
    }
    expectSameBits("multiply") {
      let y = floats(count: count)
      Kernels.multiply(a, b, into: y)
      return bits(y)
    }
    for activation in Activation.all {
      expectSameBits("\(activation)") {
        let (y, dx) = (floats(count: count), floats(count: count))
        Kernels.forward(activation, a, into: y)
        Kernels.backward(activation, b, from: activation.derivativeSource == .input ? a : y, into: dx)
        return bits(y, dx)
      }
    }
    expectSameBits("leaky-relu") {
      let (y, dx) = (floats(count: count), floats(count: count))
      Kernels.leakyReLU(a, slope: 0.1, into: y)
      Kernels.leakyReLUBackward(b, output: y, slope: 0.1, into: dx)
      return bits(y, dx)
    }
    expectSameBits("dropout") {
      let y = floats(count: count)
      Kernels.dropout(a, rate: 0.3, random: Philox(seed: 5, purpose: .dropout), layer: 2, position: 7, step: 3, into: y)
      return bits(y)
    }
  }

  /// Rows and columns around units of one and of 16.
  @Test(arguments: [1, 2, 3, 5, 33], [1, 15, 16, 17, 31, 32, 33, 100])
  func rows(N: Int, D: Int) {
    let (x, dy) = (floats(uniform(N * D, 2, stream: 1)), floats(uniform(N * D, 2, stream: 2)))
    let (gamma, beta) = (floats(uniform(D, 2, stream: 3)), floats(uniform(D, 2, stream: 4)))
    expectSameBits("layer-norm") {
      let (y, dx, statistics) = (floats(count: N * D), floats(count: N * D), floats(count: 2 * N))
      let (dgamma, dbeta, other, another) = (
        floats(count: D), floats(count: D), floats(count: D), floats(count: D)
      )
      Kernels.layerNorm(x, gamma: gamma, beta: beta, epsilon: 1e-5, statistics: statistics, into: y)
      Kernels.layerNormBackward(
        dy, x: x, gamma: gamma, statistics: statistics, dgamma: dgamma, dbeta: dbeta, into: dx)
      Kernels.layerNormBackward(
        dy, x: x, gamma: gamma, statistics: statistics, dgamma: other, dbeta: another, into: nil)
      return bits(y, statistics, dx, dgamma, dbeta, other, another)
    }
    expectSameBits("bias and its gradient") {
      let (y, sums) = (floats(x.array), floats(count: D))
      Kernels.addBias(beta, to: y)
      Kernels.sumRows(of: dy, into: sums)
      return bits(y, sums)
    }
    expectSameBits("softmax") {
      let (y, dx) = (floats(count: N * D), floats(count: N * D))
      Kernels.softmax(x, columns: D, into: y)
      Kernels.softmaxBackward(dy, output: y, columns: D, into: dx)
      return bits(y, dx)
    }
    expectSameBits("embedding") {
      let tokens = floats((0..<3 * N).map { Float($0 * 5 % N) })
      let y = floats(count: 3 * N * D)
      Kernels.embed(tokens, table: x, width: D, into: y)
      return bits(y)
    }
    expectSameBits("columns") {
      let y = floats(count: N * (D + 3))
      Kernels.copyColumns(x, columns: D, first: 0, into: y, columns: D + 3, first: 2, width: D)
      return bits(y)
    }
  }

  /// Tall and wide, around tiles and panels, in all ways.
  @Test(
    arguments: [(1, 1), (2, 70), (70, 2), (31, 33), (64, 64), (65, 97), (13, 300), (150, 40), (42, 400)],
    [0, 1, 7, 400])
  func products(extents: (M: Int, N: Int), K: Int) {
    let (M, N) = extents
    let (a, b) = (floats(uniform(M * K, 1, stream: 1)), floats(uniform(K * N, 1, stream: 2)))
    let c = uniform(M * N, 1, stream: 3)
    let bias = floats(uniform(N, 1, stream: 4))
    for way in 0..<8 {
      let A = way & 1 == 0 ? Matrix(a, rows: M, columns: K) : Matrix(a, rows: K, columns: M).transposed
      let B = way & 2 == 0 ? Matrix(b, rows: K, columns: N) : Matrix(b, rows: N, columns: K).transposed
      expectSameBits("\(M)×\(K) times \(K)×\(N), way \(way)") {
        let y = floats(c)
        Kernels.multiply(
          A, B, into: Matrix(y, rows: M, columns: N), adds: way & 4 != 0, in: .float32, bias: way & 1 == 0 ? bias : nil)
        return bits(y)
      }
      expectSameBits("\(M)×\(K) times \(K)×\(N), way \(way), with what comes next") {
        let (y, next, sums) = (floats(c), floats(count: M * N), floats(count: M))
        for row in 0..<M { sums[row] = Float(row) }
        Kernels.multiply(
          A, B, into: Matrix(y, rows: M, columns: N), adds: way & 4 != 0, in: way & 2 == 0 ? .float32 : .bfloat16,
          rowSums: way & 1 == 1 ? .init(sums, goesOn: way & 2 != 0) : nil,
          then: way & 4 == 0
            ? Epilogue(.activate(.gelu), into: .float32(next)) : Epilogue(.add, with: .float32(y), into: .float32(y)))
        return bits(y, next, sums)
      }
    }
  }

  @Test(arguments: PoolingTests.shapes)
  func pools(shape: PoolingShape) {
    var shape = shape
    for samples in [1, 2, 5] {
      shape.samples = samples
      let x = floats(uniform(shape.inputCount, 3, stream: 1).map { $0.rounded() })
      let dy = floats(uniform(shape.outputCount, 1, stream: 2))
      expectSameBits("pools of \(shape)") {
        let (y, mean, places) = (
          floats(count: shape.outputCount), floats(count: shape.outputCount), floats(count: shape.placesCount)
        )
        let (dx, dmean) = (floats(count: shape.inputCount), floats(count: shape.inputCount))
        Kernels.maxPool(x, shape: shape, into: y, places: places)
        Kernels.maxPoolBackward(dy, places: places, shape: shape, into: dx)
        Kernels.averagePool(x, shape: shape, into: mean)
        Kernels.averagePoolBackward(dy, shape: shape, into: dmean)
        return bits(y, mean, dx, dmean)
      }
    }
  }

  /// By Winograd's algorithm, by windows, in groups, depthwise, of points; as many samples as threads, fewer and more.
  @Test(arguments: [1, 2, 3, 7])
  func convolutions(samples: Int) {
    let shapes = [
      ConvolutionShape(
        samples: samples, input: Plane(14), inputChannels: 32, outputChannels: 32, window: Window(kernel: Plane(3))),
      ConvolutionShape(
        samples: samples, input: Plane(9), inputChannels: 3, outputChannels: 33,
        window: Window(kernel: Plane(3), padding: .both(Plane(1)))),
      ConvolutionShape(
        samples: samples, input: Plane(9), inputChannels: 6, outputChannels: 10,
        window: Window(kernel: Plane(3), stride: Plane(2)), groups: 2),
      ConvolutionShape(
        samples: samples, input: Plane(8), inputChannels: 12, outputChannels: 12, window: Window(kernel: Plane(3)),
        groups: 12, hasBias: false),
      ConvolutionShape(
        samples: samples, input: Plane(5), inputChannels: 20, outputChannels: 40, window: Window(kernel: Plane(1))),
    ]
    for shape in shapes {
      let kernel = ConvolutionKernel(shape)
      let x = floats(uniform(shape.inputCount, 1, stream: 1)), dy = floats(uniform(shape.outputCount, 1, stream: 2))
      let weight = floats(uniform(shape.weightCount, 1, stream: 3))
      let bias = shape.hasBias ? floats(uniform(shape.outputChannels, 1, stream: 4)) : nil
      for wantsInputGradient in [true, false] {
        expectSameBits("\(shape)") {
          let (y, dx) = (floats(count: shape.outputCount), floats(count: shape.inputCount))
          let (dweight, dbias) = (floats(count: shape.weightCount), floats(count: shape.outputChannels))
          let scratch = floats(count: kernel.scratchCount)
          kernel.forward(x, weight: weight, bias: bias, into: y, scratch: scratch)
          kernel.backward(
            x, dy, weight: weight, into: dweight, bias.map { _ in dbias }, wantsInputGradient ? dx : nil,
            scratch: scratch)
          return bits(y, dx, dweight, dbias)
        }
      }
    }
  }

  /// Heads of one sample and of several, some positions alone.
  @Test(arguments: [(1, 1), (1, 4), (3, 2), (2, 3)], [true, false])
  func attentions(extents: (samples: Int, heads: Int), isCausal: Bool) {
    for (positions, d) in [(5, 3), (70, 8), (33, 16)] {
      let shape = AttentionShape(
        samples: extents.samples, positions: positions, width: d * extents.heads, heads: extents.heads,
        isCausal: isCausal)
      let kernel = AttentionKernel(shape)
      let qkv = floats(uniform(3 * shape.outputCount, 2, stream: 1))
      let dy = floats(uniform(shape.outputCount, 2, stream: 2))
      let scratch = floats(count: max(kernel.forwardScratch, kernel.backwardScratch))
      expectSameBits("\(shape)") {
        let (y, part, statistics) = (
          floats(count: shape.outputCount), floats(count: shape.outputCount), floats(count: shape.statisticsCount)
        )
        let dqkv = floats(count: 3 * shape.outputCount)
        kernel.forward(qkv, positions: 1..<positions - 1, into: part, statistics: statistics, scratch: scratch)
        kernel.forward(qkv, into: y, statistics: statistics, scratch: scratch)
        kernel.backward(dy, qkv: qkv, statistics: statistics, into: dqkv, scratch: scratch)
        return bits(y, part, statistics, dqkv)
      }
    }
  }

  @Test(arguments: [1, 2, 7, 40], [1, 16, 33])
  func channelAffine(R: Int, C: Int) {
    let x = floats(uniform(R * C, 2, stream: 1))
    let three = (0..<3).map { floats(uniform(C, 2, stream: 2 + UInt64($0))) }
    expectSameBits("\(R) rows of \(C)") {
      let y = floats(count: R * C)
      Kernels.channelAffine(x, mean: three[0], scale: three[1], shift: three[2], into: y)
      return bits(y)
    }
  }
}
