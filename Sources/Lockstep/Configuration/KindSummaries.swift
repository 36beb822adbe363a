import Configuration
import Layers
import Losses
import Metrics
import Optimizers
import Sources
import Transforms

/// What each kind is, in one line, for `lockstep kinds` and for editors.
enum KindSummaries {
  /// Nil where there is none.
  static func summary(of kind: String, in role: String) -> String? {
    switch role {
    case "data": sourceKinds.summary(of: kind)
    case "transforms": transformKinds.summary(of: kind)
    case "model": layerKinds.summary(of: kind) ?? others[role]?[kind]
    case "loss": lossKinds.summary(of: kind)
    case "metrics": metricKinds.summary(of: kind)
    case "optimizer": optimizerKinds.summary(of: kind)
    default: others[role]?[kind]
    }
  }

  /// Those that no program adds to.
  private static let others: [String: [String: String]] = [
    "model": ["repeat": "a body of layers, so many times, as if written out"],
    "schedule": [
      "constant": "the same learning rate throughout",
      "step": "times a factor every so many steps",
      "cosine": "down along half a cosine",
      "linear": "down along a line",
      "one-cycle": "up and down again, once",
    ],
    "initialiser": [
      "he": "normal, variance 2 / inputs",
      "glorot": "uniform, variance 2 / (inputs + outputs)",
      "lecun": "normal, variance 1 / inputs",
      "normal": "normal, of a mean and a deviation",
      "zeros": "all 0",
    ],
  ]
}
