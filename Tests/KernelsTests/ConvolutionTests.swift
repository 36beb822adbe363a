import CKernels
import Kernels
import Tensors
import Testing

/// Convolutions against the sum of their definition, in double.
@Suite struct ConvolutionTests {
  /// Strides, padding, dilation, groups, depthwise, odd channels, kernels as large as the image.
  static let shapes: [ConvolutionShape] = [
    shape(1, 32, 3), shape(3, 16, 3, padding: 1), shape(32, 32, 3, padding: 1), shape(16, 32, 1, stride: 2),
    shape(64, 10, 1), shape(5, 7, 3, stride: 2, padding: 1), shape(5, 7, 3, padding: 1, dilation: 2),
    shape(16, 24, 3, stride: 2, padding: 3, dilation: 3), shape(32, 32, 3, padding: 1, groups: 4),
    shape(12, 6, 3, padding: 1, groups: 3), shape(20, 20, 3, padding: 1, groups: 20),
    shape(32, 32, 3, padding: 1, groups: 32),
    shape(6, 6, 3, stride: 2, groups: 6), shape(6, 12, 3, padding: 1, groups: 6),
    shape(8, 8, 3, padding: 2, dilation: 2, groups: 8), shape(3, 4, 5, padding: 2), shape(20, 50, 5, hasBias: false),
    winograd(32, 32, padding: 1), winograd(16, 64, padding: 0), winograd(48, 32, padding: 2),
    ConvolutionShape(
      samples: 2, input: Plane(height: 6, width: 11), inputChannels: 4, outputChannels: 9,
      window: Window(
        kernel: Plane(height: 2, width: 3), stride: Plane(height: 1, width: 2),
        dilation: Plane(height: 3, width: 1), padding: .both(Plane(height: 0, width: 2)))),
    ConvolutionShape(
      samples: 1, input: Plane(height: 7, width: 5), inputChannels: 3, outputChannels: 3,
      window: Window(kernel: Plane(height: 7, width: 5))),
    ConvolutionShape(
      samples: 2, input: Plane(height: 7, width: 8), inputChannels: 8, outputChannels: 16,
      window: Window(kernel: Plane(4), stride: Plane(2), padding: .same)),
    // Products over all pixels, in groups too; images narrower than a tile, of one column, of one pixel; canvases a page apart.
    shape(6, 9, 1, groups: 3), small(1, 1, 40, 10, 1), small(1, 1, 16, 16, 3, padding: 1),
    small(2, 2, 16, 33, 3, padding: 1), small(4, 3, 5, 20, 3, padding: 1, stride: 2),
    small(5, 7, 16, 16, 3, padding: 1),
    small(2, 2, 64, 16, 3, padding: 1), small(4, 4, 64, 40, 4), small(40, 1, 7, 17, 1), tall(5, 20), tall(16, 32),
    // Depthwise, narrower than a vector and between two.
    shape(3, 3, 3, padding: 1, groups: 3), shape(31, 31, 3, stride: 2, padding: 1, groups: 31),
    shape(10, 10, 5, padding: 2, groups: 10), shape(9, 9, 3, stride: 2, padding: 2, dilation: 2, groups: 9),
  ]

  /// Enough samples for tiles of them, and some that are left.
  private static func small(
    _ height: Int, _ width: Int, _ I: Int, _ O: Int, _ kernel: Int, padding: Int = 0, stride: Int = 1
  ) -> ConvolutionShape {
    ConvolutionShape(
      samples: 29, input: Plane(height: height, width: width), inputChannels: I, outputChannels: O,
      window: Window(kernel: Plane(kernel), stride: Plane(stride), padding: .both(Plane(padding))))
  }

  /// A sequence that lies along the height.
  private static func tall(_ I: Int, _ O: Int) -> ConvolutionShape {
    ConvolutionShape(
      samples: 3, input: Plane(height: 37, width: 1), inputChannels: I, outputChannels: O,
      window: Window(kernel: Plane(height: 5, width: 1), padding: .both(Plane(height: 2, width: 0))))
  }

