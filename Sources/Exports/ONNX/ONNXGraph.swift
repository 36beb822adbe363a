import Diagnostics
import Foundation
import SwiftProtobuf
import Tensors

/// A graph of ONNX while it is made: inputs, nodes, constants and outputs, each value under a name of its own.
///
/// ```swift
/// let x = try graph.input("Age", .float64, [])
/// let y = graph.add("Mul", graph.add("Sub", x, graph.number(40.5)), graph.number(0.1))
/// try graph.output(graph.cast(y, to: .float32), as: "scaled", .float32, [])
/// ```
/// Operators are those of `ONNXDomain`: https://onnx.ai/onnx/operators. All values have the rows (or samples) as their first
/// axis, whose extent is N, any number.
public final class ONNXGraph {
  /// What names of values begin with: the column or layer that they belong to.
  public var place = ""
  /// What the layer that is being appended knows besides its input.
  public var sides = ONNXSides()
  /// What a user of the graph should know, a line each.
  package internal(set) var notes: [String] = []
  private(set) var proto = Onnx_GraphProto()
  /// Those whose operators are among the nodes.
  private(set) var domains: Set<ONNXDomain> = [.standard]
  private var taken: Set<String> = []
  /// How many names there are that begin so.
  private var counts: [String: Int] = [:]

  /// An empty graph.
  public init() {}

  /// A value that is given, of `[N] + extents`. Throws where another value has that name.
  ///
  /// `notes` say what it is to be.
  public func input(_ name: String, _ type: ONNXType, _ extents: [Int], notes: String = "") throws -> ONNXValue {
    try reserve(name)
    var info = Onnx_ValueInfoProto(name, type, extents)
    info.docString = notes
    proto.input.append(info)
    return ONNXValue(name: name)
  }

  /// Keeps a name for an output. Throws where another value has it.
  public func reserve(_ name: String) throws {
    guard taken.insert(name).inserted else {
      throw Failure(
        .badConfiguration, at: "column '\(name)'", "expected another name than an output has, found the same",
        cure: "rename the column in the data, and train on them")
    }
  }

  /// Gives a value out under a name that was kept for it, as `[N] + extents`.
  public func output(_ value: ONNXValue, as name: String, _ type: ONNXType, _ extents: [Int]) {
    node("Identity", [value], named: [name])
    proto.output.append(.init(name, type, extents))
  }

  /// A node, and what it computes.
  public func add(
    _ operation: String, _ inputs: ONNXValue..., with attributes: KeyValuePairs<String, ONNXAttribute> = [:]
  ) -> ONNXValue {
    add(operation, all: inputs, with: attributes)
  }

  /// The same of a list of inputs; its name begins with `word`, if nothing else is said that of the operation.
  public func add(
    _ operation: String, all inputs: [ONNXValue], as word: String? = nil,
    with attributes: KeyValuePairs<String, ONNXAttribute> = [:]
  ) -> ONNXValue {
    let name = freshName(word ?? operation)
    node(operation, inputs, named: [name], with: attributes)
    return ONNXValue(name: name)
  }

  /// A node that computes several values, and these.
  public func add(
    _ operation: String, all inputs: [ONNXValue], outputs count: Int,
    with attributes: KeyValuePairs<String, ONNXAttribute> = [:]
  ) -> [ONNXValue] {
    let names = (0..<count).map { _ in freshName(operation) }
    node(operation, inputs, named: names, with: attributes)
    return names.map { ONNXValue(name: $0) }
  }

  /// A node of another domain, and what it computes.
  public func add(
    _ operation: String, of domain: ONNXDomain, _ inputs: ONNXValue...,
    with attributes: KeyValuePairs<String, ONNXAttribute>
  ) -> ONNXValue {
    let name = freshName(operation)
    node(operation, inputs, named: [name], with: attributes, domain: domain)
    return ONNXValue(name: name)
  }

  /// The ranges of an axis that stand side by side, of so many places each.
  public func split(_ value: ONNXValue, into sizes: [Int], axis: Int) -> [ONNXValue] {
    guard sizes.count > 1 else { return [value] }
    return add("Split", all: [value, wholes(sizes)], outputs: sizes.count, with: ["axis": .int(axis)])
  }

