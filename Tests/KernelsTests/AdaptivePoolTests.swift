import Kernels
import Tensors
import Testing

/// Pools with windows of their own sizes, against their definition; and windows whose places are more than a byte can name.
@Suite struct AdaptivePoolTests {
  /// The rows of a window, as PyTorch's article on `AdaptiveAvgPool2d` leaves them to its source: from ⌊pH / P⌋ on, before
  /// ⌈(p + 1)H / P⌉.
  private static func range(_ window: Int, of count: Int, over input: Int) -> Range<Int> {
    Int(
      (Double(window * input) / Double(count)).rounded(.down))..<Int(
        (Double((window + 1) * input) / Double(count)).rounded(.up))
  }

  /// Input and outputs along both axes: dividing and not, one window, more outputs than inputs.
  static let cases: [(input: Plane<Int>, output: Plane<Int>)] = [
    (Plane(7), Plane(3)), (Plane(height: 6, width: 9), Plane(height: 4, width: 3)), (Plane(8), Plane(4)),
    (Plane(5), Plane(1)), (Plane(height: 3, width: 4), Plane(height: 5, width: 6)), (Plane(6), Plane(6)),
    (Plane(height: 1, width: 37), Plane(height: 1, width: 10)), (Plane(height: 24, width: 20), Plane(1)),
    (Plane(height: 40, width: 41), Plane(height: 2, width: 2)),
  ]

  /// In floats, and of bfloat16 numbers, whose results are those of floats of these values, rounded once.
  ///
  /// 1e-6: means of up to 480 numbers up to one.
  @Test(arguments: cases)
  func windowsAreThoseOfTheDefinition(input: Plane<Int>, output: Plane<Int>) {
    let (N, C) = (2, 5)
    let shape = PoolingShape(samples: N, input: input, channels: C, adaptedTo: output)
    #expect(shape.output == output)
    let x = rounded(uniform(shape.inputCount, 3, stream: 1).map { ($0 * 4).rounded() / 4 })
    let dy = rounded(uniform(shape.outputCount, 1, stream: 2))
    var (greatest, mean) = ([Float](), [Double]())
    var (dgreatest, dmean) = ([Float](repeating: 0, count: x.count), [Double](repeating: 0, count: x.count))
    for n in 0..<N {
      for p in 0..<output.height {
        for q in 0..<output.width {
          for c in 0..<C {
            let places = Self.range(p, of: output.height, over: input.height).flatMap { h in
              Self.range(q, of: output.width, over: input.width).map {
                ((n * input.height + h) * input.width + $0) * C + c
              }
            }
            let (out, largest) = (greatest.count, places.map { x[$0] }.max()!)
            greatest.append(largest)
            mean.append(places.reduce(0) { $0 + Double(x[$1]) } / Double(places.count))
            dgreatest[places.first { x[$0] == largest }!] += dy[out]
            for place in places { dmean[place] += Double(dy[out]) / Double(places.count) }
          }
        }
      }
    }
    func results(_ format: NumberFormat) -> [[Float]] {
      let (x, dy) = (GuardedTensor(x, format, offset: 1).view, GuardedTensor(dy, format, offset: 3).view)
      let (y, m) = (GuardedTensor(count: dy.count, format, offset: 5), GuardedTensor(count: dy.count, format))
      let (dx, dm) = (GuardedTensor(count: x.count, format, offset: 1), GuardedTensor(count: x.count, format))
      let places = floats(count: shape.placesCount)
      Kernels.maxPool(x, shape: shape, into: y.view, places: places)
      Kernels.maxPoolBackward(dy, places: places, shape: shape, into: dx.view)
      Kernels.averagePool(x, shape: shape, into: m.view)
      Kernels.averagePoolBackward(dy, shape: shape, into: dm.view)
      #expect([y, m, dx, dm].allSatisfy { $0.isGuarded })
      return [y, dx, m, dm].map(\.view.array)
    }
    let found = results(.float32)
    #expect(found[0] == greatest && found[1] == dgreatest)
    #expect(zip(found[2], mean).allSatisfy { abs(Double($0) - $1) < 1e-6 })
    #expect(zip(found[3], dmean).allSatisfy { abs(Double($0) - $1) < 1e-6 })
    #expect(results(.bfloat16).map(bitsButNaN) == found.map { bitsButNaN(rounded($0)) })
    for size in 2...3 {
      #expect(inCrew(of: size) { results(.float32) } == Kernels.asLane { results(.float32) })
    }
  }

  /// What lies beside the input is not counted: the mean of ones is one everywhere.
  @Test(arguments: PoolingTests.shapes)
  func meansWithoutPaddingAreOfWhatIsThere(shape: PoolingShape) {
    let own = PoolingShape(
      samples: shape.samples, input: shape.input, channels: shape.channels, window: shape.window, countsPadding: false)
    for format in NumberFormat.allCases {
      let ones = GuardedTensor([Float](repeating: 1, count: own.inputCount), format).view
      let y = GuardedTensor(count: own.outputCount, format)
      Kernels.averagePool(ones, shape: own, into: y.view)
      #expect(y.view.array.allSatisfy { $0 == 1 } && y.isGuarded)
      // Each output gives back what it gets: 1e-2 for what is rounded to 8 bits.
      let dx = GuardedTensor(count: own.inputCount, format)
      Kernels.averagePoolBackward(y.view, shape: own, into: dx.view)
      let total = dx.view.array.reduce(0.0) { $0 + Double($1) }
      let tolerance = format == .float32 ? 1e-6 : 1e-2
      #expect(abs(total / Double(own.outputCount) - 1) < tolerance)
    }
  }
}
