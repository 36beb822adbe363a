import Kernels
import Tensors
import Testing

/// Norms of groups and of root mean squares, gates of channels and learned rectifiers: against their definitions in double, on tensors
/// of bfloat16 numbers, and divided among threads.
@Suite struct PictureKernelTests {
  /// Samples, rows of each, channels, and groups of these: around the widths in which sums are made.
  static let cases: [(N: Int, R: Int, C: Int, G: Int)] = [
    (2, 1, 6, 3), (1, 33, 4, 1), (3, 40, 16, 4), (2, 70, 66, 6), (2, 9, 5, 5), (4, 16, 96, 32),
  ]

  /// Everything that a kernel writes, tensors of `format` first.
  private func run(_ kernel: (NumberFormat) -> (tensors: [GuardedTensor], sums: [FloatView]), _ format: NumberFormat)
    -> (tensors: [[Float]], sums: [[Float]])
  {
    let found = kernel(format)
    #expect(found.tensors.allSatisfy { $0.isGuarded })
    return (found.tensors.map(\.view.array), found.sums.map(\.array))
  }

  /// Of bfloat16 tensors what comes of floats with their values, rounded once; with threads the bits of one.
  private func expectSameBits(_ kernel: (NumberFormat) -> (tensors: [GuardedTensor], sums: [FloatView])) {
    let (expected, halves) = (Kernels.asLane { run(kernel, .float32) }, Kernels.asLane { run(kernel, .bfloat16) })
    #expect(halves.tensors.map(bitsButNaN) == expected.tensors.map { bitsButNaN(rounded($0)) })
    #expect(halves.sums.map(bitsButNaN) == expected.sums.map(bitsButNaN))
    for size in 2...3 {
      let threads = inCrew(of: size) { run(kernel, .float32) }
      #expect(threads.tensors == expected.tensors && threads.sums == expected.sums, "\(size) threads")
    }
  }

  private func near(_ found: [Float], _ expected: [Double], _ tolerance: Double, _ what: String) {
    let largest = max(1, expected.map { abs($0) }.max()!)
    let error = zip(found, expected).map { abs(Double($0) - $1) }.max()!
    #expect(found.count == expected.count && error < tolerance * largest, "\(what): \(error) of \(largest)")
  }

