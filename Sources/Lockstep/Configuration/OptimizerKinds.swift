import Configuration
import Optimizers

/// The optimizers by their words in a configuration, each with its learning rate.
var optimizerKinds: ConfigCases<(Optimizer, Double)> {
  [
    "sgd": { settings in
      let rate = try settings.double("learning-rate", default: 0.1, in: .above(0))
      let momentum = try settings.double("momentum", default: 0, in: 0..<1)
      let nesterov = try settings.bool("nesterov", default: false)
      guard momentum > 0 || !nesterov else {
        throw settings.failure(
          at: "nesterov", "needs a momentum greater than 0", cure: "set momentum, or remove nesterov")
      }
      return (.sgd(momentum: momentum, nesterov: nesterov, weightDecay: try decay(settings, 0)), rate)
    },
    "adam": { settings in
      let (rate, beta1, beta2, epsilon) = try adam(settings)
      return (.adam(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: try decay(settings, 0)), rate)
    },
    "adamw": { settings in
      let (rate, beta1, beta2, epsilon) = try adam(settings)
      return (.adamW(beta1: beta1, beta2: beta2, epsilon: epsilon, weightDecay: try decay(settings, 0.01)), rate)
    },
  ]
}

private func adam(_ settings: ConfigReader) throws -> (rate: Double, beta1: Double, beta2: Double, epsilon: Double) {
  (
    try settings.double("learning-rate", default: 1e-3, in: .above(0)),
    try settings.double("beta1", default: 0.9, in: belowOne),
    try settings.double("beta2", default: 0.999, in: belowOne),
    try settings.double("epsilon", default: 1e-8, in: Double(Float.leastNormalMagnitude)...)
  )
}

/// Not 1 as a float either: steps are divided by 1 - β. Likewise an epsilon must not be 0 as a float.
private let belowOne = 0...Double(Float(1).nextDown)

private func decay(_ settings: ConfigReader, _ value: Double) throws -> Double {
  try settings.double("weight-decay", default: value, in: 0...)
}

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
    ]
  }

  private static func read(
    _ settings: ConfigReader, _ shape: (ConfigReader) throws -> Schedule.Shape
  ) throws -> ScheduleConfiguration {
    ScheduleConfiguration(shape: try shape(settings), warmup: try settings.int("warmup", default: 0, in: 0...))
  }
}
