import Tensors

// Letters: B samples of a micro-batch, C outputs of a sample, λ the share of a sample's own target, w a sample's weight.

/// Targets of classes that are mixtures of two: λ of a sample's own class and 1 - λ of another one.
public struct TargetMixture {
  /// B, or as many more as samples have positions: the other classes.
  public let others: UnsafeBufferPointer<Int32>
  /// B, of 0…1: λ.
  public let shares: FloatView

  public init(others: UnsafeBufferPointer<Int32>, shares: FloatView) { (self.others, self.shares) = (others, shares) }
}

extension Loss {
  /// What the first `valid` of `rows` samples weigh: Σ w (λ weight + (1 - λ) weight of the other target).
  ///
  /// Nil as `mixture`: none is mixed. Shares of one give the bits of none.
  package func weight(of targets: Targets, mixture: TargetMixture?, weights: FloatView?, rows: Int, valid: Int)
    -> Double
  {
    guard let mixture else { return weight(of: targets, weights: weights, rows: rows, valid: valid) }
    let others = Targets.classes(mixture.others)
    var sum = 0.0
    for row in 0..<valid {
      let own = weight(of: targets.sample(row, of: rows), rows: 1, valid: 1)
      let share = Double(mixture.shares[row])
      let mixed =
        share == 1 ? own : share * own + (1 - share) * weight(of: others.sample(row, of: rows), rows: 1, valid: 1)
      sum += Double(weights?[row] ?? 1) * mixed
    }
    return sum
  }

  /// The sum over the first `valid` of `rows` samples of w (λ loss + (1 - λ) loss of the other target), samples ascending: each is
  /// a micro-batch of one to the loss itself.
  ///
  /// Overwrites `gradient` with the gradient of that sum: λ times that of the one loss plus 1 - λ times that of the other, times
  /// w, rounded after each. `scratch` has room for the outputs of a sample. Nil as `mixture`: none is mixed.
  package func sum(
    _ outputs: FloatView, _ targets: Targets, mixture: TargetMixture?, weights: FloatView?, rows: Int, valid: Int,
    gradient: FloatView, scratch: @autoclosure () -> FloatView
  ) -> Double {
    guard let mixture else {
      return sum(outputs, targets, weights: weights, rows: rows, valid: valid, gradient: gradient)
    }
    let (width, others, other) = (outputs.count / rows, Targets.classes(mixture.others), scratch())
    var total = 0.0
    for row in 0..<valid {
      let (weight, share) = (weights?[row] ?? 1, mixture.shares[row])
      let place = row * width..<(row + 1) * width
      let own = gradient[place]
      guard weight != 0 else {
        own.clear()
        continue
      }
      var loss = sum(outputs[place], targets.sample(row, of: rows), rows: 1, valid: 1, gradient: own)
      if share != 1 {
        let rest = sum(outputs[place], others.sample(row, of: rows), rows: 1, valid: 1, gradient: other)
        loss = Double(share) * loss + Double(1 - share) * rest
        for index in 0..<width { own[index] = share * own[index] + (1 - share) * other[index] }
      }
      total += Double(weight) * loss
      guard weight != 1 else { continue }
      for index in 0..<width { own[index] *= weight }
    }
    gradient[valid * width..<rows * width].clear()
    return total
  }
}