  /// 3e-6: numbers of some units, an inverse deviation, and sums of up to 1,000 terms in blocks.
  @Test(arguments: cases)
  func groupNorm(N: Int, R: Int, C: Int, G: Int) {
    let (x, dy) = (rounded(uniform(N * R * C, 2, stream: 1)), rounded(uniform(N * R * C, 1, stream: 2)))
    let (gamma, beta) = (uniform(C, 1, stream: 3), uniform(C, 1, stream: 4))
    let epsilon: Float = 0.01
    func kernel(_ format: NumberFormat) -> (tensors: [GuardedTensor], sums: [FloatView]) {
      let (x, dy) = (GuardedTensor(x, format, offset: 1).view, GuardedTensor(dy, format, offset: 1))
      let (y, dx) = (GuardedTensor(count: x.count, format, offset: 3), GuardedTensor(count: x.count, format))
      let (statistics, dgamma, dbeta) = (floats(count: 2 * N * G), floats(count: C), floats(count: C))
      let scratch = floats(count: Kernels.groupNormScratch(samples: N, channels: C))
      Kernels.groupNorm(
        x, groups: G, gamma: floats(gamma), beta: floats(beta), epsilon: epsilon, statistics: statistics, into: y.view)
      for target in [dx, dy] {
        Kernels.groupNormBackward(
          dy.view, x: x, groups: G, gamma: floats(gamma), statistics: statistics, dgamma: dgamma, dbeta: dbeta,
          into: target.view, scratch: scratch)
      }
      return ([y, dx, dy], [statistics, dgamma, dbeta])
    }
    expectSameBits(kernel)

    var (y, dx) = ([Double](repeating: 0, count: x.count), [Double](repeating: 0, count: x.count))
    var (dgamma, dbeta) = ([Double](repeating: 0, count: C), [Double](repeating: 0, count: C))
    for n in 0..<N {
      for g in 0..<G {
        let places = (0..<R).flatMap { r in (g * C / G..<(g + 1) * C / G).map { ((n * R + r) * C + $0, $0) } }
        let M = Double(places.count)
        let mean = places.reduce(0) { $0 + Double(x[$1.0]) } / M
        let variance = places.reduce(0) { $0 + (Double(x[$1.0]) - mean) * (Double(x[$1.0]) - mean) } / M
        let inverse = 1 / (variance + Double(epsilon)).squareRoot()
        func hat(_ place: Int) -> Double { (Double(x[place]) - mean) * inverse }
        func up(_ place: Int, _ c: Int) -> Double { Double(dy[place]) * Double(gamma[c]) }
        let shift = places.reduce(0) { $0 + up($1.0, $1.1) } / M
        let tilt = places.reduce(0) { $0 + up($1.0, $1.1) * hat($1.0) } / M
        for (place, c) in places {
          y[place] = hat(place) * Double(gamma[c]) + Double(beta[c])
          dx[place] = inverse * (up(place, c) - shift - hat(place) * tilt)
          dgamma[c] += Double(dy[place]) * hat(place)
          dbeta[c] += Double(dy[place])
        }
      }
    }
    let found = run(kernel, .float32)
    near(found.tensors[0], y, 3e-6, "y")
    near(found.tensors[1], dx, 3e-6, "dx")
    #expect(found.tensors[1] == found.tensors[2], "in place")
    near(found.sums[1], dgamma, 3e-6, "dgamma")
    near(found.sums[2], dbeta, 3e-6, "dbeta")
  }

  /// 3e-6, as above. Only outputs, and their gradient, may be of bfloat16 numbers.
  @Test(arguments: [1, 2, 5, 33], [1, 15, 16, 17, 33, 100])
  func rootMeanSquares(N: Int, D: Int) {
    let (x, dy, gamma) = (uniform(N * D, 2, stream: 1), rounded(uniform(N * D, 1, stream: 2)), uniform(D, 1, stream: 3))
    let epsilon: Float = 0.01
    func kernel(_ format: NumberFormat) -> (tensors: [GuardedTensor], sums: [FloatView]) {
      let (y, dy) = (GuardedTensor(count: N * D, format, offset: 1), GuardedTensor(dy, format, offset: 3))
      let (x, dx, inverses, dgamma) = (floats(x), floats(count: N * D), floats(count: N), floats(count: D))
      Kernels.rmsNorm(x, gamma: floats(gamma), epsilon: epsilon, inverses: inverses, into: y.view)
      Kernels.rmsNormBackward(dy.view, x: x, gamma: floats(gamma), inverses: inverses, dgamma: dgamma, into: dx)
      return ([y], [dx, dgamma, inverses])
    }
    expectSameBits(kernel)
    var (y, dx, dgamma) = (
      [Double](repeating: 0, count: N * D), [Double](repeating: 0, count: N * D), [Double](repeating: 0, count: D)
    )
    for n in 0..<N {
      let row = (0..<D).map { Double(x[n * D + $0]) }
      let inverse = 1 / (row.reduce(0) { $0 + $1 * $1 } / Double(D) + Double(epsilon)).squareRoot()
      let up = (0..<D).map { Double(dy[n * D + $0]) * Double(gamma[$0]) }
      let tilt = (0..<D).reduce(0) { $0 + up[$1] * row[$1] * inverse } / Double(D)
      for d in 0..<D {
        y[n * D + d] = row[d] * inverse * Double(gamma[d])
        dx[n * D + d] = inverse * (up[d] - row[d] * inverse * tilt)
        dgamma[d] += Double(dy[n * D + d]) * row[d] * inverse
      }
    }
    let found = run(kernel, .float32)
    near(found.tensors[0], y, 3e-6, "y")
    near(found.sums[0], dx, 3e-6, "dx")
    near(found.sums[1], dgamma, 3e-6, "dgamma")
  }

