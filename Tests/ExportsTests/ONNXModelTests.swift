import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Exports

/// Graphs and the files that they are written to, without a network.
@Suite struct ONNXModelTests {
  /// 2·x + a parameter of 3,000 floats.
  private static func model(of count: Int = 3000) throws -> ONNXModel {
    let graph = ONNXGraph()
    let x = try graph.input("x", .float32, [count])
    try graph.reserve("y")
    let table = graph.singles((0..<count).map { Float($0) })
    graph.output(graph.add("Add", graph.add("Mul", x, graph.single(2)), table), as: "y", .float32, [count])
    return ONNXModel(graph, name: "test", version: "1", notes: "", metadata: [("digest", "sha256:1")])
  }

  @Test func aGraphIsWhatWasAdded() throws {
    let model = try Self.model(of: 3)
    #expect(model.inputs == ["x"] && model.outputs == ["y"])
    let read = try Onnx_ModelProto(serializedBytes: try model.bytes())
    #expect(read.irVersion == 9 && read.opsetImport.map(\.domain) == [""] && read.opsetImport[0].version == 20)
    #expect(read.graph.node.map(\.opType) == ["Mul", "Add", "Identity"])
    #expect(read.graph.node[0].input[0] == "x" && read.graph.node[2].output == ["y"])
    #expect(read.graph.input[0].type.tensorType.shape.dim.map(\.dimParam) == ["N", ""])
    #expect(read.graph.initializer.map(\.rawData.count).sorted() == [4, 12])
    // A graph is a function of what it was made of.
    #expect(try model.bytes() == Self.model(of: 3).bytes())
  }

  @Test func valuesHaveNamesOfTheirOwn() throws {
    let graph = ONNXGraph()
    let x = try graph.input("a/Mul", .float64, [])
    graph.place = "a"
    let values = [x] + (0..<3).map { _ in graph.add("Mul", x, x) }
    #expect(Set(values.map(\.name)).count == 4)
    #expect(throws: Failure.self) { try graph.reserve("a/Mul") }
    #expect(throws: Failure.self) { _ = try graph.input("a/Mul", .text, []) }
  }

  @Test func largeParametersLieBesideTheFile() throws {
    let folder = try Folder()
    let path = folder["m.onnx"]
    try Self.model().write(to: path, largest: 1 << 26)
    let read = try Onnx_ModelProto(serializedBytes: [UInt8](Data(contentsOf: URL(filePath: path))))
    let data = try Data(contentsOf: URL(filePath: path + ".data"))
    let table = try #require(read.graph.initializer.first { $0.dataLocation == .external })
    let entries = Dictionary(uniqueKeysWithValues: table.externalData.map { ($0.key, $0.value) })
    #expect(entries == ["location": "m.onnx.data", "offset": "0", "length": "12000"] && !table.hasRawData)
    #expect(data == (0..<3000).map { Float($0) }.withUnsafeBytes { Data($0) })
    // What is small stays.
    #expect(read.graph.initializer.count { $0.hasRawData } == 1)
  }

  @Test func nothingIsLeftOfWhatFails() throws {
    let folder = try Folder()
    #expect(throws: Failure.self) { try Self.model().write(to: folder["no/m.onnx"]) }
    #expect(throws: Failure.self) { try Self.model().write(to: "-", largest: 1 << 26) }
    #expect(folder.names() == [])
  }
}