  /// For Winograd's algorithm: extents that its tiles do not divide, and groups of samples of which the last is smaller.
  private static func winograd(_ I: Int, _ O: Int, padding: Int) -> ConvolutionShape {
    ConvolutionShape(
      samples: 5, input: Plane(height: 14, width: 15), inputChannels: I, outputChannels: O,
      window: Window(kernel: Plane(3), padding: .both(Plane(padding))))
  }

  private static func shape(
    _ I: Int, _ O: Int, _ kernel: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1, groups: Int = 1,
    hasBias: Bool = true
  ) -> ConvolutionShape {
    let window = Window(
      kernel: Plane(kernel), stride: Plane(stride), dilation: Plane(dilation), padding: .both(Plane(padding)))
    return ConvolutionShape(
      samples: 3, input: Plane(height: 11, width: 9), inputChannels: I, outputChannels: O, window: window,
      groups: groups, hasBias: hasBias)
  }

  /// Operands of one shape, and what the passes leave.
  struct Passes {
    let shape: ConvolutionShape
    let x: [Float], weight: [Float], bias: [Float], dy: [Float]
    /// What stands behind the scratch memory that was asked for.
    private static let guards = (0..<64).map { Float($0) + 0.5 }

    init(shape: ConvolutionShape, x: [Float], weight: [Float], bias: [Float], dy: [Float]) {
      (self.shape, self.x, self.weight, self.bias, self.dy) = (shape, x, weight, bias, dy)
    }

    /// Some of the numbers are `special`: one in `rarity`.
    init(_ shape: ConvolutionShape, special: [Float], rarity: Int) {
      func some(_ count: Int, _ stream: UInt64) -> [Float] {
        ProductDraws.mixed(count, special, rarity: rarity, stream: stream)
      }
      self.shape = shape
      x = some(shape.inputCount, 1)
      weight = some(shape.weightCount, 2)
      bias = some(shape.outputChannels, 3)
      dy = some(shape.outputCount, 4)
    }

    init(_ shape: ConvolutionShape) {
      self.shape = shape
      x = uniform(shape.inputCount, 1, stream: 1)
      weight = uniform(shape.weightCount, 1, stream: 2)
      bias = uniform(shape.outputChannels, 1, stream: 3)
      dy = uniform(shape.outputCount, 1, stream: 4)
    }

    /// y, dx, dweight and dbias; memory begins `offset` floats after a 64-byte boundary, but for the scratch memory.
    func run(_ kernel: ConvolutionKernel, offset: Int = 0) -> [[Float]] {
      func place(_ values: [Float]) -> FloatView {
        let view = floats(count: values.count + offset)[offset..<offset + values.count]
        view.assign(values)
        return view
      }
      func empty(_ count: Int) -> FloatView { place([Float](repeating: .nan, count: count)) }
      let (x, weight, dy) = (place(x), place(weight), place(dy))
      let (y, dx) = (empty(shape.outputCount), empty(shape.inputCount))
      let (dweight, dbias) = (empty(shape.weightCount), empty(shape.outputChannels))
      let guarded = floats([Float](repeating: .nan, count: kernel.scratchCount + Self.guards.count))
      guarded[kernel.scratchCount..<guarded.count].assign(Self.guards)
      let scratch = guarded[0..<kernel.scratchCount]
      kernel.forward(x, weight: weight, bias: shape.hasBias ? place(bias) : nil, into: y, scratch: scratch)
      kernel.backwardData(dy, weight: weight, into: dx, scratch: scratch)
      kernel.backwardWeights(x, dy, weight: dweight, bias: shape.hasBias ? dbias : nil, scratch: scratch)
      let behind = guarded[kernel.scratchCount..<guarded.count].array
      #expect(behind == Self.guards, "written behind the scratch memory of \(shape)")
      return [y, dx, dweight, shape.hasBias ? dbias : empty(0)].map(\.array)
    }

