import Kernels

/// The learning rate over the steps of a run: a pure function, with the same bits on every host.
///
/// A linear warm-up over the first `warmup` steps (rate·(t+1)/warmup), then a shape over the rest.
public struct Schedule: Hashable, Sendable {
  public enum Shape: Hashable, Sendable {
    case constant
    /// Multiplied by `factor` after every `every` steps.
    case step(every: Int, factor: Double)
    /// Half a cosine from the rate down to `minimum` at the last step.
    /// Loshchilov, Hutter: *SGDR* (ICLR 2017), without restarts.
    case cosine(minimum: Double)
    /// A straight line down to `minimum` at the last step.
    case linear(minimum: Double)
  }

  public let rate: Double
  public let warmup: Int
  public let shape: Shape
  /// Steps of the whole run, the warm-up included.
  public let steps: Int

  public init(rate: Double, warmup: Int = 0, shape: Shape = .constant, steps: Int) {
    precondition(rate > 0 && warmup >= 0 && steps >= 0, "rate \(rate), warm-up \(warmup), steps \(steps)")
    self.rate = rate
    self.warmup = warmup
    self.shape = shape
    self.steps = steps
  }

  /// The rate of step `step`, from 0.
  public func callAsFunction(_ step: Int) -> Double {
    if step < warmup { return rate * Double(step + 1) / Double(warmup) }
    let done = step - warmup
    switch shape {
    case .constant: return rate
    case .step(let every, let factor): return rate * power(factor, done / every)
    case .cosine(let minimum): return minimum + (rate - minimum) * (1 + Kernels.cosPi(share(done))) / 2
    case .linear(let minimum): return rate + (minimum - rate) * share(done)
    }
  }

  /// How far the shape has come, from 0 at its first step to 1 at the run's last.
  private func share(_ done: Int) -> Double {
    let last = steps - 1 - warmup
    return last > 0 ? min(1, Double(done) / Double(last)) : 1
  }
}
