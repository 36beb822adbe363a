import Diagnostics
import Files
import Tensors

/// A checkpoint that was read through and found whole.
///
/// ```swift
/// let checkpoint = try Checkpoint.load("runs/a").checkpoint
/// let tensors = layout.tensors(in: parameters)
/// try checkpoint.read("model.safetensors", into: tensors)
/// layout.load(tensors, into: parameters)      // from PyTorch's order of features into memory's
/// ```
package struct Checkpoint: Sendable {
  /// The directory.
  package let path: String
  /// What `run.json` says.
  package let record: RunRecord

  /// Reads a checkpoint's record, and compares every file's length and SHA-256 with it.
  ///
  /// The first damage found is thrown: it names the file, what was expected and what was found.
  package init(verifying path: String) throws {
    self.path = path
    record = try RunRecord(readingFrom: path)
    for (name, expected) in record.files.sorted(by: { $0.key < $1.key }) {
      guard Self.isPlain(name) else {
        throw Failure(.badData, at: "\(path)/\(RunRecord.fileName)", "expected a plain file name, found \"\(name)\"")
      }
      let file = try RegularFile("\(path)/\(name)")
      guard file.size == expected.bytes else {
        throw Failure(
          .badData, at: file.path, "expected \(expected.bytes) bytes, found \(file.size)", cure: Self.damaged)
      }
      let found = try file.digest().hex
      guard found == expected.sha256 else {
        throw Failure(
          .badData, at: file.path, "expected sha256 \(expected.sha256), found \(found)", cure: Self.damaged)
      }
    }
  }

  private static let damaged = "the file is damaged: take an earlier checkpoint or another copy"

  /// Whether a name stays inside the directory it is appended to.
  static func isPlain(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && name != RunRecord.fileName
      && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
  }

  /// Overwrites `tensors` with a safetensors file, which must hold exactly these names and shapes.
  package func read(_ name: String, into tensors: [NamedTensor]) throws {
    try SafeTensorsFile(try location(of: name)).read(into: tensors)
  }

  /// The tensors that a safetensors file holds, with their shapes, in the order of their data.
  package func tensors(of name: String) throws -> [(name: String, shape: Shape)] {
    try SafeTensorsFile(try location(of: name)).entries.map { ($0.name, $0.shape) }
  }

  /// A copy of a file's bytes.
  package func bytes(of name: String) throws -> [UInt8] {
    let file = try RegularFile(try location(of: name))
    return try file.bytes(0..<file.size)
  }

  private func location(of name: String) throws -> String {
    guard record.files[name] != nil else {
      throw Failure(
        .badData, at: path, "expected a file \"\(name)\", found \(record.files.keys.sorted())",
        cure: "the checkpoint belongs to another kind of run")
    }
    return "\(path)/\(name)"
  }
}