  @Test(arguments: cases)
  func gatesOfChannels(N: Int, R: Int, C: Int, G: Int) {
    let (x, gate, dy) = (
      rounded(uniform(N * R * C, 2, stream: 1)), rounded(uniform(N * C, 1, stream: 2)),
      rounded(uniform(N * R * C, 1, stream: 3))
    )
    func kernel(_ format: NumberFormat) -> (tensors: [GuardedTensor], sums: [FloatView]) {
      let (x, dy) = (GuardedTensor(x, format, offset: 1), GuardedTensor(dy, format))
      let (gate, dgate) = (GuardedTensor(gate, format, offset: 5), GuardedTensor(count: N * C, format))
      let y = GuardedTensor(count: N * R * C, format, offset: 3)
      Kernels.scaleRows(x.view, by: gate.view, channels: C, into: y.view)
      Kernels.scaleGradient(dy.view, x: x.view, channels: C, into: dgate.view)
      Kernels.scaleRows(dy.view, by: gate.view, channels: C, into: dy.view)
      return ([y, dgate, dy], [])
    }
    expectSameBits(kernel)
    let found = run(kernel, .float32)
    #expect(found.tensors[0] == x.indices.map { x[$0] * gate[$0 / (R * C) * C + $0 % C] })
    #expect(found.tensors[2] == dy.indices.map { dy[$0] * gate[$0 / (R * C) * C + $0 % C] })
    var dgate = [Double](repeating: 0, count: N * C)
    for place in x.indices { dgate[place / (R * C) * C + place % C] += Double(dy[place]) * Double(x[place]) }
    near(found.tensors[1], dgate, 1e-6, "dgate")
  }

  @Test(arguments: cases, [true, false])
  func learnedRectifiers(extents: (N: Int, R: Int, C: Int, G: Int), isPerChannel: Bool) {
    let (rows, C) = (extents.N * extents.R, extents.C)
    var (x, dy) = (rounded(uniform(rows * C, 2, stream: 1)), rounded(uniform(rows * C, 1, stream: 2)))
    (x[0], dy[0]) = (0, 1)
    let slopes = isPerChannel ? uniform(C, 1, stream: 3) : [Float](repeating: -0.75, count: C)
    func kernel(_ format: NumberFormat) -> (tensors: [GuardedTensor], sums: [FloatView]) {
      let (x, dy) = (GuardedTensor(x, format, offset: 1), GuardedTensor(dy, format))
      let (y, dx) = (GuardedTensor(count: rows * C, format, offset: 3), GuardedTensor(count: rows * C, format))
      let dslopes = floats(count: isPerChannel ? C : 1)
      Kernels.prelu(x.view, slopes: floats(slopes), into: y.view)
      for target in [dx, dy] {
        Kernels.preluBackward(
          dy.view, x: x.view, slopes: floats(slopes), dslopes: dslopes, into: target.view, scratch: floats(count: 2 * C)
        )
      }
      return ([y, dx, dy], [dslopes])
    }
    expectSameBits(kernel)
    let found = run(kernel, .float32)
    #expect(found.tensors[0] == x.indices.map { x[$0] > 0 ? x[$0] : x[$0] * slopes[$0 % C] })
    #expect(found.tensors[1] == x.indices.map { x[$0] > 0 ? dy[$0] : dy[$0] * slopes[$0 % C] })
    #expect(found.tensors[2] == found.tensors[1])
    var dslopes = [Double](repeating: 0, count: isPerChannel ? C : 1)
    for place in x.indices where x[place] <= 0 {
      dslopes[isPerChannel ? place % C : 0] += Double(dy[place]) * Double(x[place])
    }
    near(found.sums[0], dslopes, 1e-6, "dslopes")
  }
}
