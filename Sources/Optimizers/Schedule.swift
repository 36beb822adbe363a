import Kernels

/// The learning rate over the steps of a run: a pure function, with the same bits on every host; with `plateau` also of how often a
/// score has stopped improving.
///
/// A linear warm-up over the first `warmup` steps (rate·(t+1)/warmup), then a shape over the rest.
public struct Schedule: Hashable, Sendable {
  /// How the rate goes after the warm-up.
  public enum Shape: Hashable, Sendable {
    case constant
    /// Multiplied by `factor` after every `every` steps.
    case step(every: Int, factor: Double)
    /// Half a cosine from the rate down to `minimum` at the last step.
    /// Loshchilov, Hutter: *SGDR* (ICLR 2017), without restarts.
    case cosine(minimum: Double)
    /// A straight line down to `minimum` at the last step.
    case linear(minimum: Double)
    /// Half a cosine from rate / `startDivisor` up to the rate, over the first `rise` of the steps, and half a cosine down
    /// to rate / (`startDivisor`·`endDivisor`) at the last. Smith, Topin: *Super-convergence* (2018), as
    /// `torch.optim.lr_scheduler.OneCycleLR`. It is its own warm-up.
    case oneCycle(rise: Double = 0.3, startDivisor: Double = 25, endDivisor: Double = 1e4)
    /// Multiplied by `factor` after each of the steps `at`, which ascend.
    case multiStep(at: [Int], factor: Double)
    /// Multiplied by `factor` over each `every` steps, a little after each.
    case exponential(factor: Double, every: Int = 1)
    /// As 1 - t to the power, from the rate down to `minimum` at the last step. A power of 1 is a line.
    case polynomial(power: Double, minimum: Double = 0)
    /// Multiplied by a factor whenever a score has not improved for some epochs.
    case plateau(Plateau)

    /// Whether a longer run has other rates in the steps that a shorter one has too.
    package var dependsOnSteps: Bool {
      switch self {
      case .constant, .step, .multiStep, .exponential, .plateau: false
      case .cosine, .linear, .oneCycle, .polynomial: true
      }
    }
  }

  package let rate: Double
  package let warmup: Int
  package let shape: Shape
  /// Steps of the whole run, the warm-up included.
  package let steps: Int

  /// For a run of `steps` steps.
  public init(rate: Double, warmup: Int = 0, shape: Shape = .constant, steps: Int) {
    precondition(rate > 0 && warmup >= 0 && steps >= 0, "rate \(rate), warm-up \(warmup), steps \(steps)")
    self.rate = rate
    self.warmup = warmup
    self.shape = shape
    self.steps = steps
  }

  /// The rate of step `step`, from 0; of a plateau after `reductions` of them.
  public func callAsFunction(_ step: Int, reductions: Int = 0) -> Double {
    if step < warmup { return rate * Double(step + 1) / Double(warmup) }
    let done = step - warmup
    switch shape {
    case .constant: return rate
    case .step(let every, let factor): return rate * power(factor, done / every)
    case .cosine(let minimum): return minimum + (rate - minimum) * (1 + Kernels.cosPi(share(done))) / 2
    case .linear(let minimum): return rate + (minimum - rate) * share(done)
    case .multiStep(let steps, let factor): return rate * power(factor, steps.count { $0 <= done })
    case .exponential(let factor, let every):
      let (whole, rest) = done.quotientAndRemainder(dividingBy: every)
      return rate * power(factor, whole) * root(factor, Double(rest) / Double(every))
    case .polynomial(let exponent, let minimum):
      let (left, whole) = (1 - share(done), exponent.rounded(.down))
      return minimum + (rate - minimum) * power(left, Int(whole)) * root(left, exponent - whole)
    case .plateau(let plateau):
      return max(min(rate, plateau.minimum), rate * power(plateau.factor, reductions))
    case .oneCycle(let rise, let startDivisor, let endDivisor):
      // The last step of the rise, which need not be a whole number, as PyTorch has it.
      let (top, last) = (rise * Double(steps - warmup) - 1, Double(steps - 1 - warmup))
      let start = rate / startDivisor
      func between(_ from: Double, _ to: Double, _ share: Double) -> Double {
        to + (from - to) / 2 * (1 + Kernels.cosPi(max(0, min(1, share))))
      }
      if Double(done) <= top, top > 0 { return between(start, rate, Double(done) / top) }
      return between(rate, start / endDivisor, last > top ? (Double(done) - top) / (last - top) : 1)
    }
  }

  /// How far the shape has come, from 0 at its first step to 1 at the run's last.
  private func share(_ done: Int) -> Double {
    let last = steps - 1 - warmup
    return last > 0 ? min(1, Double(done) / Double(last)) : 1
  }
}
