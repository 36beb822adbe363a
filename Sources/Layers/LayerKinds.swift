import Configuration

/// A layer that a configuration can name.
///
/// ```swift
/// layerKinds.add(Swish.self)   // and configurations know `swish` in their lists of layers
/// ```
public protocol ConfiguredLayer: Layer, NamedKind {
  /// Reads its settings. The first of them may stand alone: `dense: 512`.
  init(_ settings: ConfigReader) throws
}

/// The layers that a configuration can name.
public let layerKinds = Registry<any ConfiguredLayer.Type>(
  [
    Dense.self, Convolution.self, Convolution1D.self, TransposedConvolution.self, TransposedConvolution1D.self,
    MaxPool.self, AveragePool.self, GlobalAveragePool.self, GlobalMaxPool.self, AdaptiveAveragePool.self,
    AdaptiveMaxPool.self, MaxPool1D.self, AveragePool1D.self, BatchNorm.self, GroupNorm.self, RMSNorm.self, ReLU.self,
    Sigmoid.self, Tanh.self, LeakyReLU.self, GELU.self, SiLU.self, ReLU6.self, HardSigmoid.self, HardSwish.self,
    ELU.self, Softplus.self, Mish.self, PReLU.self, Softmax.self, Flatten.self, Reshape.self,
    Embedding.self, Positions.self, LayerNorm.self, MultiHeadAttention.self, Select.self, SelectPosition.self,
    MeanPositions.self, Sequential.self, Residual.self, Parallel.self, SwiGLU.self, Dropout.self,
    Rescale.self,
    MaxPositions.self, SinusoidalPositions.self, EncoderDecoder.self, CrossAttention.self,
    LSTM.self, GRU.self, EmbeddingBag.self,
  ], named: { $0.kind }, summary: { $0.summary })

/// What may stand in a list of layers: a layer, or `repeat`.
package func elementKinds() -> ConfigCases<[any Layer]> {
  layerKinds.cases { kind, settings in [try kind.init(settings)] }
    + ConfigCases([("repeat", "a body of layers, so many times, as if written out", repeated)])
}

/// The layers of `repeat`.
private func repeated(_ settings: ConfigReader) throws -> [any Layer] {
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
  /// A list of layers. `repeat: {times: 12, body: […]}` in it stands for its body so many times, as if written out: slots
  /// and starting values are the same.
  public func layers<I: Interval<Int>>(
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
