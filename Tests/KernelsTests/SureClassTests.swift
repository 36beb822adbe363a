import Foundation
import Kernels
import Tensors
import Testing

/// Softmax cross-entropy of rows that are sure, right or wrong, against the formula in double precision.
///
/// Letters: C classes, y the row's class, w class weights, s smoothing, p probabilities.
@Suite struct SureClassTests {
  struct Setting: CustomTestStringConvertible {
    var smoothing: Float = 0
    var isWeighted = false
    var testDescription: String { "smoothing \(smoothing), \(isWeighted ? "weights" : "no weights")" }
  }
  static let settings = [
    Setting(), Setting(isWeighted: true), Setting(smoothing: 0.1), Setting(smoothing: 0.1, isWeighted: true),
    Setting(smoothing: 1, isWeighted: true),
  ]

  /// One row by the kernel, and by doubles: p's gradient as the two terms whose difference it is.
  private static func row(
    _ x: [Float], _ y: Int, _ w: [Float], _ s: Float
  ) -> (loss: Double, gradient: [Float], expected: Double, terms: [(Double, Double)]) {
    let gradient = floats(count: x.count)
    let loss = [Int32(y)].withUnsafeBufferPointer { classes in
      s == 0 && w.isEmpty
        ? Kernels.softmaxCrossEntropy(floats(x), classes: classes, valid: 1, gradient: gradient)
        : Kernels.weightedCrossEntropy(
          floats(x), classes: classes, valid: 1, weights: w, smoothing: s, ignored: nil, gradient: gradient)
    }
    let (C, maximum) = (x.count, Double(x.max()!))
    let weights = w.isEmpty ? x.map { _ in 1.0 } : w.map(Double.init)
    let exponentials = x.map { exp(Double($0) - maximum) }
    let others = exponentials.indices.filter { $0 != y }
    let rest = others.reduce(0) { $0 + exponentials[$1] }
    let whole = rest + exponentials[y]
    let logarithm = Double(x[y]) == maximum ? log1p(rest) : log(whole)
    let (hit, share) = ((1 - Double(s)) * weights[y], Double(s) / Double(C))
    let mass = hit + share * weights.reduce(0, +)
    var expected = hit * (logarithm + (maximum - Double(x[y])))
    if s > 0 { for c in 0..<C { expected += share * weights[c] * (logarithm + (maximum - Double(x[c]))) } }
    let terms = (0..<C).map { c in
      c == y
        ? (share * others.reduce(0) { $0 + weights[$1] }, mass * rest / whole)
        : (mass * exponentials[c] / whole, share * weights[c])
    }
    return (loss, gradient.array, expected, terms)
  }

  /// 5 ulp of the larger term: exp's ulp, the sums' (most of 16 lanes and their halves), a quotient, a product, and the
  /// weights' roundings. 3e-7 of the loss: exp's 1.2e-7 and the sums'. Logits are multiples of 1/64 below 64, so that
  /// their distances from the maximum are exact.
  @Test(arguments: settings)
  func lossAndGradientAreThoseOfDoubles(setting: Setting) {
    var (worstGradient, worstLoss) = (0.0, 0.0)
    for C in [1, 2, 3, 10, 16, 17, 40] {
      for step in -160...160 {
        let (gap, y) = (Float(step) / 4, (step + 160) % C)
        var x = uniform(C, 1, stream: UInt64(step + 160)).map { ($0 * 64).rounded() / 64 }
        x[y] += gap
        let w = setting.isWeighted ? (0..<C).map { $0 == y ? 0.7 : Float($0 % 4) * 0.5 } : []
        let found = Self.row(x, y, w, setting.smoothing)
        for (gradient, (more, less)) in zip(found.gradient, found.terms) {
          let larger = max(more, less)
          if larger == 0 {
            #expect(gradient == 0, "nothing pulls")
            continue
          }
          let unit = max(Float(larger), .leastNormalMagnitude).ulp
          let distance = abs(Double(gradient) - (more - less)) / Double(unit)
          worstGradient = distance.isNaN ? .infinity : max(worstGradient, distance)
        }
        let distance = found.expected == 0 ? found.loss : abs(found.loss - found.expected) / found.expected
        worstLoss = distance.isNaN ? .infinity : max(worstLoss, distance)
      }
    }
    #expect(worstGradient < 5, "ulps")
    #expect(worstLoss < 3e-7)
  }

  /// With probability 1 for a class that has all the weight nothing is left to learn, and Adam would make a step of any
  /// rest: the gradient is what the other classes have, and zero where that is zero.
  @Test(arguments: [0, 0.05, 0.1, 0.3] as [Float])
  func nothingIsLeftAtProbabilityOne(smoothing: Float) {
    for weight in [0.1, 0.3, 0.7, 1, 1.7] as [Float] {
      #expect(Self.row([120, 0, 3], 0, [weight, 0, 0], smoothing).gradient == [0, 0, 0], "weight \(weight)")
      #expect(Self.row([3], 0, [weight], smoothing).gradient == [0], "one class, weight \(weight)")
    }
    #expect(Self.row([3], 0, [], smoothing).gradient == [0])
    #expect(Self.row([120, 0, 3], 0, [], 0).gradient == [0, 0, 0])
  }

  @Test func infiniteLogitsHaveNoFiniteLoss() {
    for x in [[Float.infinity, 0], [0, .infinity], [-.infinity, 0], [.infinity, .infinity], [.nan, 0], [0, .nan]] {
      for s in [0, 0.1] as [Float] { #expect(!Self.row(x, 0, [], s).loss.isFinite, "\(x), smoothing \(s)") }
    }
  }
}
