import Configuration

/// The initialisers by their words in a configuration.
package var initialiserKinds: ConfigCases<Initialiser> {
  [
    "he": { _ in .he },
    "glorot": { _ in .glorot },
    "lecun": { _ in .lecun },
    "normal": { settings in
      .normal(
        mean: try settings.double("mean", default: 0),
        deviation: try settings.double("deviation", default: 0.01, in: 0...))
    },
    "zeros": { _ in .zeros },
  ]
}

extension ConfigReader {
  /// How weights start; the default is the word of one.
  public func initialiser(default name: String) throws -> Initialiser {
    try choice("initialiser", initialiserKinds, default: name)
  }
}
