import Configuration
import Layers

/// The losses by their words in a configuration.
var lossKinds: ConfigCases<Loss> {
  [
    Loss.crossEntropy.kind: { settings in
      let smoothing = try settings.double("label-smoothing", default: 0, in: 0...1)
      let weights = try settings.doubles("class-weights", default: [], in: 0...Double(Float.greatestFiniteMagnitude))
      guard weights.isEmpty || weights.contains(where: { Float($0) > 0 }) else {
        throw settings.failure(at: "class-weights", "all are 0", cure: "give a class that counts a greater one")
      }
      let ignored = try settings.optionalInt("ignore", in: Int(Int32.min)...Int(Int32.max))
      return .softmaxCrossEntropy(
        labelSmoothing: Float(smoothing), classWeights: weights.map { Float($0) }, ignored: ignored.map(Int32.init))
    },
    Loss.binaryCrossEntropy.kind: { settings in
      let weight = try settings.double("positive-weight", default: 1, in: 0...Double(Float.greatestFiniteMagnitude))
      return .sigmoidCrossEntropy(positiveWeight: Float(weight))
    },
    Loss.meanSquaredError.kind: { _ in .meanSquaredError },
    Loss.meanAbsoluteError.kind: { _ in .meanAbsoluteError },
    Loss.huber().kind: { settings in
      // As a float it must be a normal number, since errors are compared with it.
      let range = Double(Float.leastNormalMagnitude)...Double(Float.greatestFiniteMagnitude)
      return .huber(delta: Float(try settings.double("delta", default: 1, in: range)))
    },
  ]
}
