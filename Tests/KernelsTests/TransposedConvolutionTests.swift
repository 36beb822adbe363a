import Kernels
import Tensors
import Testing

/// Transposed convolutions against their definition, in double: each input adds its window of weights to the output.
@Suite struct TransposedConvolutionTests {
  /// The convolution that makes inputs of outputs. Strides that leave something over, dilation, groups, depthwise, by Winograd's
  /// algorithm, along a line, one by one.
  static let shapes: [ConvolutionShape] = [
    shape(3, 4, 3), shape(16, 24, 3, stride: 2, padding: 1), shape(5, 7, 4, stride: 3, padding: 1, over: 2),
    shape(6, 4, 3, padding: 2, dilation: 2), shape(6, 9, 3, stride: 2, groups: 3, over: 1),
    shape(8, 8, 3, stride: 2, padding: 1, groups: 8), shape(5, 3, 1), shape(5, 3, 1, stride: 2, over: 1),
    shape(32, 32, 3, padding: 1),
    ConvolutionShape(
      samples: 3, input: Plane(height: 1, width: 29), inputChannels: 6, outputChannels: 5,
      window: Window(
        kernel: Plane(height: 1, width: 5), stride: Plane(height: 1, width: 3),
        padding: .both(Plane(height: 0, width: 1))),
      hasBias: false),
  ]

  /// Inputs of 5×4; `I` and `O` are this one's channels.
  private static func shape(
    _ I: Int, _ O: Int, _ kernel: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1, groups: Int = 1,
    over: Int = 0
  ) -> ConvolutionShape {
    func extent(_ input: Int) -> Int { (input - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1 + over }
    let window = Window(
      kernel: Plane(kernel), stride: Plane(stride), dilation: Plane(dilation), padding: .both(Plane(padding)))
    return ConvolutionShape(
      samples: 3, input: Plane(height: extent(5), width: extent(4)), inputChannels: O, outputChannels: I,
      window: window,
      groups: groups, hasBias: false)
  }

  private struct Passes {
    let shape: ConvolutionShape
    let x: [Float], weight: [Float], bias: [Float], dy: [Float]

    init(_ shape: ConvolutionShape) {
      self.shape = shape
      x = rounded(uniform(shape.outputCount, 1, stream: 1))
      weight = uniform(shape.weightCount, 1, stream: 2)
      bias = uniform(shape.inputChannels, 1, stream: 3)
      dy = rounded(uniform(shape.inputCount, 1, stream: 4))
    }

    /// Output, and gradients of input, weight and bias.
    func run(_ input: NumberFormat = .float32, _ output: NumberFormat = .float32, hasBias: Bool = true) -> [[Float]] {
      var shape = shape
      (shape.inputFormat, shape.outputFormat) = (output, input)
      let kernel = TransposedConvolutionKernel(as: shape)
      let (x, dy) = (GuardedTensor(x, input, offset: 1), GuardedTensor(dy, output, offset: 1))
      let (y, dx) = (GuardedTensor(count: dy.view.count, output), GuardedTensor(count: x.view.count, input, offset: 3))
      let (w, b) = (floats(weight), hasBias ? floats(bias) : nil)
      let (dw, db) = (floats(count: weight.count), hasBias ? floats(count: bias.count) : nil)
      let scratch = floats(count: kernel.scratchCount)
      kernel.forward(x.view, weight: w, bias: b, into: y.view, scratch: scratch)
      kernel.backward(x.view, dy.view, weight: w, into: dw, db, dx.view, scratch: scratch)
      #expect([x, dy, y, dx].allSatisfy { $0.isGuarded })
      return [y.view.array, dx.view.array, dw.array, db?.array ?? []]
    }
  }

  /// 5e-6 of the largest: sums of up to 300 products up to one; Winograd's of 32 channels are off by some of them.
  @Test(arguments: shapes)
  func passesAreThoseOfTheDefinition(shape: ConvolutionShape) {
    let passes = Passes(shape)
    let (P, Q, I, O) = (shape.input.height, shape.input.width, shape.outputChannels, shape.inputChannels)
    let (H, W, G, window) = (shape.output.height, shape.output.width, shape.groups, shape.window)
    let (rows, columns) = (window.kernel.height, window.kernel.width)
    let padding = window.padding(for: shape.input).before
    var y = [Double](repeating: 0, count: passes.dy.count)
    var (dx, dw, db) = (
      [Double](repeating: 0, count: passes.x.count), [Double](repeating: 0, count: passes.weight.count),
      [Double](repeating: 0, count: O)
    )
    for n in 0..<shape.samples {
      for h in 0..<H {
        for w in 0..<W {
          for i in 0..<rows {
            for j in 0..<columns {
              let p = h * window.stride.height - padding.height + i * window.dilation.height
              let q = w * window.stride.width - padding.width + j * window.dilation.width
              guard (0..<P).contains(p), (0..<Q).contains(q) else { continue }
              for a in 0..<I {
                for b in 0..<O / G {
                  let from = ((n * H + h) * W + w) * I + a
                  let to = ((n * P + p) * Q + q) * O + a / (I / G) * (O / G) + b
                  let k = ((a * (O / G) + b) * rows + i) * columns + j
                  y[to] += Double(passes.x[from]) * Double(passes.weight[k])
                  dx[from] += Double(passes.dy[to]) * Double(passes.weight[k])
                  dw[k] += Double(passes.dy[to]) * Double(passes.x[from])
                }
              }
            }
          }
        }
      }
    }
    for to in y.indices {
      y[to] += Double(passes.bias[to % O])
      db[to % O] += Double(passes.dy[to])
    }
    let found = passes.run()
    for (name, (found, expected)) in zip(["y", "dx", "dweight", "dbias"], zip(found, [y, dx, dw, db])) {
      let largest = expected.map { abs($0) }.max()!
      let error = zip(found, expected).map { abs(Double($0) - $1) }.max()!
      #expect(found.count == expected.count && error < 5e-6 * max(1, largest), "\(name) of \(shape): \(error)")
    }
  }

  /// With threads that share the samples, and from and to bfloat16 tensors: the same bits, rounded once.
  @Test(arguments: shapes)
  func threadsAndFormatsChangeNoBit(shape: ConvolutionShape) {
    let passes = Passes(shape)
    let (expected, plain) = (Kernels.asLane { passes.run() }, Kernels.asLane { passes.run(hasBias: false) })
    for size in 2...3 { #expect(inCrew(of: size) { passes.run() } == expected, "\(size) threads") }
    let halves = Kernels.asLane { passes.run(.bfloat16, .bfloat16, hasBias: false) }
    #expect(halves == [rounded(plain[0]), rounded(plain[1]), plain[2], []])
    let mixed = Kernels.asLane { passes.run(.bfloat16, .float32) }
    #expect(mixed == [expected[0], rounded(expected[1]), expected[2], expected[3]])
  }
}
