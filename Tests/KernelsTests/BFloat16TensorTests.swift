import CKernels
import Kernels
import Tensors
import Testing

/// Kernels on tensors of bfloat16 numbers, against the same kernels on floats that have these values, whose results are rounded once.
///
/// What those come to is tested where they are; memory begins at odd places, and nothing behind it is read or written.
@Suite struct BFloat16TensorTests {
  /// Which of input and output are of bfloat16 numbers.
  private static let formats: [(input: NumberFormat, output: NumberFormat)] = [
    (.bfloat16, .bfloat16), (.float32, .bfloat16), (.bfloat16, .float32),
  ]

  /// By windows, products and Winograd's algorithm, depthwise; with factors rounded or as they are; by any vectors.
  @Test(arguments: ConvolutionTests.shapes, [NumberFormat.float32, .bfloat16])
  func convolutions(shape: ConvolutionShape, precision: NumberFormat) {
    var onFloats = shape
    onFloats.precision = precision
    for special in [[], ProductDraws.special] where special.isEmpty || !ConvolutionKernel(shape).isWinograd {
      let drawn =
        special.isEmpty
        ? ConvolutionTests.Passes(onFloats)
        : ConvolutionTests.Passes(onFloats, special: special, rarity: 97)
      for (input, output) in Self.formats {
        let passes = drawn.rounding(input: input, output: output)
        var shape = onFloats
        (shape.inputFormat, shape.outputFormat) = (input, output)
        Kernels.asLane {
          var expected = passes.run(ConvolutionKernel(onFloats))
          if output == .bfloat16 { expected[0] = rounded(expected[0]) }
          if input == .bfloat16 { expected[1] = rounded(expected[1]) }
          for path in ProductDraws.paths {
            let found = onPath(path) { passes.run(onTensors: ConvolutionKernel(shape), offset: Int(path) % 3) }
            for (name, pair) in zip(["y", "dx", "dweight", "dbias"], zip(found, expected)) {
              #expect(
                bitsButNaN(pair.0) == bitsButNaN(pair.1),
                "\(name) of \(shape) by \(String(cString: ck_product_name(path)))")
            }
          }
        }
      }
    }
  }

  /// Equal numbers among them, of which the first counts.
  @Test(arguments: PoolingTests.shapes)
  func pools(shape: PoolingShape) {
    let x = rounded(uniform(shape.inputCount, 3, stream: 1).map { ($0 * 4).rounded() / 4 + 0.01 })
    let dy = rounded(uniform(shape.outputCount, 1, stream: 2))
    func results(_ format: NumberFormat) -> [[Float]] {
      let (x, dy) = (GuardedTensor(x, format, offset: 1).view, GuardedTensor(dy, format, offset: 3).view)
      let (y, mean) = (GuardedTensor(count: dy.count, format, offset: 5), GuardedTensor(count: dy.count, format))
      let (dx, dmean) = (GuardedTensor(count: x.count, format, offset: 1), GuardedTensor(count: x.count, format))
      let places = floats(count: shape.placesCount)
      Kernels.maxPool(x, shape: shape, into: y.view, places: places)
      Kernels.maxPoolBackward(dy, places: places, shape: shape, into: dx.view)
      Kernels.averagePool(x, shape: shape, into: mean.view)
      Kernels.averagePoolBackward(dy, shape: shape, into: dmean.view)
      let all = [y, mean, dx, dmean]
      #expect(all.allSatisfy { $0.isGuarded })
      return all.map(\.view.array) + [places.bytes.prefix(dy.count).map { Float($0) }]
    }
    let (expected, found) = (results(.float32), results(.bfloat16))
    #expect(found[0] == expected[0])
    #expect(found.prefix(4).map(bitsButNaN) == expected.prefix(4).map { bitsButNaN(rounded($0)) })
    #expect(found[4] == expected[4])
    let nan = x.indices.map { $0 == x.count / 2 ? Float.nan : x[$0] }
    let y = GuardedTensor(count: dy.count, .bfloat16)
    Kernels.maxPool(
      GuardedTensor(nan, .bfloat16).view, shape: shape, into: y.view, places: floats(count: shape.placesCount))
    let plain = floats(count: dy.count)
    Kernels.maxPool(floats(nan), shape: shape, into: plain, places: floats(count: shape.placesCount))
    #expect(y.view.array.map(\.isNaN) == plain.array.map(\.isNaN))
  }

  @Test(arguments: BatchNormTests.cases)
  func batchNorms(rows R: Int, channels C: Int, offset: Float) {
    let x = rounded(uniform(R * C, 1, stream: 1).map { $0 + offset }), dy = rounded(uniform(R * C, 1, stream: 2))
    let some = (3...6).map { floats(uniform(C, 1, stream: UInt64($0))) }
    func results(_ format: NumberFormat) -> (tensors: [[Float]], sums: [[Float]]) {
      let (x, dy) = (GuardedTensor(x, format, offset: 1).view, GuardedTensor(dy, format, offset: 1))
      let (y, dx) = (GuardedTensor(count: R * C, format, offset: 3), GuardedTensor(count: R * C, format))
      let sums = (0..<4).map { _ in floats(count: C) }
      let scratch = floats(count: Kernels.batchNormScratch(channels: C))
      Kernels.batchMoments(x, mean: sums[0], variance: sums[1], scratch: scratch)
      Kernels.channelAffine(x, mean: some[0], scale: some[1], shift: some[2], into: y.view)
      func backward(into dx: TensorView) {
        Kernels.batchNormBackward(
          dy.view, x: x, mean: some[0], inverse: some[3], scale: some[1], dscale: sums[2], dshift: sums[3], dx: dx,
          scratch: scratch)
      }
      backward(into: dx.view)
      backward(into: dy.view)
      #expect([y, dx, dy].allSatisfy { $0.isGuarded })
      return ([y, dx, dy].map(\.view.array), sums.map(\.array))
    }
    let (expected, found) = (results(.float32), results(.bfloat16))
    #expect(found.tensors.map(bitsButNaN) == expected.tensors.map { bitsButNaN(rounded($0)) })
    #expect(found.sums.map(bitsButNaN) == expected.sums.map(bitsButNaN))
  }

  /// Around blocks of 2,048, and from any format to any.
  @Test(arguments: [1, 2, 63, 64, 65, 2047, 2048, 2049, 5001])
  func elements(count: Int) {
    let (a, b) = (rounded(uniform(count, 3, stream: 1)), rounded(uniform(count, 3, stream: 2)))
    let random = Philox(seed: 5, purpose: .dropout)
    typealias Function = (TensorView, TensorView, TensorView) -> Void
    let functions: [(name: String, apply: Function)] = [
      ("add", { Kernels.add($0, $1, into: $2) }), ("multiply", { Kernels.multiply($0, $1, into: $2) }),
      ("copy", { a, _, y in Kernels.copy(a, into: y) }),
      ("relu", { a, _, y in Kernels.forward(.relu, a, into: y) }),
      ("relu backward", { Kernels.backward(.relu, $0, from: $1, into: $2) }),
      (
        "dropout",
        { a, _, y in Kernels.dropout(a, rate: 0.3, random: random, layer: 2, position: 7, step: 3, into: y) }
      ),
    ]
    for (name, apply) in functions {
      let expected = floats(count: count)
      apply(.float32(floats(a)), .float32(floats(b)), .float32(expected))
      for way in 0..<8 {
        let formats = (0..<3).map { way >> $0 & 1 == 0 ? NumberFormat.bfloat16 : .float32 }
        let (first, second) = (GuardedTensor(a, formats[0], offset: 1), GuardedTensor(b, formats[1], offset: 3))
        let y = GuardedTensor(count: count, formats[2], offset: 5)
        apply(first.view, second.view, y.view)
        let wanted = formats[2] == .bfloat16 ? rounded(expected.array) : expected.array
        #expect(bitsButNaN(y.view.array) == bitsButNaN(wanted) && y.isGuarded, "\(name), \(formats)")
        guard formats[0] == formats[2] else { continue }
        apply(first.view, second.view, first.view)
        #expect(bitsButNaN(first.view.array) == bitsButNaN(wanted), "\(name) in place, \(formats)")
      }
    }
  }

  /// All bfloat16 numbers there are, denormals counting as zero.
  @Test func rectifiersAreThoseOfFloats() {
    Kernels.asLane {
      let all = (0..<65536).map { Float(bitPattern: UInt32($0) << 16) }
      let memory = floats(count: 32768)
      let x = BFloat16View(memory, count: 65536), dx = BFloat16View(floats(count: 32768), count: 65536)
      for place in 0..<65536 { x.base[place] = UInt16(place) }
      let (y, expected) = (BFloat16View(floats(count: 32768), count: 65536), floats(count: 65536))
      Kernels.forward(.relu, .bfloat16(x), into: .bfloat16(y))
      Kernels.forward(.relu, floats(all), into: expected)
      #expect(bitsButNaN(y.array) == bitsButNaN(rounded(expected.array)))
      let up = GuardedTensor(uniform(65536, 1), .bfloat16).view
      Kernels.backward(.relu, up, from: .bfloat16(x), into: .bfloat16(dx))
      Kernels.backward(.relu, floats(up.array), from: floats(all), into: expected)
      #expect(bitsButNaN(dx.array) == bitsButNaN(expected.array))
    }
  }

  /// Members of a crew begin where a part does, which bytes of bfloat16 numbers count otherwise.
  @Test(arguments: [1, 2, 3, 7])
  func crewsHaveTheSameBits(samples: Int) {
    func expectSame(_ what: String, _ kernel: () -> [[Float]]) {
      let expected = Kernels.asLane(kernel).map(bitsButNaN)
      for size in 2...4 where inCrew(of: size, kernel).map(bitsButNaN) != expected {
        Issue.record("\(what), \(size) threads: other bits than one")
      }
    }
    for (I, O, extent, groups, precision) in [
      (32, 32, 14, 1, NumberFormat.float32), (3, 33, 9, 1, .float32), (17, 33, 9, 1, .bfloat16),
      (12, 12, 8, 12, .float32), (20, 40, 5, 1, .bfloat16),
    ] {
      for (input, output) in Self.formats {
        let shape = ConvolutionShape(
          samples: samples, input: Plane(extent), inputChannels: I, outputChannels: O, window: Window(kernel: Plane(3)),
          groups: groups, precision: precision, inputFormat: input, outputFormat: output)
        let passes = ConvolutionTests.Passes(shape).rounding(input: input, output: output)
        expectSame("\(shape)") { passes.run(onTensors: ConvolutionKernel(shape), together: true) }
      }
    }
    for shape in PoolingTests.shapes {
      var shape = shape
      shape.samples = samples
      let x = GuardedTensor(uniform(shape.inputCount, 3, stream: 1), .bfloat16).view
      let dy = GuardedTensor(uniform(shape.outputCount, 1, stream: 2), .bfloat16).view
      expectSame("pools of \(shape)") {
        let (y, mean) = (GuardedTensor(count: dy.count, .bfloat16).view, GuardedTensor(count: dy.count, .bfloat16).view)
        let (dx, dmean) = (GuardedTensor(count: x.count, .bfloat16).view, GuardedTensor(count: x.count, .bfloat16).view)
        let places = floats(count: shape.placesCount)
        Kernels.maxPool(x, shape: shape, into: y, places: places)
        Kernels.maxPoolBackward(dy, places: places, shape: shape, into: dx)
        Kernels.averagePool(x, shape: shape, into: mean)
        Kernels.averagePoolBackward(dy, shape: shape, into: dmean)
        return [y, mean, dx, dmean].map(\.array)
      }
    }
    let count = 1031 * samples, random = Philox(seed: 5, purpose: .dropout)
    let (a, b) = (
      GuardedTensor(uniform(count, 3, stream: 1), .bfloat16).view,
      GuardedTensor(uniform(count, 3, stream: 2), .bfloat16).view
    )
    let three = (0..<3).map { floats(uniform(1031, 1, stream: UInt64($0))) }
    expectSame("elements") {
      let some = (0..<6).map { _ in GuardedTensor(count: count, .bfloat16).view }
      Kernels.dropout(a, rate: 0.3, random: random, layer: 2, position: 7, step: 3, into: some[0])
      Kernels.add(a, b, into: some[1])
      Kernels.multiply(a, b, into: some[2])
      Kernels.forward(.relu, a, into: some[3])
      Kernels.backward(.relu, a, from: b, into: some[4])
      Kernels.channelAffine(a, mean: three[0], scale: three[1], shift: three[2], into: some[5])
      let columns = GuardedTensor([Float](repeating: 0, count: 7 * samples), .bfloat16).view
      Kernels.copyColumns(a, columns: 1031, first: 5, into: columns, columns: 7, first: 1, width: 5)
      return some.map(\.array) + [columns.array]
    }
  }
}

