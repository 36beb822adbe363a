import Configuration
import Layers

/// The layers by their words in a configuration. The first setting of each may stand alone: `dense: 512`.
var layerKinds: ConfigCases<any Layer> {
  [
    Dense.kind: { settings in
      let units = try settings.int("units", in: 1...(1 << 24))
      let bias = try settings.bool("bias", default: true)
      return Dense(
        units: units, bias: bias, initialiser: try settings.choice("initialiser", initialiserKinds, default: "he"))
    },
    ReLU.kind: { _ in ReLU() },
    Sigmoid.kind: { _ in Sigmoid() },
    Tanh.kind: { _ in Tanh() },
    Flatten.kind: { _ in Flatten() },
    Dropout.kind: { settings in Dropout(rate: try settings.double("rate", in: 0..<1)) },
  ]
}

private var initialiserKinds: ConfigCases<Initialiser> {
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
