import Diagnostics
import Tensors

extension SafeTensors {
  /// Writes `tensors` in their order to a new file and waits until it is on the disk.
  ///
  /// The floats go from the buffers to the file without a copy of the whole. Names must be unique; the order, the
  /// metadata and the values alone decide every byte.
  /// - Returns: the file's length and checksum, computed on the way.
  @discardableResult
  package static func write(
    _ tensors: [NamedTensor], metadata: [String: String] = [:], to path: String
  ) throws -> FileRecord {
    try write(tensors, metadata: metadata, to: path, files: .real)
  }

  static func write(
    _ tensors: [NamedTensor], metadata: [String: String], to path: String, files: FileSystem
  ) throws -> FileRecord {
    let output = try HashedFile(path, files: files)
    try output.append(header(of: tensors, metadata: metadata))
    for tensor in tensors { try output.append(UnsafeRawBufferPointer(tensor.view.bytes)) }
    return try output.finish()
  }

  /// The length and the padded JSON.
  private static func header(of tensors: [NamedTensor], metadata: [String: String]) -> [UInt8] {
    var entries: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quotedJSON($0.key)):\(quotedJSON($0.value))" }
      entries.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    var names: Set<String> = ["__metadata__"]
    for tensor in tensors {
      precondition(names.insert(tensor.name).inserted, "two tensors are named \(tensor.name)")
      let end = offset + tensor.view.count * MemoryLayout<Float>.stride
      let shape = tensor.shape.extents.map(String.init).joined(separator: ",")
      entries.append(
        "\(quotedJSON(tensor.name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var json = Array("{\(entries.joined(separator: ","))}".utf8)
    while (8 + json.count) % alignment != 0 { json.append(UInt8(ascii: " ")) }
    precondition(json.count <= maximumHeader, "a header of \(json.count) bytes is more than readers accept")
    return (0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) } + json
  }
}