  /// What does not change, under a name that begins with `name`.
  func tensor(
    _ name: String, _ type: ONNXType, _ extents: [Int], _ fill: (inout Onnx_TensorProto) -> Void
  ) -> ONNXValue {
    var tensor = Onnx_TensorProto()
    tensor.name = unique(name)
    tensor.dataType = Int32(type.proto.rawValue)
    tensor.dims = extents.map { Int64($0) }
    fill(&tensor)
    proto.initializer.append(tensor)
    return ONNXValue(name: tensor.name)
  }

  private func node(
    _ operation: String, _ inputs: [ONNXValue], named outputs: [String],
    with attributes: KeyValuePairs<String, ONNXAttribute> = [:], domain: ONNXDomain = .standard
  ) {
    domains.insert(domain)
    var node = Onnx_NodeProto()
    (node.opType, node.domain, node.name) = (operation, domain.rawValue, outputs[0])
    (node.input, node.output) = (inputs.map(\.name), outputs)
    node.attribute = attributes.map { $1.proto(named: $0) }
    proto.node.append(node)
  }

  func freshName(_ word: String) -> String { unique(place.isEmpty ? word : "\(place)/\(word)") }

  /// `word`, or where that is taken with a number behind it.
  private func unique(_ word: String) -> String {
    var name = word
    while !taken.insert(name).inserted {
      counts[word, default: 0] += 1
      name = "\(word)_\(counts[word]!)"
    }
    return name
  }
}

/// A value of a graph: what is given, what a node computes, or what does not change.
public struct ONNXValue: Sendable, Hashable {
  let name: String

  /// In the place of an input that an operator may do without.
  static let absent = ONNXValue(name: "")
}

/// What operators belong to.
public enum ONNXDomain: String, CaseIterable, Sendable {
  /// ONNX itself.
  case standard = ""
  /// Those of classical learning.
  case learning = "ai.onnx.ml"
  /// What onnxruntime adds.
  case onnxruntime = "com.microsoft"

  /// The version of its operators: of ONNX 1.15 (2023), which onnxruntime 1.17 and newer read.
  package var version: Int {
    switch self {
    case .standard: 20
    case .learning: 4
    case .onnxruntime: 1
    }
  }
}

/// What the elements of a value are.
public enum ONNXType: Sendable {
  case float32, float64, int64, bool, int8, uint8
  /// UTF-8.
  case text

  var proto: Onnx_TensorProto.DataType {
    switch self {
    case .float32: .float
    case .float64: .double
    case .int64: .int64
    case .bool: .bool
    case .int8: .int8
    case .uint8: .uint8
    case .text: .string
    }
  }
}

/// A setting of an operator.
public enum ONNXAttribute: Sendable {
  case int(Int)
  case ints([Int])
  case float(Float)
  case text(String)
  case texts([String])

  func proto(named name: String) -> Onnx_AttributeProto {
    var proto = Onnx_AttributeProto()
    proto.name = name
    switch self {
    case .int(let value): (proto.type, proto.i) = (.int, Int64(value))
    case .ints(let values): (proto.type, proto.ints) = (.ints, values.map { Int64($0) })
    case .float(let value): (proto.type, proto.f) = (.float, value)
    case .text(let value): (proto.type, proto.s) = (.string, Data(value.utf8))
    case .texts(let values): (proto.type, proto.strings) = (.strings, values.map { Data($0.utf8) })
    }
    return proto
  }
}

extension Onnx_ValueInfoProto {
  /// Of `[N] + extents`.
  fileprivate init(_ name: String, _ type: ONNXType, _ extents: [Int]) {
    self.init()
    var rows = Onnx_TensorShapeProto.Dimension()
    rows.dimParam = "N"
    var tensor = Onnx_TypeProto.Tensor()
    tensor.elemType = Int32(type.proto.rawValue)
    tensor.shape.dim = [rows]
    for extent in extents {
      var dimension = Onnx_TensorShapeProto.Dimension()
      dimension.dimValue = Int64(extent)
      tensor.shape.dim.append(dimension)
    }
    self.name = name
    self.type.tensorType = tensor
  }
}
