import Kernels
import Layers
import Losses
import Tensors
import TestSupport
import Testing

@testable import Lockstep

/// What layers say of themselves, held against what they do.
@Suite struct LayerAnswersTests {
  /// Every kind of layer on samples whose first axis are positions: their shape, and the layers.
  private static let cases: [(String, Shape, String)] = [
    ("dense", [5, 4], "{dense: 3}"), ("dense", [6], "{dense: 3}"),
    ("convolution", [6, 4, 2], "{convolution: {channels: 3, kernel: 3}}"),
    ("convolution", [7, 4, 1], "{convolution: {channels: 2, kernel: [3, 1], stride: [2, 1], padding: [2, 0]}}"),
    ("convolution", [6, 4, 1], "{convolution: {channels: 2, kernel: [2, 3], dilation: [2, 1], padding: same}}"),
    ("convolution", [6, 4, 1], "{convolution: {channels: 2, kernel: [1, 3]}}"),
    ("max-pool", [6, 4, 2], "{max-pool: 2}"),
    ("average-pool", [7, 3, 1], "{average-pool: {size: 3, stride: 1, padding: 1}}"),
    ("global-average-pool", [4, 3, 2], "global-average-pool"), ("global-average-pool", [5, 2], "global-average-pool"),
    ("global-max-pool", [4, 3, 2], "global-max-pool"), ("global-max-pool", [5, 2], "global-max-pool"),
    ("adaptive-average-pool", [5, 4, 2], "{adaptive-average-pool: [3, 2]}"),
    ("adaptive-average-pool", [5, 2], "{adaptive-average-pool: 3}"),
    ("adaptive-max-pool", [6, 4, 2], "{adaptive-max-pool: 2}"),
    ("adaptive-max-pool", [3, 2], "{adaptive-max-pool: 5}"),
    ("max-pool-1d", [7, 2], "{max-pool-1d: {size: 3, stride: 2, padding: 1}}"),
    ("max-pool-1d", [6, 2], "{max-pool-1d: 2}"),
    ("average-pool-1d", [7, 2], "{average-pool-1d: {size: 3, stride: 1, padding: same}}"),
    ("convolution-1d", [7, 2], "{convolution-1d: {channels: 3, kernel: 3, stride: 2, padding: 1}}"),
    ("convolution-1d", [7, 2], "{convolution-1d: {channels: 3, kernel: 3, dilation: 2, padding: same}}"),
    ("convolution-1d", [7, 2], "{convolution-1d: {channels: 3, kernel: 3, dilation: 2, padding: causal}}"),
    (
      "transposed-convolution", [4, 3, 2],
      "{transposed-convolution: {channels: 2, kernel: 3, stride: 2, output-padding: 1}}"
    ),
    ("transposed-convolution", [4, 3, 2], "{transposed-convolution: {channels: 2, kernel: 2, stride: 3, padding: 1}}"),
    (
      "transposed-convolution-1d", [5, 2],
      "{transposed-convolution-1d: {channels: 2, kernel: 4, dilation: 2, padding: 2}}"
    ),
    ("batch-norm", [5, 4], "batch-norm"), ("batch-norm", [3, 2, 4], "batch-norm"), ("batch-norm", [6], "batch-norm"),
    ("relu", [5, 2], "relu"), ("sigmoid", [5, 2], "sigmoid"), ("tanh", [5], "tanh"),
    ("relu6", [5, 2], "relu6"), ("hard-sigmoid", [5, 2], "hard-sigmoid"), ("hard-swish", [5, 2], "hard-swish"),
    ("elu", [5, 2], "elu"), ("softplus", [5, 2], "softplus"), ("mish", [5, 2], "mish"),
    ("prelu", [5, 2], "{prelu: {per-channel: true}}"), ("prelu", [5], "prelu"),
    ("group-norm", [5, 4], "{group-norm: 2}"), ("group-norm", [4, 3, 4], "{group-norm: 4}"),
    ("group-norm", [6], "{group-norm: 2}"),
    ("rms-norm", [5, 4], "rms-norm"), ("rms-norm", [5], "rms-norm"),
    ("leaky-relu", [5, 2], "leaky-relu"), ("gelu", [5, 2], "gelu"), ("silu", [5, 2], "silu"),
    ("softmax", [5, 3], "softmax"), ("softmax", [5], "softmax"),
    ("flatten", [4, 3], "flatten"), ("flatten", [3, 2, 2], "flatten"), ("flatten", [5], "flatten"),
    ("reshape", [4, 3], "{reshape: [2, 6]}"), ("reshape", [4, 3], "{reshape: [6, 2]}"),
    ("reshape", [4, 3], "{reshape: [4, 3, 1]}"), ("reshape", [4, 3], "{reshape: [12]}"),
    ("embedding", [5], "{embedding: {vocabulary: 9, width: 3}}"), ("positions", [5, 3], "positions"),
    ("layer-norm", [5, 4], "layer-norm"), ("layer-norm", [5], "layer-norm"),
    ("attention", [5, 4], "{attention: {heads: 2}}"), ("attention", [5, 4], "{attention: {heads: 2, causal: true}}"),
    ("attention", [5, 4], "{attention: {heads: 4, key-heads: 2, positions: alibi}}"),
    (
      "attention", [5, 4],
      "{attention: {heads: 2, causal: true, positions: {rotary: {base: 20}}, window: 3, dropout: 0.1}}"
    ),
    ("sinusoidal-positions", [5, 4], "sinusoidal-positions"),
    ("select", [5, 4], "{select: {first: 1, count: 2}}"), ("select", [5], "{select: {first: 2, count: 3}}"),
    ("dropout", [5, 4], "{dropout: 0.5}"),
    ("select-position", [5, 4], "{select-position: -2}"), ("select-position", [5, 4], "{select-position: 1}"),
    ("mean-positions", [5, 4], "mean-positions"), ("max-positions", [5, 4], "max-positions"),
    ("lstm", [5, 4], "{lstm: 3}"), ("lstm", [5, 4], "{lstm: {units: 3, layers: 2, bidirectional: true}}"),
    ("lstm", [5, 4], "{lstm: {units: 3, return: last}}"),
    ("gru", [5, 4], "{gru: {units: 3, layers: 2, bias: false}}"),
    ("gru", [5, 4], "{gru: {units: 3, bidirectional: true, return: last}}"),
    ("embedding-bag", [5], "{embedding-bag: {vocabulary: 9, width: 3}}"),
    ("embedding-bag", [5], "{embedding-bag: {vocabulary: 9, width: 3, mode: sum}}"),
    ("rescale", [5, 2], "{rescale: {scale: [2, 3], offset: [1, -1]}}"), ("rescale", [5], "{rescale: {scale: [2.5]}}"),
  ]

