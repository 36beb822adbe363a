import Checkpoints
import Diagnostics
import Files
import Foundation
import SwiftProtobuf
import Tensors

/// The named tensors of an ONNX file: the initialisers of its graph.
///
/// ONNX has no dense layer: `Gemm` with `transB` takes weights as PyTorch has them, O×I, but `MatMul`, and `Gemm` without, as I×O.
/// An initialiser that stands as the second factor of such nodes alone is given turned, as O×I. What exporters folded together, as a
/// batch norm into the convolution before it, cannot be told apart any more.
package final class ONNXWeightsFile: WeightsFile {
  package let path: String
  package let format = "ONNX"
  package let tensors: [StoredTensor]
  /// The names of tensors that are given turned, as `MatMul` has them the other way round.
  package let turned: Set<String>
  private let initialisers: [Onnx_TensorProto]

  /// ONNX's numbers of element types.
  private static let types: [Int32: ElementType] = [
    1: .float32, 2: .uint8, 3: .int8, 5: .int16, 6: .int32, 7: .int64, 9: .bool, 10: .float16, 11: .float64,
    16: .bfloat16,
  ]

  /// Throws bad data (65) where it is no ONNX file, or a tensor in it is not what it says.
  package init(_ path: String) throws {
    let file = try RegularFile(path, cure: "check the path and its permissions")
    self.path = path
    guard file.size <= ONNXModel.largestFile else {
      throw Failure(.badData, at: path, "expected at most 2 GiB, as ONNX files are, found \(file.size) bytes")
    }
    let model: Onnx_ModelProto
    do {
      model = try Onnx_ModelProto(serializedBytes: Data(try file.bytes(0..<file.size)))
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(
        .badData, at: path, "expected an ONNX file, found no message of Protocol Buffers",
        cure: "copy or export the file again")
    }
    guard model.hasGraph, !model.graph.initializer.isEmpty else {
      throw Failure(
        .badData, at: path, "expected a graph with initialisers, found none",
        cure: "export the model with its parameters")
    }
    initialisers = model.graph.initializer
    let turned = Self.turned(in: model.graph)
    self.turned = turned
    var names = Set<String>()
    tensors = try initialisers.enumerated().map { place, tensor in
      guard names.insert(tensor.name).inserted else { throw Self.bad(path, tensor, "expected one tensor of the name") }
      let extents = tensor.dims.map { Int($0) }
      guard extents.count <= 64, elementCount(extents) != nil else {
        throw Self.bad(path, tensor, "expected extents of a tensor, found \(extents.prefix(64))")
      }
      let shape = Shape(turned.contains(tensor.name) && extents.count == 2 ? extents.reversed() : extents)
      let type = Self.types[tensor.dataType] ?? ElementType("type \(tensor.dataType)", size: 1)
      return StoredTensor(name: tensor.name, shape: shape, type: type, place: place)
    }
  }

  /// What stands as the second factor of products that take it as I×O, and nowhere else.
  private static func turned(in graph: Onnx_GraphProto) -> Set<String> {
    var (turned, other) = (Set<String>(), Set<String>())
    let ranks = Dictionary(graph.initializer.map { ($0.name, $0.dims.count) }) { first, _ in first }
    for node in graph.node {
      let isPlainGemm = node.opType == "Gemm" && !node.attribute.contains { $0.name == "transB" && $0.i == 1 }
      for (place, input) in node.input.enumerated() {
        let isFactor = place == 1 && ranks[input] == 2 && (isPlainGemm || node.opType == "MatMul")
        if isFactor { turned.insert(input) } else { other.insert(input) }
      }
    }
    return turned.subtracting(other)
  }

  private static func bad(_ path: String, _ tensor: Onnx_TensorProto, _ what: String) -> Failure {
    Failure(.badData, at: path, "tensor \"\(tensor.name.shown())\": \(what)", cure: "export the file again")
  }

  package func numbers(of tensor: StoredTensor) throws -> [UInt8] {
    let initialiser = initialisers[tensor.place]
    let bytes = try contents(of: initialiser, tensor)
    guard bytes.count == tensor.byteCount else {
      throw Self.bad(path, initialiser, "expected \(tensor.byteCount) bytes of \(tensor.type), found \(bytes.count)")
    }
    guard turned.contains(tensor.name), !bytes.isEmpty else { return bytes }
    let (O, I, size) = (tensor.shape[0], tensor.shape[1], tensor.type.size)
    var result = [UInt8]()
    result.reserveCapacity(bytes.count)
    for row in 0..<O {
      for column in 0..<I {
        let place = (column * O + row) * size
        result += bytes[place..<place + size]
      }
    }
    return result
  }

  /// The numbers as they stand: in the message, in one of its lists, or in a file beside it.
  private func contents(of tensor: Onnx_TensorProto, _ stored: StoredTensor) throws -> [UInt8] {
    if tensor.hasDataLocation, tensor.dataLocation == .external { return try external(tensor, stored) }
    if tensor.hasRawData { return Array(tensor.rawData) }
    func bytes<Number>(_ numbers: [Number]) -> [UInt8] { numbers.withUnsafeBytes { Array($0) } }
    switch stored.type {
    case .float32: return bytes(tensor.floatData)
    case .float64: return bytes(tensor.doubleData)
    case .float16, .bfloat16: return bytes(tensor.int32Data.map { UInt16(truncatingIfNeeded: $0) })
    case .int32: return bytes(tensor.int32Data)
    default:
      guard stored.shape.count > 0 else { return [] }
      throw Self.bad(path, tensor, "expected its numbers as raw_data, found them as a list of \(stored.type)")
    }
  }

  /// Those in a file beside it, whose path must not lead out of the folder.
  private func external(_ tensor: Onnx_TensorProto, _ stored: StoredTensor) throws -> [UInt8] {
    let entries = Dictionary(tensor.externalData.map { ($0.key, $0.value) }) { first, _ in first }
    guard let location = entries["location"], !location.isEmpty, !location.hasPrefix("/"),
      !location.split(separator: "/").contains("..")
    else { throw Self.bad(path, tensor, "expected a file in the same folder, found another path") }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let file = try RegularFile(folder + location, cure: "put it beside \(path)")
    let offset = entries["offset"].flatMap(Int.init) ?? 0
    let length = entries["length"].flatMap(Int.init) ?? stored.byteCount
    guard offset >= 0, length == stored.byteCount, length <= file.size, offset <= file.size - length else {
      throw Failure(
        .badData, at: file.path,
        "expected \(stored.byteCount) bytes of tensor \"\(tensor.name.shown())\" from \(offset) on, found \(file.size) bytes",
        cure: "copy both files again")
    }
    return try file.bytes(offset..<offset + length)
  }
}
