import Diagnostics
import Files
import Foundation
import SwiftProtobuf

/// A graph with what tells a reader how to take it, as a file holds it.
package struct ONNXModel {
  /// Of ONNX 1.15 (2023), which onnxruntime 1.17 and newer read.
  package static let irVersion = 9

  /// What a message of Protocol Buffers may have; beyond it parameters lie in a file of their own.
  static let largestFile = Int(Int32.max)

  private var proto = Onnx_ModelProto()
  /// What a user should know of it, a line each.
  package let notes: [String]

  /// - Parameters:
  ///   - name: what the graph is called.
  ///   - metadata: named texts, in their order.
  package init(_ graph: ONNXGraph, name: String, version: String, notes: String, metadata: [(String, String)]) {
    self.notes = graph.notes
    proto.irVersion = Int64(Self.irVersion)
    proto.producerName = "lockstep"
    proto.producerVersion = version
    proto.docString = notes
    proto.opsetImport = ONNXDomain.allCases.filter(graph.domains.contains).map { .init($0) }
    proto.graph = graph.proto
    proto.graph.name = name
    proto.metadataProps = metadata.map { key, value in
      var entry = Onnx_StringStringEntryProto()
      (entry.key, entry.value) = (key, value)
      return entry
    }
  }

  /// The names of what is given to the graph and of what it gives, in their order.
  package var inputs: [String] { proto.graph.input.map(\.name) }
  package var outputs: [String] { proto.graph.output.map(\.name) }

  /// The model as one message.
  package func bytes() throws -> [UInt8] {
    do {
      return try proto.serializedBytes()
    } catch {
      throw Failure(.internal, "the ONNX model could not be encoded: \(error)")
    }
  }

  /// Writes the file, whole or not at all.
  ///
  /// Where parameters are more than `largest` bytes they go into a file beside it, `FILE.data`, that it names: a reader needs
  /// both. Both are on the disk before one of them takes the place of an earlier file.
  package func write(to path: String, largest: Int = largestFile) throws {
    var own = self
    var data: OutputFile?
    let size = proto.graph.initializer.reduce(0) { $0 + $1.rawData.count }
    // Nodes and names are far below the rest.
    if size > largest - (1 << 26), size > 0 {
      guard path != standardStream else {
        throw Failure(
          .usage, at: path, "expected a file, as parameters of \(grouped(size)) bytes stand in another beside it",
          cure: "name a file")
      }
      data = try own.proto.graph.moveParameters(to: path + ".data")
    }
    let file = try OutputFile(path)
    try file.write(contentsOf: try own.bytes())
    try file.sync()
    try data?.finish()
    try file.finish()
  }
}

extension Onnx_GraphProto {
  /// From this size on a tensor is worth a place of its own, and there it begins at a multiple of a page.
  private static var page: Int { 4096 }

  /// Writes large tensors to a file, which is whole but not finished, and says where they lie in it.
  fileprivate mutating func moveParameters(to path: String) throws -> OutputFile {
    let file = try OutputFile(path)
    let name = path.split(separator: "/").last.map(String.init) ?? path
    var offset = 0
    for place in initializer.indices where initializer[place].rawData.count >= Self.page {
      let data = initializer[place].rawData
      let gap = (Self.page - offset % Self.page) % Self.page
      try file.write(contentsOf: [UInt8](repeating: 0, count: gap))
      try file.write(contentsOf: data)
      offset += gap
      initializer[place].externalData = [
        ("location", name), ("offset", "\(offset)"), ("length", "\(data.count)"),
      ].map { key, value in
        var entry = Onnx_StringStringEntryProto()
        (entry.key, entry.value) = (key, value)
        return entry
      }
      initializer[place].dataLocation = .external
      initializer[place].clearRawData()
      offset += data.count
    }
    try file.sync()
    return file
  }
}

extension Onnx_OperatorSetIdProto {
  fileprivate init(_ domain: ONNXDomain) {
    self.init()
    (self.domain, version) = (domain.rawValue, Int64(domain.version))
  }
}