  /// Blocks of layers have no answer of their own: those inside are asked. A cross-attention stands in one.
  private static let blocks = ["sequential", "residual", "parallel", "encoder-decoder", "cross-attention", "swiglu"]

  private static func layers(_ yaml: String) throws -> [any Layer] {
    try configuration("data: two-class\nmodel: [\(yaml)]\n").layers
  }

  @Test func everyKindIsInTheTable() {
    let known = Set(Self.cases.map(\.0) + Self.blocks)
    #expect(layerKinds.names.filter { !known.contains($0) } == [], "add them to the table")
  }

  /// Changes one position of the input after the other: an output changes with the last position that its layer names, and
  /// with none behind it.
  @Test(arguments: cases.indices)
  func theLastPositionReadIsWhatTheLayerSays(place: Int) throws {
    let (kind, shape, yaml) = Self.cases[place]
    let layer = try Self.layers(yaml)[0]
    let plan = try Network(input: shape, layers: [layer]).plan(microBatch: 1)
    let parameters = FlatBuffer(count: plan.layout.count)
    let random = Philox(seed: 5, purpose: .data)
    func number(_ stream: UInt64, _ index: Int) -> Float {
      Float(random.block(stream: stream, index: UInt64(index)).x.unitInterval)
    }
    for index in 0..<parameters.count { parameters.view[index] = 0.2 + number(1, index) }
    let width = shape.count / shape[0]
    func outputs(changed: Int?) -> [Float] {
      var lane = plan.makeLane(parameters: parameters.view, seed: 0)
      let input = FlatBuffer(count: shape.count)
      for index in 0..<shape.count {
        let isChanged = index / width == changed
        // Larger than any other, so that a maximum sees it.
        input.view[index] =
          kind.hasPrefix("embedding") ? (isChanged ? 7 : 2) : number(2, index) + (isChanged ? 2 + number(3, index) : 0)
      }
      lane.setInput(input.view)
      lane.setMode(.evaluation)
      plan.forward(lane)
      return lane.output.array
    }
    let plain = Kernels.asLane { outputs(changed: nil) }
    let positions = plan.outputShape[0]
    let rows = plain.count / positions
    var lasts = Array(repeating: 0, count: positions)
    for changed in 0..<shape[0] {
      let other = Kernels.asLane { outputs(changed: changed) }
      for position in 0..<positions
      where (0..<rows).contains(where: {
        plain[position * rows + $0] != other[position * rows + $0]
      }) {
        lasts[position] = changed
      }
    }
    #expect((0..<positions).map { layer.lastRead(at: $0, of: shape) } == lasts, "\(yaml) on \(shape)")
  }

