import Configuration
import Layers

/// The layers by their words in a configuration. The first setting of each may stand alone: `dense: 512`; not
/// so those of normalisations, of which one has a momentum first and the other an epsilon.
func layerKinds() -> ConfigCases<any Layer> {
  [
    Dense.kind: { settings in
      let units = try settings.int("units", in: 1...(1 << 24))
      let bias = try settings.bool("bias", default: true)
      return Dense(
        units: units, bias: bias, initialiser: try settings.choice("initialiser", initialiserKinds, default: "he"))
    },
    Convolution.kind: readConvolution,
    MaxPool.kind: readMaxPool,
    AveragePool.kind: readAveragePool,
    GlobalAveragePool.kind: { _ in GlobalAveragePool() },
    BatchNorm.kind: readBatchNorm,
    ReLU.kind: { _ in ReLU() },
    Sigmoid.kind: { _ in Sigmoid() },
    Tanh.kind: { _ in Tanh() },
    LeakyReLU.kind: { LeakyReLU(slope: Float(try $0.double("slope", default: 0.01, in: 0...))) },
    GELU.kind: { GELU(approximation: try $0.option("approximation", default: .exact)) },
    SiLU.kind: { _ in SiLU() },
    Softmax.kind: { _ in Softmax() },
    Flatten.kind: { _ in Flatten() },
    Reshape.kind: { settings in
      Reshape(Shape(try settings.list("shape", count: 1...8) { try $0.int(in: 1...(1 << 24)) }))
    },
    Embedding.kind: { settings in
      Embedding(
        vocabulary: try settings.int("vocabulary", in: 1...Embedding.largestVocabulary),
        width: try settings.int("width", in: 1...(1 << 24)),
        initialiser: try settings.choice("initialiser", initialiserKinds, default: "normal"))
    },
    Positions.kind: { settings in
      Positions(initialiser: try settings.choice("initialiser", initialiserKinds, default: "normal"))
    },
    LayerNorm.kind: { settings in
      // A bare number would be the momentum of a batch-norm.
      try settings.requireNames(of: "epsilon")
      return LayerNorm(
        epsilon: Float(
          try settings.double("epsilon", default: 1e-5, in: Double(Float.leastNormalMagnitude)...1)))
    },
    MultiHeadAttention.kind: { settings in
      MultiHeadAttention(
        heads: try settings.int("heads", in: 1...(1 << 16)), causal: try settings.bool("causal", default: false),
        bias: try settings.bool("bias", default: true),
        initialiser: try settings.choice("initialiser", initialiserKinds, default: "glorot"))
    },
    Select.kind: { settings in
      let first = try settings.int("first", in: 0...(1 << 24))
      return Select(first..<first + (try settings.int("count", in: 1...(1 << 24))))
    },
    SelectPosition.kind: { settings in
      SelectPosition(try settings.int("position", in: -(1 << 24)...(1 << 24)))
    },
    MeanPositions.kind: { _ in MeanPositions() },
    Sequential.kind: { settings in Sequential(layers: try settings.layers("layers", count: 1...)) },
    Residual.kind: { settings in
      Residual(
        body: try settings.layers("body", count: 1...),
        shortcut: try settings.layers("shortcut", whenMissing: .empty))
    },
    Parallel.kind: { settings in
      let branches = try settings.list("branches", count: 2...) { branch in
        try branch.list { try $0.choice(elementKinds()) }.flatMap(\.self)
      }
      return Parallel(join: try settings.option("join", default: .concatenate), branches: branches)
    },
    Dropout.kind: { settings in Dropout(rate: try settings.double("rate", in: 0..<1)) },
  ]
}

/// What may stand in a list of layers: a layer, or `repeat`.
func elementKinds() -> ConfigCases<[any Layer]> {
  layerKinds().map { [$0] } + [
    "repeat": { settings in
      let times = try settings.int("times", in: 1...mostLayers)
      let body = try settings.layers("body", count: 1...)
      // Those inside of them count too: a body may hold another `repeat`.
      let count = layerCount(body, upTo: mostLayers)
      guard count <= mostLayers / times else {
        throw settings.failure(
          at: "times", "\(times) times \(count) layers are more than \(mostLayers)", cure: "repeat it less often")
      }
      return repeatElement(body, count: times).flatMap(\.self)
    }
  ]
}

/// Layers that a model may have, those inside of others among them.
private let mostLayers = 1 << 16

/// The number of layers in a list, with those inside of them; beyond `most` it is not counted on.
private func layerCount(_ layers: [any Layer], upTo most: Int) -> Int {
  var count = 0
  for layer in layers where count <= most {
    count += 1
    for branch in (layer as? any Combinator)?.branches ?? [] { count += layerCount(branch, upTo: most - count) }
  }
  return count
}

extension ConfigReader {
  /// A list of layers. `repeat: {times: 12, body: […]}` in it stands for its body so many times, as if written out:
  /// slots and starting values are the same.
  func layers<I: Interval<Int>>(
    _ key: String, whenMissing missing: MissingList = .refused, count: I = Unbounded<Int>()
  ) throws -> [any Layer] {
    let layers = try choices(key, elementKinds(), whenMissing: missing, count: count).flatMap(\.self)
    guard layerCount(layers, upTo: mostLayers) <= mostLayers else {
      throw failure(
        at: key, "expected at most \(mostLayers) layers, those inside of others among them, found more",
        cure: "repeat some of them less often")
    }
    return layers
  }
}

var initialiserKinds: ConfigCases<Initialiser> {
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
