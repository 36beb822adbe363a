import Lockstep

/// A layer, and what it is measured on.
package struct LayerCase: Sendable {
  /// As the kinds have it, with what tells it from others: `convolution, depthwise`.
  package let name: String
  /// The shape of a sample.
  package let input: Shape
  /// Samples a pass.
  package let microBatch: Int
  package let layers: [any Layer]

  private init(_ name: String, _ input: Shape, _ microBatch: Int, _ layers: any Layer...) {
    (self.name, self.input, self.microBatch, self.layers) = (name, input, microBatch, layers)
  }

  /// Layers as networks for small processors, of signals and of texts have them.
  package static let all: [LayerCase] = {
    let picture: Shape = [28, 28, 64]
    let text: Shape = [256, 384]
    func excitation(_ C: Int) -> Parallel {
      Parallel(
        join: .multiply,
        branches: [[], [GlobalAveragePool(), Dense(units: C / 4), ReLU(), Dense(units: C), HardSigmoid()]])
    }
    return [
      LayerCase("dense", [512], 128, Dense(units: 512)),
      LayerCase("convolution", picture, 16, Convolution(channels: 64, kernel: 3, padding: 1)),
      LayerCase("convolution, strided", picture, 16, Convolution(channels: 128, kernel: 3, stride: 2, padding: 1)),
      LayerCase("convolution, pointwise", [14, 14, 112], 8, Convolution(channels: 672, kernel: 1, bias: false)),
      LayerCase(
        "convolution, depthwise", [14, 14, 672], 8,
        Convolution(channels: 672, kernel: 5, padding: 2, groups: 672, bias: false)),
      LayerCase("convolution-1d", [256, 64], 16, Convolution1D(channels: 128, kernel: 5, padding: .both(2))),
      LayerCase(
        "transposed-convolution", [14, 14, 64], 16,
        TransposedConvolution(channels: 32, kernel: 4, stride: 2, padding: 1)),
      LayerCase(
        "transposed-convolution-1d", [128, 64], 16,
        TransposedConvolution1D(channels: 32, kernel: 4, stride: 2, padding: 1)),
      LayerCase("max-pool", picture, 16, MaxPool(size: 2)),
      LayerCase("average-pool", picture, 16, AveragePool(size: 3, stride: 2, padding: 1)),
      LayerCase("adaptive-average-pool", [20, 20, 64], 16, AdaptiveAveragePool(size: 7)),
      LayerCase("global-average-pool", picture, 16, GlobalAveragePool()),
      LayerCase("global-max-pool", picture, 16, GlobalMaxPool()),
      LayerCase("batch-norm", picture, 16, BatchNorm()), LayerCase("group-norm", picture, 16, GroupNorm(groups: 8)),
      LayerCase("layer-norm", text, 8, LayerNorm()), LayerCase("rms-norm", text, 8, RMSNorm()),
      LayerCase("relu", picture, 16, ReLU()), LayerCase("relu6", picture, 16, ReLU6()),
      LayerCase("hard-swish", picture, 16, HardSwish()), LayerCase("hard-sigmoid", picture, 16, HardSigmoid()),
      LayerCase("silu", picture, 16, SiLU()), LayerCase("gelu", picture, 16, GELU()),
      LayerCase("elu", picture, 16, ELU()), LayerCase("softplus", picture, 16, Softplus()),
      LayerCase("mish", picture, 16, Mish()), LayerCase("prelu", picture, 16, PReLU(perChannel: true)),
      LayerCase("swiglu", text, 2, SwiGLU(units: 1024)),
      LayerCase("squeeze and excitation", [14, 14, 480], 8, excitation(480)),
      LayerCase("lstm", [64, 256], 32, LSTM(units: 256)), LayerCase("lstm, 512", [64, 512], 32, LSTM(units: 512)),
      LayerCase("lstm, there and back", [64, 128], 32, LSTM(units: 128, layers: 2, bidirectional: true)),
      LayerCase("gru", [64, 256], 32, GRU(units: 256)), LayerCase("gru, 512", [64, 512], 32, GRU(units: 512)),
      LayerCase("gru, there and back", [64, 128], 32, GRU(units: 128, layers: 2, bidirectional: true)),
    ]
  }()
}
