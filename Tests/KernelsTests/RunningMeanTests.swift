import Kernels
import Tensors
import Testing

/// Running means: of what does not change, and how they approach what does.
@Suite struct RunningMeanTests {
  static let momenta: [Float] = [1e-6, 1e-4, 1e-3, 0.1, 0.3, 0.5, 0.7, 1]

  /// (1 - m) p + m p would lose a part of a unit a step, which at 1e-6 adds up to 5.6e-3 of p.
  @Test(arguments: momenta) func whatStaysKeepsItsBits(momentum: Float) {
    let values = uniform(67, 2)
    let (running, same) = (floats(values), floats(values))
    for _ in 0..<10_000 { Kernels.runningMean(running, sum: same, scale: 1, momentum: momentum) }
    #expect(running.array == values)
  }

  /// Two roundings of numbers of the size of the larger.
  @Test(arguments: momenta) func movesByItsMomentum(momentum: Float) {
    let (before, sums) = (uniform(67, 2), uniform(67, 8, stream: 1))
    let running = floats(before)
    Kernels.runningMean(running, sum: floats(sums), scale: 0.25, momentum: momentum)
    for (found, (before, sum)) in zip(running.array, zip(before, sums)) {
      let mean = Double(sum) / 4
      let expected = (1 - Double(momentum)) * Double(before) + Double(momentum) * mean
      #expect(abs(Double(found) - expected) <= 1.2e-7 * max(abs(Double(before)), abs(mean)))
    }
  }

  /// A momentum of 1 is the last batch's mean, however far the one before was.
  @Test func theWholeWayIsTheMeanItself() {
    let running = floats([1e9, -1e9, 3])
    Kernels.runningMean(running, sum: floats([0.1, 0.2, 0.3]), scale: 1, momentum: 1)
    #expect(running.array == [0.1, 0.2, 0.3])
  }
}
