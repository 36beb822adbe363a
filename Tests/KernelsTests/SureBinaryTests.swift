import Foundation
import Kernels
import Tensors
import Testing

/// Binary cross-entropy of outputs that are sure, right or wrong, against the formula in double precision.
///
/// Letters: x logit, t target, w positive weight, σ sigmoid.
@Suite struct SureBinaryTests {
  static let logits: [Float] = (-2560...2560).map { (step: Int) -> Float in Float(step) / 64 } + sure
  private static let sure: [Float] = [-86.75, -87.25, 86.75, 87.25]
  static let targets: [Float] = [0, 1, 0.5, 0.25, 0.9, 1e-3]

  /// Softplus of a double; log1p is the system's.
  private static func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

  /// What one output loses, and its gradient, by the kernel.
  private static func kernel(_ x: [Float], _ t: [Float], weight: Float) -> (loss: [Double], gradient: [Float]) {
    let (logits, targets, gradient) = (floats(x), floats(t), floats(count: x.count))
    // One row at a time, since the kernel returns the sum.
    let losses = x.indices.map {
      Kernels.binaryCrossEntropy(
        logits[$0..<$0 + 1], targets: targets[$0..<$0 + 1], rows: 1, valid: 1, positiveWeight: weight,
        gradient: gradient[$0..<$0 + 1])
    }
    return (losses, gradient.array)
  }

  /// 4 ulp of the larger of (1 - t) σ(x) and w t σ(-x): each has exp's ulp, a sum, a quotient and a product of half a
  /// unit, where a unit may be half of the one before, and their difference is rounded once more. 2e-7 of the loss: exp's
  /// ulp is 1.2e-7, all that follows is in double.
  @Test(arguments: [0.1, 0.5, 1, 2, 2.5, 100] as [Float])
  func lossAndGradientAreThoseOfDoubles(weight: Float) {
    for target in Self.targets {
      let found = Self.kernel(Self.logits, Self.logits.map { _ in target }, weight: weight)
      var (worstLoss, worstGradient) = ((0.0, Float(0)), (0.0, Float(0)))
      for (index, logit) in Self.logits.enumerated() {
        let (x, t, w) = (Double(logit), Double(target), Double(weight))
        let (up, down) = ((1 - t) / (1 + exp(-x)), w * t / (1 + exp(x)))
        let unit = max(Float(max(up, down)), .leastNormalMagnitude).ulp
        worstGradient = max(
          worstGradient, (abs(Double(found.gradient[index]) - (up - down)) / Double(unit), logit), by: <)
        let loss = (1 - t) * Self.softplus(x) + w * t * Self.softplus(-x)
        worstLoss = max(worstLoss, (abs(found.loss[index] - loss) / loss, logit), by: <)
      }
      #expect(worstGradient.0 < 4, "target \(target): ulps, at logit \(worstGradient.1)")
      #expect(worstLoss.0 < 2e-7, "target \(target): at logit \(worstLoss.1)")
    }
  }

  /// Sure and right: exp(-|x|) is below the smallest normal number, and counts as zero. Sure and wrong: a slope of 1 or w.
  @Test func beyondTheSmallestNormalNumber() {
    let x: [Float] = [-88, 88, -100, 100]
    let negatives = Self.kernel(x, [0, 0, 0, 0], weight: 2.5)
    #expect(negatives.gradient == [0, 1, 0, 1] && negatives.loss == [0, 88, 0, 100])
    let positives = Self.kernel(x, [1, 1, 1, 1], weight: 2.5)
    #expect(positives.gradient == [-2.5, 0, -2.5, 0] && positives.loss == [220, 0, 250, 0])
  }

  /// A run stops at a loss that is not finite: an infinite logit must have one, whatever its target.
  @Test(arguments: [0, 0.25, 1] as [Float])
  func infiniteLogitsHaveNoFiniteLoss(target: Float) {
    let found = Self.kernel([.infinity, -.infinity, .nan], [target, target, target], weight: 2)
    #expect(found.loss.allSatisfy { !$0.isFinite }, "\(found.loss)")
    #expect(found.gradient[2].isNaN)
  }
}

private func max<Value>(_ a: (Double, Value), _ b: (Double, Value), by order: (Double, Double) -> Bool)
  -> (Double, Value)
{
  // A NaN must not be passed over.
  b.0.isNaN || order(a.0, b.0) ? b : a
}