extension ConvolutionTests.Passes {
  /// The same operands as tensors of these numbers have them.
  func rounding(input: NumberFormat, output: NumberFormat) -> Self {
    Self(
      shape: shape, x: input == .bfloat16 ? rounded(x) : x, weight: weight, bias: bias,
      dy: output == .bfloat16 ? rounded(dy) : dy)
  }

  /// y, dx, dweight and dbias from and into tensors of the numbers that the kernel's shape says; backward in two passes, or `together`.
  func run(onTensors kernel: ConvolutionKernel, offset: Int = 0, together: Bool = false) -> [[Float]] {
    let shape = kernel.shape
    let x = GuardedTensor(x, shape.inputFormat, offset: offset),
      dy = GuardedTensor(dy, shape.outputFormat, offset: offset)
    let y = GuardedTensor(count: shape.outputCount, shape.outputFormat, offset: offset)
    let dx = GuardedTensor(count: shape.inputCount, shape.inputFormat, offset: offset)
    let scratch = GuardedTensor(count: kernel.scratchCount, .float32)
    guard case .float32(let memory) = scratch.view else { return [] }
    let (weight, dweight, dbias) = (floats(weight), floats(count: weight.count), floats(count: bias.count))
    let ownBias = shape.hasBias ? dbias : nil
    kernel.forward(x.view, weight: weight, bias: shape.hasBias ? floats(bias) : nil, into: y.view, scratch: memory)
    if together {
      kernel.backward(x.view, dy.view, weight: weight, into: dweight, ownBias, dx.view, scratch: memory)
    } else {
      kernel.backwardData(dy.view, weight: weight, into: dx.view, scratch: memory)
      kernel.backwardWeights(x.view, dy.view, weight: dweight, bias: ownBias, scratch: memory)
    }
    #expect([x, dy, y, dx, scratch].allSatisfy { $0.isGuarded }, "written behind the memory of \(shape)")
    return [y.view.array, dx.view.array, dweight.array, shape.hasBias ? dbias.array : []]
  }
}
