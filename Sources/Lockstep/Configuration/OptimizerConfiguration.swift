import Configuration
import Optimizers

/// An optimizer with the settings beside it.
struct OptimizerConfiguration {
  let optimizer: any Optimizer
  let learningRate: Double
  /// What its weight decay applies to.
  let decay: DecayMask

  /// All kinds. The learning rate, which all of them have first, may stand alone.
  static var kinds: ConfigCases<OptimizerConfiguration> {
    optimizerKinds.cases { kind, settings in
      let rate = try settings.double("learning-rate", default: kind.usualRate, in: RunConfiguration.Ranges.learningRate)
      return OptimizerConfiguration(
        optimizer: try kind.init(settings), learningRate: rate, decay: try settings.option("decay", default: .all))
    }
  }
}
