import CKernels
import Kernels
import Tensors
import Testing

@Suite struct SumTests {
  /// Around the widths of vectors, so that every tail is seen.
  static let counts = Array(0...70) + [1023, 1024, 1025, 3001]

  @Test func addAddsElementByElementAndMayAlias() {
    for count in Self.counts {
      let (a, b) = (uniform(count, 10, stream: 1), uniform(count, 1e-3, stream: 2))
      let expected = zip(a, b).map { $0 + $1 }
      let (x, y, target) = (floats(a), floats(b), floats(count: count))
      Kernels.add(x, y, into: target)
      #expect(target.array == expected, "\(count)")
      #expect(x.array == a && y.array == b)
      Kernels.add(x, y, into: y)
      #expect(y.array == expected, "\(count), into the second")
      y.assign(b)
      Kernels.add(x, y, into: x)
      #expect(x.array == expected, "\(count), into the first")
    }
  }

  /// Floats' squares are exact in double; 1e-13 is 1,024 roundings of 1.1e-16 each, all terms being positive.
  @Test func squareSumsAreThoseOfBlocks() {
    for count in Self.counts + [5 * Kernels.blockSize + 5] {
      let values = uniform(count, 3)
      let buffer = floats(values)
      for start in stride(from: 0, to: count, by: Kernels.blockSize) {
        let part = start..<min(count, start + Kernels.blockSize)
        let expected = values[part].reduce(0.0) { $0 + Double($1) * Double($1) }
        let found = Kernels.squareSum(of: buffer[part])
        #expect(abs(found - expected) <= 1e-13 * expected, "\(part) of \(count)")
      }
    }
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity, .signalingNaN])
  func firstNonFiniteIsFoundAtEveryPlace(value: Float) {
    for count in [1, 2, 15, 16, 17, 63, 64, 65, 200] {
      let buffer = floats(uniform(count, 1e30))
      #expect(Kernels.firstNonFinite(in: buffer) == nil)
      for place in (0..<count).reversed() {
        // Those behind stay: the first counts.
        buffer[place] = value
        #expect(Kernels.firstNonFinite(in: buffer) == place, "\(place) of \(count)")
      }
    }
  }

  @Test func firstNonFiniteLooksThroughAllBlocks() {
    let buffer = floats(count: 3 * Kernels.blockSize + 10)
    for place in [0, 1023, 1024, 1025, 2047, 2048, 3071, 3072, 3081] {
      buffer[place] = .infinity
      #expect(Kernels.firstNonFinite(in: buffer) == place)
      buffer[place] = .greatestFiniteMagnitude
    }
    #expect(Kernels.firstNonFinite(in: buffer) == nil)
    #expect(Kernels.firstNonFinite(in: buffer[0..<0]) == nil)
  }

  @Test(arguments: [(1, 1), (1, 5), (7, 1), (3, 16), (5, 17), (64, 10)])
  func biasIsAddedToEveryRowAndSummedOverRows(rows: Int, columns: Int) {
    let (y, bias) = (uniform(rows * columns, 2, stream: 3), uniform(columns, 2, stream: 4))
    let (target, sums) = (floats(y), floats(count: columns))
    Kernels.addBias(floats(bias), to: target)
    #expect(target.array == y.indices.map { y[$0] + bias[$0 % columns] })
    for column in 0..<columns { sums[column] = .nan }
    Kernels.sumRows(of: floats(y), into: sums)
    // Rows ascending: the same bits, not only the same sum.
    #expect(
      sums.array
        == (0..<columns).map { column in (0..<rows).reduce(Float(0)) { $0 + y[$1 * columns + column] } })
  }
}
