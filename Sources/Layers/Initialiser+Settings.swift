import Configuration

/// The initialisers by their words in a configuration.
package var initialiserKinds: ConfigCases<Initialiser> {
  ConfigCases([
    ("he", "normal, variance 2 / inputs", { _ in .he }),
    ("glorot", "uniform, variance 2 / (inputs + outputs)", { _ in .glorot }),
    ("lecun", "normal, variance 1 / inputs", { _ in .lecun }),
    (
      "normal", "normal, of a mean and a deviation",
      { settings in
        .normal(
          mean: try settings.double("mean", default: 0),
          deviation: try settings.double("deviation", default: 0.01, in: 0...))
      }
    ),
    ("zeros", "all 0", { _ in .zeros }),
    ("uniform", "uniform in ±1 / √inputs", { _ in .kaimingUniform }),
  ])
}

extension ConfigReader {
  /// How weights start; the default is the word of one.
  public func initialiser(default name: String) throws -> Initialiser {
    try choice("initialiser", initialiserKinds, default: name)
  }
}