    /// The same by the definition.
    func expected() -> [[Double]] {
      let (H, W, I) = (shape.input.height, shape.input.width, shape.inputChannels)
      let (P, Q, O) = (shape.output.height, shape.output.width, shape.outputChannels)
      let (window, part, outs) = (shape.window, I / shape.groups, O / shape.groups)
      let before = window.padding(for: shape.input).before
      var y = [Double](repeating: 0, count: dy.count)
      var (dx, dweight) = ([Double](repeating: 0, count: x.count), [Double](repeating: 0, count: weight.count))
      var dbias = [Double](repeating: 0, count: shape.hasBias ? O : 0)
      for n in 0..<shape.samples {
        for p in 0..<P {
          for q in 0..<Q {
            for o in 0..<O {
              let out = ((n * P + p) * Q + q) * O + o
              let d = Double(dy[out])
              if shape.hasBias {
                y[out] = Double(bias[o])
                dbias[o] += d
              }
              for i in 0..<window.kernel.height {
                for j in 0..<window.kernel.width {
                  let row = p * window.stride.height - before.height + i * window.dilation.height
                  let column = q * window.stride.width - before.width + j * window.dilation.width
                  guard (0..<H).contains(row), (0..<W).contains(column) else { continue }
                  for c in 0..<part {
                    let input = ((n * H + row) * W + column) * I + o / outs * part + c
                    let w = ((o * part + c) * window.kernel.height + i) * window.kernel.width + j
                    y[out] += Double(x[input]) * Double(weight[w])
                    dx[input] += d * Double(weight[w])
                    dweight[w] += d * Double(x[input])
                  }
                }
              }
            }
          }
        }
      }
      return [y, dx, dweight, dbias]
    }
  }

  /// 5e-5: sums of up to 1250 products of numbers up to one are themselves of order 10, whose last place is 1e-6; the
  /// roundings have both signs, so that √1250 = 35 of them remain. Winograd's transforms multiply by up to 64 and divide
  /// again: ten times as much.
  @Test(arguments: shapes)
  func passesAreThoseOfTheDefinition(shape: ConvolutionShape) {
    let passes = Passes(shape)
    let kernel = ConvolutionKernel(shape)
    let tolerance = kernel.isWinograd ? 5e-4 : 5e-5
    for (name, pair) in zip(["y", "dx", "dweight", "dbias"], zip(passes.run(kernel), passes.expected())) {
      let worst = zip(pair.0, pair.1).map { abs(Double($0) - $1) }.max() ?? 0
      #expect(pair.0.count == pair.1.count && worst < tolerance, "\(name) of \(shape)")
    }
  }

