import Diagnostics
import Files
import Tensors

/// Texts, some of them missing, in files that are mapped into memory.
package struct MappedTexts: Sendable {
  /// UTF-8 of all of them, one behind the other.
  fileprivate let bytes: MappedArray<UInt8>
  /// Where each ends in `bytes`; of one that is missing the complement of that.
  fileprivate let ends: MappedArray<Int64>

  package var count: Int { ends.count }

  fileprivate init(bytes: MappedArray<UInt8>, ends: MappedArray<Int64>) { (self.bytes, self.ends) = (bytes, ends) }

  /// Opens what a `TextWriter` made at `path`.
  init(_ path: String) throws {
    self.init(bytes: try MappedArray("\(path).bytes"), ends: try MappedArray(path))
    let last = ends.count > 0 ? ends[ends.count - 1] : 0
    guard (last < 0 ? ~last : last) == bytes.count else {
      throw Failure(
        .badData, at: path, "expected texts of \(bytes.count) bytes, found others", cure: "delete the folder")
    }
  }

  /// SHA-256 of all of them.
  var digest: Digest { Digest(of: "\(bytes.digest)\n\(ends.digest)\n") }

  /// nil where it is missing.
  package subscript(row: Int) -> String? {
    ends.withUnsafeBufferPointer { ends -> String? in
      guard ends[row] >= 0 else { return nil }
      let before = row > 0 ? ends[row - 1] : 0
      let start = Int(before < 0 ? ~before : before)
      return bytes.withUnsafeBufferPointer { String(decoding: $0[start..<Int(ends[row])], as: UTF8.self) }
    }
  }
}

/// Writes texts to files, some at a time.
final class TextWriter {
  private let bytes: ArrayWriter<UInt8>
  private let ends: ArrayWriter<Int64>

  /// Makes the file of the ends at `path`, and that of the bytes beside it.
  ///
  /// - Parameter isKept: whether they are to outlive the host's power.
  init(_ path: String, isKept: Bool = false) throws {
    bytes = try ArrayWriter("\(path).bytes", isKept: isKept)
    ends = try ArrayWriter(path, isKept: isKept)
  }

  func append(contentsOf texts: [String?]) throws {
    for text in texts {
      if let text { try bytes.append(contentsOf: text.utf8) }
      let end = Int64(bytes.count)
      try ends.append(contentsOf: CollectionOfOne(text == nil ? ~end : end))
    }
  }

  func finish() throws -> MappedTexts {
    MappedTexts(bytes: try bytes.finish(), ends: try ends.finish())
  }
}
