import Configuration
import Diagnostics
import Kernels
import Layers
import Losses
import Preparation
import Tensors
import TestSupport
import Testing

@testable import Exports

/// What folders for PyTorch hold. That their modules compute the same is held by `scripts/check-pytorch`.
@Suite struct PyTorchTests {
  private static func expression(_ network: Network) throws -> String {
    try PyTorchNetwork(network).expression(network.layers).split { $0.isWhitespace }.joined(separator: " ")
  }

  @Test func everyKindHasAModule() {
    let layers = layerKinds.all.filter { !($0 is any PyTorchLayer.Type) && !($0 is any Combinator.Type) }
    #expect(layers.map { $0.kind } == [])
    #expect(lossKinds.all.filter { !($0 is any PyTorchLoss.Type) }.map { $0.kind } == ["sum"])
  }

  @Test func modulesHaveTheNamesOfSlots() throws {
    let network = Network(input: [4]) {
      Dense(units: 3)
      Residual { Dense(units: 3, bias: false) }
      Parallel(join: .multiply, branches: [[Dense(units: 1)], [Sigmoid(), Dense(units: 1)]])
    }
    #expect(
      try Self.expression(network) == """
        Layers( ("0", nn.Linear(4, 3, bias=True)), ("1", Branches( "add", Layers( ("0", nn.Linear(3, 3, bias=False)), ), \
        Layers(), )), ("2", Branches( "multiply", Layers( ("0", nn.Linear(3, 1, bias=True)), ), Layers( ("0", nn.Sigmoid()), \
        ("1", nn.Linear(3, 1, bias=True)), ), )), )
        """)
  }

  @Test func tiedLayersAreGivenTheirEmbeddings() throws {
    let network = Network(input: [3]) {
      Embedding(vocabulary: 7, width: 4)
      Residual { Dense(units: 4, tied: nil) }
      Sequential { Dense(units: 7, bias: false, tied: "0") }
    }
    let text = try PyTorchNetwork(network).expression().split { $0.isWhitespace }.joined(separator: " ")
    #expect(text.hasPrefix("tied(Layers( (\"0\", Embedding(7, 4)), "))
    #expect(text.contains("(\"0\", TiedLinear(7, bias=False)), )), ), (\"2.0\", \"0\"))"))
    #expect(try PyTorchNetwork(Network(input: [3], layers: [Dense(units: 2)])).expression().hasPrefix("Layers("))
  }

  @Test func picturesOfComputedRowsHaveChannelsFirst() throws {
    let computed = Network(input: [5]) {
      Dense(units: 24)
      Reshape([2, 4, 3])
      Convolution(channels: 2, kernel: 2)
    }
    #expect(try Self.expression(computed).contains("nn.Unflatten(1, (3, 2, 4))"))
    let columns = Network(input: [24]) {
      Reshape([2, 4, 3])
      Convolution(channels: 2, kernel: 2)
    }
    #expect(try Self.expression(columns).contains("Reshape(2, 4, 3)"))
  }

  @Test func paddingOfUnequalSidesIsWrittenOut() throws {
    let network = Network(input: [5, 4, 2]) {
      MaxPool(Window(kernel: Plane(3), stride: Plane(2), padding: .same))
      Convolution(channels: 2, window: Window(kernel: Plane(2), padding: .same))
    }
    let expression = try Self.expression(network)
    #expect(expression.contains("Padded((0, 1, 1, 1), float(\"-inf\"), nn.MaxPool2d((3, 3), stride=(2, 2)))"))
    #expect(expression.contains("PaddedConv2d(2, 2, (2, 2)") && expression.contains("pads=(0, 1, 0, 1))"))
  }

  @Test func aFolderIsWrittenWholeOrNotAtAll() throws {
    let network = Network(input: [4]) { Dense(units: 2) }
    let plan = try network.plan(microBatch: 1)
    let head = PredictionHead([
      .init(0..<2, CrossEntropyLoss(), classes: ["a\"", "b"], name: "prediction", names: ["p a", "p b"])
    ])
    let made = try PyTorchFolder(
      plan, FlatBuffer(count: plan.layout.count).view, head: head, notes: "x", transform: nil, standardisation: nil)
    let folder = try Folder()
    try made.write(to: folder["net/"])
    #expect(folder.names() == ["net"] && folder.names("net") == ["model.py", "model.safetensors"])
    #expect(try folder.text("net/model.py").contains(#""activation": "softmax", "classes": ["a\"", "b"]"#))
    // What is there stays as it is.
    let failure = try #require(throws: Failure.self) { try made.write(to: folder["net"]) }
    #expect(failure.code == .usage && folder.names() == ["net"])
    #expect(throws: Failure.self) { try made.write(to: folder["net/model.py/deeper"]) }
    #expect(folder.names() == ["net"] && folder.names("net").count == 2)
  }

  @Test func whatATransformNeedsIsTold() throws {
    let yaml = """
      source: {csv: {files: t.csv}}
      target: y
      missing: ["", "-"]
      columns: [number: {columns: Age, scale: log1p}, date: {columns: Since, format: "%d.%m.%Y", zone: "+01:00", parts: [year]}]
      """
    let settings = try TableSettings(ConfigReader(yaml: yaml, file: "table.yaml"))
    let fitted = try FittedTable(
      json: """
        {"format": 1, "targets": ["y"], "columns": [
          {"name": "Age", "kind": "number", "fitted": {"words": {}, "numbers": {"offset": [-0.0]}}},
          {"name": "Since", "kind": "date", "fitted": {"words": {}, "numbers": {"scale": [1]}}}]}
        """)
    let json = try TransformFile(fitted, settings).json
    for part in [
      #""missing" : ["#, #""scale" : "log1p""#, #""format" : "%d.%m.%Y""#, #""zone-minutes" : 60"#, #""year""#,
    ] { #expect(json.contains(part), "\(part)") }
  }
}
