import Diagnostics
import Files
import Tensors

/// A safetensors file whose header was read and found to be in order.
///
/// ```swift
/// let file = try SafeTensorsFile("model.safetensors")
/// let tensors = layout.tensors(in: parameters)
/// try file.read(into: tensors)
/// layout.load(tensors, into: parameters)      // from PyTorch's order of features into memory's
/// ```
package final class SafeTensorsFile {
  /// A tensor as the header describes it.
  package struct Entry: Equatable, Sendable {
    package let name: String
    /// As the format spells it: `F32`, `BF16`, ….
    package let elementType: String
    package let shape: Shape
    /// In bytes from the start of the file.
    package let range: Range<Int>
  }

  package let path: String
  /// In the order of their data.
  package let entries: [Entry]
  /// The free text beside the tensors; empty where there is none.
  package let metadata: [String: String]
  private let file: RegularFile

  /// Opens a file and checks all that can be checked without reading the tensors themselves.
  ///
  /// Every length is compared with the file's own before anything of that size is allocated.
  package init(_ path: String) throws {
    file = try RegularFile(path)
    self.path = path
    let size = file.size
    func bad(_ message: String) -> Failure {
      Failure(.badData, at: path, message, cure: "this is no whole safetensors file: copy or save it again")
    }
    guard size >= 8 else { throw bad("expected at least 8 bytes, found \(size)") }
    let length = try file.bytes(0..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(SafeTensors.maximumHeader) else {
      throw bad("expected a header of at most \(SafeTensors.maximumHeader) bytes, found \(length)")
    }
    let start = 8 + Int(length)
    guard start <= size else { throw bad("the header says \(length) bytes, but the file has \(size)") }
    let header = try file.bytes(8..<start)
    guard header.first == UInt8(ascii: "{") else { throw bad("the header must begin with {") }
    do {
      (entries, metadata) = try Self.parse(header, data: start..<size)
    } catch let fault as HeaderScanner.Fault {
      throw bad("header, byte \(8 + fault.offset): \(fault.message)")
    }
    if let gap = Self.gap(in: entries, data: start..<size) { throw bad(gap) }
  }

  /// Overwrites `tensors` with the values in the file, which must hold exactly these names and shapes.
  ///
  /// Names and shapes are compared before the first value is written.
  package func read(into tensors: [NamedTensor]) throws {
    let known = Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0) })
    func bad(_ message: String, cure: String? = nil) -> Failure { Failure(.badData, at: path, message, cure: cure) }
    for tensor in tensors {
      guard let entry = known[tensor.name] else {
        throw bad(
          "expected a tensor \"\(tensor.name)\", found none",
          cure: nearest(to: tensor.name, among: known.keys).map { "the nearest is \"\($0)\"" }
            ?? "the file belongs to another model")
      }
      guard entry.shape == tensor.shape else {
        throw bad(
          "tensor \"\(tensor.name)\": expected shape \(tensor.shape), found \(entry.shape)",
          cure: "the file belongs to another model")
      }
      guard entry.elementType == "F32" else {
        throw bad("tensor \"\(tensor.name)\": expected F32, found \(entry.elementType)", cure: "convert it to F32")
      }
    }
    let expected = Set(tensors.map(\.name))
    if let other = entries.first(where: { !expected.contains($0.name) }) {
      throw bad("found a tensor \"\(other.name)\" that the model has not", cure: "the file belongs to another model")
    }
    for tensor in tensors {
      try file.read(into: tensor.view.bytes, at: known[tensor.name]!.range.lowerBound)
    }
  }

  /// The numbers of a tensor, as they lie in the file.
  func bytes(of entry: Entry) throws -> [UInt8] { try file.bytes(entry.range) }

  private static func parse(_ header: [UInt8], data: Range<Int>) throws -> ([Entry], [String: String]) {
    var entries: [Entry] = []
    var metadata: [String: String] = [:]
    var scanner = HeaderScanner(header)
    try scanner.object { scanner, name in
      if name == "__metadata__" {
        try scanner.object { scanner, key in metadata[key] = try scanner.string() }
      } else {
        entries.append(try entry(name, from: &scanner, data: data))
      }
    }
    try scanner.end()
    // An empty tensor starts where the next one does: the shorter comes first.
    entries.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
    return (entries, metadata)
  }

  /// Reads `{"dtype": …, "shape": […], "data_offsets": [begin, end]}`.
  private static func entry(_ name: String, from scanner: inout HeaderScanner, data: Range<Int>) throws -> Entry {
    var found: (type: String?, shape: [Int]?, offsets: [Int]?)
    try scanner.object { scanner, key in
      switch key {
      case "dtype": found.type = try scanner.string()
      case "shape": found.shape = try scanner.wholeNumbers(atMost: SafeTensors.maximumRank)
      case "data_offsets": found.offsets = try scanner.wholeNumbers(atMost: 2)
      default: throw scanner.fault("tensor \"\(name)\" has an unknown key \"\(key)\"")
      }
    }
    guard let type = found.type, let shape = found.shape, let offsets = found.offsets else {
      throw scanner.fault("tensor \"\(name)\" needs dtype, shape and data_offsets")
    }
    guard let bits = SafeTensors.elementBits[type] else {
      throw scanner.fault("tensor \"\(name)\" has the unknown dtype \"\(type)\"")
    }
    guard offsets.count == 2, offsets[0] <= offsets[1], offsets[1] <= data.count else {
      throw scanner.fault("tensor \"\(name)\" has offsets \(offsets) in data of \(data.count) bytes")
    }
    // Multiplied with overflow in mind: the extents are whatever the file says.
    let product = shape.reduce((value: bits, overflow: false)) { result, extent in
      let (value, overflow) = result.value.multipliedReportingOverflow(by: extent)
      return (value, result.overflow || overflow)
    }
    guard !product.overflow, product.value % 8 == 0, product.value / 8 == offsets[1] - offsets[0] else {
      throw scanner.fault(
        "tensor \"\(name)\" of dtype \(type) and shape \(shape) does not fit \(offsets[1] - offsets[0]) bytes")
    }
    let range = data.lowerBound + offsets[0]..<data.lowerBound + offsets[1]
    return Entry(name: name, elementType: type, shape: Shape(shape), range: range)
  }

  /// What keeps the sorted entries from covering the data exactly once, if anything does.
  private static func gap(in entries: [Entry], data: Range<Int>) -> String? {
    var end = data.lowerBound
    for entry in entries {
      guard entry.range.lowerBound == end else {
        let fault = entry.range.lowerBound < end ? "overlaps the one before" : "leaves a hole before it"
        return "tensor \"\(entry.name)\" \(fault)"
      }
      end = entry.range.upperBound
    }
    return end == data.upperBound ? nil : "expected \(end) bytes, found \(data.upperBound)"
  }
}
