import Kernels
import Tensors
import TestSupport
import Testing

/// The choice of the smallest weights, against sorting.
@Suite struct PruningKernelTests {
  /// Few different magnitudes, so that many are alike, zeros of both signs, a denormal number and an infinity.
  private static func weights(_ count: Int, stream: UInt64) -> FloatView {
    let values = floats(uniform(count, 1, stream: stream))
    for place in 0..<count where place % 3 != 0 { values[place] = (values[place] * 7).rounded() / 8 }
    for (place, value) in ([0, -0.0, 1e-40, .infinity, -.infinity] as [Float]).enumerated() where count > 20 {
      values[place * 4 + 1] = value
    }
    return values
  }

  @Test(arguments: [1, 2, 21, 100, 4099])
  func theSmallestAreThoseOfASort(count: Int) {
    let counts = [0, 1, count / 3, count / 2, count - 1, count, min(count + 5, 2 * count), 2 * count]
    for some in counts {
      let parts = [Self.weights(count, stream: 3), Self.weights(count, stream: 4)]
      let before = parts.flatMap { $0.array }
      func magnitude(_ x: Float) -> Float { x.magnitude < .leastNormalMagnitude ? 0 : x.magnitude }
      // Of equal ones the first go.
      let order = before.indices.sorted { (magnitude(before[$0]), $0) < (magnitude(before[$1]), $1) }
      let gone = Set(order.prefix(some))
      let expected = before.indices.map { gone.contains($0) ? 0 : before[$0] }
      let smallest = Kernels.smallest(some, of: parts)
      #expect(Kernels.smallest(some, of: parts) == smallest)
      Kernels.zero(smallest, of: parts)
      let found = parts.flatMap { $0.array }
      #expect(zip(found, expected).allSatisfy { $0 == $1 }, "\(some) of 2 × \(count)")
      let zeros = parts.reduce(0) { $0 + Kernels.zeros(of: $1) }
      #expect(zeros == found.count { magnitude($0) == 0 } && zeros >= some)
    }
  }

  @Test func aMaskTakesWhatIsZeroAlone() {
    let weights = floats([0, 1, -0.0, .nan, 1e-40, -2, .infinity])
    let numbers = floats([1, 2, 3, 4, 5, .nan, 7])
    Kernels.maskZeros(numbers, of: weights)
    #expect(numbers.array.map { $0.isNaN ? -1 : $0 } == [0, 2, 0, 4, 0, -1, 7])
  }
}