  /// Bit for bit, on every instruction set; Winograd's sums are other ones, and the same on all of them.
  @Test(arguments: shapes)
  func bitsAreThoseOfTheChains(shape: ConvolutionShape) {
    let passes = Passes(shape)
    let kernel = ConvolutionKernel(shape)
    let expected = kernel.isWinograd ? Array(passes.run(kernel).prefix(3)) : passes.chains()
    for path in ProductDraws.paths {
      let found = onPath(path) { passes.run(kernel) }
      for (name, pair) in zip(["y", "dx", "dweight"], zip(found, expected)) {
        #expect(
          pair.0.map(\.bitPattern) == pair.1.map(\.bitPattern),
          "\(name) of \(shape) by \(String(cString: ck_product_name(path)))")
      }
    }
  }

  /// Those of several channels, of which some are odd numbers, as their lines are.
  static let roundedShapes = shapes.filter { !ConvolutionKernel($0).isWinograd }.map { shape in
    var rounded = shape
    rounded.precision = .bfloat16
    return rounded
  }

  /// Bit for bit in bfloat16, with and without an instruction for pairs; denormals count as zero in this thread too.
  @Test(arguments: roundedShapes)
  func bfloat16BitsAreThoseOfTheChains(shape: ConvolutionShape) {
    func bits(_ values: [Float]) -> [UInt32] { values.map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern } }
    let kernel = ConvolutionKernel(shape)
    let isDepthwise = shape.groups > 1 && shape.groups == shape.inputChannels && shape.groups == shape.outputChannels
    let some = Passes(shape, special: ProductDraws.special, rarity: 97)
    for passes in isDepthwise ? [Passes(shape)] : [Passes(shape), some] {
      let expected = Kernels.asLane { passes.chains() }
      for path in ProductDraws.paths {
        let found = onPath(path) { passes.run(kernel) }
        for (name, pair) in zip(["y", "dx", "dweight"], zip(found, expected)) {
          #expect(bits(pair.0) == bits(pair.1), "\(name) of \(shape) by \(String(cString: ck_product_name(path)))")
        }
      }
    }
  }

  /// NaN, infinities, both zeros and denormals among the numbers, with denormals as they are and counted as zero; NaNs are
  /// equal, since which of them survives is the processor's choice.
  @Test(arguments: shapes.filter { !ConvolutionKernel($0).isWinograd }, [false, true])
  func specialNumbersAreThoseOfTheChains(shape: ConvolutionShape, isLane: Bool) {
    func bits(_ values: [Float]) -> [UInt32] { values.map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern } }
    let kernel = ConvolutionKernel(shape)
    for (special, rarity) in [(ProductDraws.special, 97), (ProductDraws.special.filter(\.isFinite), 3)] {
      let passes = Passes(shape, special: special, rarity: rarity)
      func check() {
        let expected = passes.chains()
        for path in ProductDraws.paths {
          let found = onPath(path) { passes.run(kernel) }
          for (name, pair) in zip(["y", "dx", "dweight"], zip(found, expected)) {
            #expect(bits(pair.0) == bits(pair.1), "\(name) of \(shape) by \(String(cString: ck_product_name(path)))")
          }
        }
      }
      if isLane { Kernels.asLane(check) } else { check() }
    }
  }

  /// What the contract builds on: the same bits wherever the memory lies, from every kernel of a shape.
  @Test(arguments: shapes)
  func bitsDependOnNoAddress(shape: ConvolutionShape) {
    let passes = Passes(shape)
    let kernel = ConvolutionKernel(shape)
    let first = passes.run(kernel)
    for offset in [0, 1, 3, 8, 13] { #expect(passes.run(kernel, offset: offset) == first) }
    #expect(passes.run(ConvolutionKernel(shape)) == first)
  }

  /// Where it pays: wide enough in channels and pixels.
  @Test func winogradIsTakenWhereItIsQuicker() {
    func isTaken(_ I: Int, _ O: Int, _ extent: Int, stride: Int = 1) -> Bool {
      ConvolutionKernel(
        ConvolutionShape(
          samples: 2, input: Plane(extent), inputChannels: I, outputChannels: O,
          window: Window(kernel: Plane(3), stride: Plane(stride), padding: .both(Plane(1))))
      ).isWinograd
    }
    #expect(isTaken(32, 64, 26))
    for other in [isTaken(1, 32, 28), isTaken(16, 16, 28), isTaken(64, 64, 7), isTaken(64, 64, 28, stride: 2)] {
      #expect(!other)
    }
  }

  /// As PyTorch and TensorFlow have it.
  @Test func samePaddingKeepsTheExtent() {
    for (input, kernel, stride, dilation, output, before, after) in [
      (28, 3, 1, 1, 28, 1, 1), (28, 4, 1, 1, 28, 1, 2), (28, 3, 2, 1, 14, 0, 1), (27, 3, 2, 1, 14, 1, 1),
      (9, 3, 1, 2, 9, 2, 2), (8, 1, 3, 1, 3, 0, 0), (7, 2, 5, 1, 2, 0, 0),
    ] {
      let window = Window(
        kernel: Plane(kernel), stride: Plane(stride), dilation: Plane(dilation), padding: .same)
      let padding = window.padding(for: Plane(input))
      #expect(window.output(for: Plane(input)) == Plane(output))
      #expect((padding.before, padding.after) == (Plane(before), Plane(after)), "\(input), \(kernel), \(stride)")
    }
  }
}