  /// What it is for: which language models write text.
  @Test(
    arguments: [
      ("positions, {attention: {heads: 1, causal: true}}, {dense: 8}", nil),
      ("positions, {attention: {heads: 1}}, {dense: 8}", "2 attention"),
      ("flatten, {dense: 48}, {reshape: [6, 8]}", "2 dense"),
      ("flatten, {reshape: [6, 4]}, {dense: 8}", nil),
      ("flatten, softmax, {reshape: [6, 4]}, {dense: 8}", "2 softmax"),
      ("{residual: {body: [flatten, layer-norm, {reshape: [6, 4]}]}}, {dense: 8}", "1.1 layer-norm"),
      (
        "{reshape: [6, 4, 1]}, {convolution: {channels: 2, kernel: [3, 1], padding: same}}, {reshape: [6, 8]}, {dense: 8}",
        "2 convolution"
      ),
      (
        "{reshape: [6, 4, 1]}, {convolution: {channels: 2, kernel: [1, 3], padding: same}}, {reshape: [6, 8]}, {dense: 8}",
        nil
      ),
      (
        "{reshape: [6, 4, 1]}, {max-pool: {size: 3, stride: 1, padding: 1}}, {reshape: [6, 4]}, {dense: 8}",
        "2 max-pool"
      ),
      ("batch-norm, {parallel: {branches: [[relu], [{dropout: 0.1}]]}}, {dense: 8}", nil),
      ("{select-position: -1}, {dense: 48}, {reshape: [6, 8]}", "1 select-position"),
      ("mean-positions, {dense: 48}, {reshape: [6, 8]}", "1 mean-positions"),
      ("{parallel: {join: multiply, branches: [[{dense: 8}, sigmoid], [{dense: 8}]]}}", nil),
      ("{parallel: {join: multiply, branches: [[], [mean-positions, sigmoid]]}}, {dense: 8}", "1.0 mean-positions"),
      ("{parallel: {join: multiply, branches: [[{select-position: 0}, sigmoid], []]}}, {dense: 8}", nil),
      ("{convolution-1d: {channels: 8, kernel: 3, padding: causal}}", nil),
      ("{convolution-1d: {channels: 8, kernel: 3, padding: same}}", "1 convolution-1d"),
      ("{lstm: {units: 6, layers: 2}}, {gru: 5}, {dense: 8}", nil),
      ("{gru: {units: 6, bidirectional: true}}, {dense: 8}", "1 gru"),
      ("{swiglu: 12}, rms-norm, {dense: 8}", nil), ("{group-norm: 2}, {dense: 8}", "1 group-norm"),
      (
        "{parallel: {join: multiply, branches: [[{attention: {heads: 1}}, sigmoid], [{dense: 4}]]}}, {dense: 8}",
        "1.0.0 attention"
      ),
    ] as [(String, String?)])
  func textNeedsModelsThatLookBack(model: String, place: String?) throws {
    let network = Network(input: [6], layers: try Self.layers("{embedding: {vocabulary: 8, width: 4}}, " + model))
    let seeing = try network.firstLookingAhead().map { "\($0.path) \($0.kind)" }
    #expect(seeing == place)
    let found = failure {
      let parameters = FlatBuffer(count: try network.plan(microBatch: 1).layout.count)
      _ = try TextGenerator(
        network, parameters: parameters.view,
        vocabulary: Vocabulary(
          unit: .characters,
          names: [
            "a", "b", "c", "d", "e", "f", "g", "h",
          ]))
    }
    #expect((found != nil) == (place != nil), "\(String(describing: found))")
    if let place {
      let words = place.split(separator: " ")
      #expect(
        found?.description.hasPrefix("model.\(words[0]) (\(words[1])): expected one by which no position") == true)
    }
  }

  /// A loss with a softmax or sigmoid of its own takes logits; what follows the layer and keeps probabilities does not hide
  /// it, and one whose outputs may be anything does.
  @Test(
    arguments: [
      ("{dense: 2}, softmax", "model.1 (softmax)"), ("{dense: 2}, sigmoid", "model.1 (sigmoid)"),
      ("{dense: 2}, softmax, {dropout: 0.1}", "model.1 (softmax)"),
      ("{dense: 2}, sigmoid, relu, flatten, {reshape: [2]}, leaky-relu", "model.1 (sigmoid)"),
      ("{dense: 4}, softmax, {select: {first: 1, count: 2}}", "model.1 (softmax)"),
      ("{sequential: [{dense: 2}, {sequential: [softmax]}]}", "model.0.1.0 (softmax)"),
      ("{parallel: {branches: [[{dense: 1}, sigmoid], [{dense: 1}]]}}", "model.0.0.1 (sigmoid)"),
      ("{dense: 2}, sigmoid, {residual: {body: [dropout: 0.5]}}", "model.1 (sigmoid)"),
      ("{residual: {body: [{dense: 2}, softmax], shortcut: [{dense: 2}, softmax]}}", "model.0.0.1 (softmax)"),
      (
        "{parallel: {join: multiply, branches: [[{dense: 2}, sigmoid], [{dense: 2}, sigmoid]]}}",
        "model.0.0.1 (sigmoid)"
      ),
      // Logits all the same.
      ("{parallel: {join: multiply, branches: [[{dense: 2}, sigmoid], [{dense: 2}]]}}", nil),
      ("{dense: 2}, sigmoid, {dense: 2}", nil), ("{dense: 2}, softmax, batch-norm", nil),
      ("{dense: 2}, {residual: {body: [sigmoid]}}", nil), ("{dense: 2}, tanh", nil),
    ] as [(String, String?)])
  func probabilitiesAreNoLogits(model: String, place: String?) throws {
    let yaml = "data: {two-class: {train: 64}}\nmodel: [\(model)]\nbatch: 8\n"
    let found = failure { _ = try PreparedData(try configuration(yaml)) }
    guard let place else {
      #expect(found == nil, "\(model)")
      return
    }
    #expect(
      found?.description
        == "\(place): expected outputs that may be any number, found probabilities: cross-entropy applies a "
        + "softmax itself; remove the layer; predict writes probabilities all the same", "\(model)")
    #expect(found?.code == .badConfiguration)
  }

  @Test func theOtherLosses() throws {
    let network = Network(input: [2], layers: try Self.layers("{dense: 1}, sigmoid"))
    #expect(failure { try checkLogits(of: network, .binaryCrossEntropy) } != nil)
    for loss in [.meanSquaredError, .meanAbsoluteError, .huber()] as [any Loss] { try checkLogits(of: network, loss) }
  }
}
