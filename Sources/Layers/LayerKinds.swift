import Configuration

/// A layer that a configuration can name.
///
/// ```swift
/// layerKinds.add(Swish.self)   // and configurations know `swish` in their lists of layers
/// ```
public protocol ConfiguredLayer: Layer {
  /// Reads its settings. The first of them may stand alone: `dense: 512`.
  init(_ settings: ConfigReader) throws
}

/// The layers that a configuration can name.
public let layerKinds = Registry<any ConfiguredLayer.Type>(
  [
    Dense.self, Convolution.self, MaxPool.self, AveragePool.self, GlobalAveragePool.self, BatchNorm.self, ReLU.self,
    Sigmoid.self, Tanh.self, LeakyReLU.self, GELU.self, SiLU.self, Softmax.self, Flatten.self, Reshape.self,
    Embedding.self, Positions.self, LayerNorm.self, MultiHeadAttention.self, Select.self, SelectPosition.self,
    MeanPositions.self, Sequential.self, Residual.self, Parallel.self, Dropout.self,
  ], named: { $0.kind })

/// What may stand in a list of layers: a layer, or `repeat`.
package func elementKinds() -> ConfigCases<[any Layer]> {
  layerKinds.cases { kind, settings in [try kind.init(settings)] } + [
    "repeat": { settings in
      let times = try settings.int("times", in: 1...mostRepeated)
      let body = try settings.layers("body", count: 1...)
      guard body.count <= mostRepeated / times else {
        throw settings.failure(
          at: "times", "\(times) times \(body.count) layers are more than \(mostRepeated)", cure: "repeat it less often"
        )
      }
      return repeatElement(body, count: times).flatMap(\.self)
    }
  ]
}

/// Layers that a `repeat` may stand for.
private let mostRepeated = 1 << 16

extension ConfigReader {
  /// A list of layers. `repeat: {times: 12, body: […]}` in it stands for its body so many times, as if written out: slots
  /// and starting values are the same.
  public func layers<I: Interval<Int>>(
    _ key: String, whenMissing missing: MissingList = .refused, count: I = Unbounded<Int>()
  ) throws -> [any Layer] {
    try choices(key, elementKinds(), whenMissing: missing, count: count).flatMap(\.self)
  }
}
