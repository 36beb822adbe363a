import Configuration
import Optimizers

/// An optimizer with the settings beside it.
struct OptimizerConfiguration {
  let optimizer: Optimizer
  let learningRate: Double
  /// What its weight decay applies to.
  let decay: DecayMask
}

/// The optimizers by their words in a configuration. The learning rate, which all of them have first, may stand alone.
var optimizerKinds: ConfigCases<OptimizerConfiguration> {
  [
    "sgd": { settings in
      try read(settings, rate: 0.1, weightDecay: 0) { decay in
        let momentum = try settings.double("momentum", default: 0, in: 0..<1)
        let nesterov = try settings.bool("nesterov", default: false)
        guard momentum > 0 || !nesterov else {
          throw settings.failure(
            at: "nesterov", "needs a momentum greater than 0", cure: "set momentum, or remove nesterov")
        }
        return .sgd(momentum: momentum, nesterov: nesterov, weightDecay: try decay())
      }
    },
    "adam": { settings in
      try read(settings, rate: 1e-3, weightDecay: 0) { decay in
        let (beta1, beta2, epsilon) = try moments(settings)
        return .adam(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: try decay())
      }
    },
    "adamw": { settings in
      try read(settings, rate: 1e-3, weightDecay: 0.01) { decay in
        let (beta1, beta2, epsilon) = try moments(settings)
        return .adamW(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: try decay())
      }
    },
    "rmsprop": { settings in
      try read(settings, rate: 0.01, weightDecay: 0) { decay in
        .rmsProp(
          smoothing: try settings.double("smoothing", default: 0.99, in: belowOne),
          epsilon: try epsilon(settings, 1e-8), momentum: try settings.double("momentum", default: 0, in: 0..<1),
          centered: try settings.bool("centered", default: false), weightDecay: try decay())
      }
    },
    "lamb": { settings in
      try read(settings, rate: 1e-3, weightDecay: 0.01) { decay in
        let (beta1, beta2, epsilon) = try moments(settings, epsilon: 1e-6)
        return .lamb(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: try decay())
      }
    },
  ]
}

/// Reads the learning rate, then what `optimizer` asks for, which reads the weight decay where it wants it.
private func read(
  _ settings: ConfigReader, rate: Double, weightDecay: Double, _ optimizer: (() throws -> Double) throws -> Optimizer
) throws -> OptimizerConfiguration {
  let rate = try settings.double("learning-rate", default: rate, in: .above(0))
  let optimizer = try optimizer { try settings.double("weight-decay", default: weightDecay, in: 0...) }
  return OptimizerConfiguration(
    optimizer: optimizer, learningRate: rate, decay: try settings.option("decay", default: .all))
}

private func moments(
  _ settings: ConfigReader, epsilon value: Double = 1e-8
) throws -> (beta1: Double, beta2: Double, epsilon: Double) {
  (
    try settings.double("beta1", default: 0.9, in: belowOne),
    try settings.double("beta2", default: 0.999, in: belowOne),
    try epsilon(settings, value)
  )
}

private func epsilon(_ settings: ConfigReader, _ value: Double) throws -> Double {
  try settings.double("epsilon", default: value, in: Double(Float.leastNormalMagnitude)...)
}

/// Not 1 as a float either: steps are divided by 1 - β. Likewise an epsilon must not be 0 as a float.
private let belowOne = 0...Double(Float(1).nextDown)

/// A schedule before the number of steps is known.
public struct ScheduleConfiguration: Sendable, Equatable {
  public let shape: Schedule.Shape
  /// Steps.
  public let warmup: Int

  static var kinds: ConfigCases<ScheduleConfiguration> {
    [
      "constant": { try read($0) { _ in .constant } },
      "step": {
        try read($0) { settings in
          .step(
            every: try settings.int("every", in: 1...),
            factor: try settings.double("factor", default: 0.1, in: .above(0)))
        }
      },
      "cosine": { try read($0) { .cosine(minimum: try $0.double("minimum", default: 0, in: 0...)) } },
      "linear": { try read($0) { .linear(minimum: try $0.double("minimum", default: 0, in: 0...)) } },
      "one-cycle": { settings in
        let shape = Schedule.Shape.oneCycle(
          rise: try settings.double("rise", default: 0.3, in: 0...1),
          startDivisor: try settings.double("start-divisor", default: 25, in: 1...),
          endDivisor: try settings.double("end-divisor", default: 1e4, in: 1...))
        return ScheduleConfiguration(shape: shape, warmup: 0)
      },
    ]
  }

  private static func read(
    _ settings: ConfigReader, _ shape: (ConfigReader) throws -> Schedule.Shape
  ) throws -> ScheduleConfiguration {
    ScheduleConfiguration(shape: try shape(settings), warmup: try settings.int("warmup", default: 0, in: 0...))
  }
}
