import Configuration
import Diagnostics
import Kernels
import Layers
import Losses
import Preparation
import Tensors
import Testing

@testable import Exports

/// What layers become. That onnxruntime computes the same from it is held by `scripts/check-onnx`.
@Suite struct ONNXNetworkTests {
  /// The operators of a network, and the shapes of its parameters by name.
  private static func graph(of network: Network) throws -> ONNXGraph {
    let graph = ONNXGraph()
    let x = try graph.input("x", .float32, network.input.extents)
    let parameters = FlatBuffer(count: try network.plan(microBatch: 1).layout.count)
    _ = try graph.append(network, parameters.view, to: x)
    return graph
  }

  private static func operators(_ network: Network) throws -> [String] {
    try graph(of: network).proto.node.map(\.opType)
  }

  /// Nothing that a configuration can name is forgotten.
  @Test func everyKindHasAForm() {
    let layers = layerKinds.all.filter { !($0 is any ONNXLayer.Type) && !($0 is any Combinator.Type) }
    #expect(layers.map { $0.kind } == [])
    let columns = columnKinds.all.filter { !($0 is any ONNXColumn.Type) }
    #expect(columns.map { $0.kind } == [])
    #expect(numberScaleKinds.all.filter { !($0 is any ONNXScale.Type) }.map { $0.kind } == [])
    // The parts of a sum are asked one by one.
    #expect(lossKinds.all.filter { !($0 is any ONNXLoss.Type) }.map { $0.kind } == ["sum"])
  }

  @Test func denseLayersAreProducts() throws {
    let network = Network(input: [4]) {
      Dense(units: 3)
      ReLU()
      Dropout(rate: 0.5)
      Dense(units: 2, bias: false)
    }
    let graph = try Self.graph(of: network)
    #expect(graph.proto.node.map(\.opType) == ["Gemm", "Relu", "Gemm"])
    #expect(graph.proto.node[0].input == ["x", "0.weight", "0.bias"] && graph.proto.node[2].input.count == 2)
    let shapes = graph.proto.initializer.map { "\($0.name) \($0.dims)" }
    #expect(shapes == ["0.weight [3, 4]", "0.bias [3]", "3.weight [2, 3]"])
  }

  /// A tied layer reads the embedding's table, which is there once.
  @Test func tiedLayersShareATable() throws {
    let network = Network(input: [3]) {
      Embedding(vocabulary: 7, width: 4)
      Dense(units: 7, tied: "0")
    }
    let graph = try Self.graph(of: network)
    #expect(graph.proto.node.map(\.opType) == ["Cast", "Gather", "Transpose", "MatMul", "Add"])
    #expect(graph.proto.node[1].input[0] == "0.weight" && graph.proto.node[2].input == ["0.weight"])
    #expect(graph.proto.initializer.map { "\($0.name) \($0.dims)" } == ["0.weight [7, 4]", "1.bias [7]"])
  }

  @Test func branchesShareTheirInput() throws {
    let join = Network(input: [4]) {
      Residual { Dense(units: 4) }
      Parallel(join: .concatenate, branches: [[Dense(units: 1)], [Dense(units: 2)]])
    }
    let graph = try Self.graph(of: join)
    #expect(graph.proto.node.map(\.opType) == ["Gemm", "Add", "Gemm", "Gemm", "Concat"])
    #expect(graph.proto.node[1].input.contains("x"))
    #expect(graph.proto.node[2].input[0] == graph.proto.node[3].input[0])
  }

  @Test func picturesHaveChannelsFirstInWindowsAlone() throws {
    let window = Window(kernel: Plane(3), stride: Plane(2), padding: .same)
    let network = Network(input: [5, 4, 2]) {
      Convolution(channels: 3, window: window)
      Flatten()
    }
    let graph = try Self.graph(of: network)
    #expect(graph.proto.node.map(\.opType) == ["Transpose", "Conv", "Transpose", "Reshape"])
    let pads = graph.proto.node[1].attribute.first { $0.name == "pads" }
    // Rows: 3 windows reach over 7 of 5; columns: 2 over 5 of 4, the larger half behind.
    #expect(pads?.ints == [1, 0, 1, 1])
  }

  private struct Swish: Layer {
    static let kind = "swish"
    func outputShape(for input: Shape) -> Shape { input }
    func bind(_ binding: Binding) -> any BoundLayer { preconditionFailure("is not run") }
  }

  @Test func aStrangersLayerIsNamed() throws {
    let network = Network(input: [4]) {
      Dense(units: 4)
      Residual { Swish() }
    }
    let failure = try #require(throws: Failure.self) {
      let graph = ONNXGraph()
      let x = try graph.input("x", .float32, [4])
      _ = try graph.append(network, FlatBuffer(count: 64).view, to: x)
    }
    #expect(failure.code == .unavailable && failure.description.hasPrefix("model.1.0 (swish): expected a layer"))
  }
}
