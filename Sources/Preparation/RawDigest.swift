import Diagnostics
import Files
import Formats
import Tensors

/// The digest of what a table is read from: of the bytes of all files, in their order. Where they lie decides nothing.
struct RawDigest {
  /// SHA-256 of the files' digests, a line each.
  let digest: Digest
  /// Name, without its folder, and digest of each file: `credit.csv sha256:…`.
  let files: [String]

  /// Reads all of it.
  init(of source: any TableFormat) throws {
    let digests = try source.sources().map { (path: $0, digest: try Self.digest(of: $0)) }
    let lines = digests.map { "\($0.digest)\n" }.joined()
    digest = Array(lines.utf8).withUnsafeBytes { Digest(of: $0) }
    files = digests.map { "\($0.path.split(separator: "/").last ?? "") \($0.digest)" }
  }

  private static func digest(of path: String) throws -> Digest {
    let hash = StreamingDigest()
    let file = try RegularFile(path, cure: "check the path and its permissions")
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { buffer.deallocate() }
    var offset = 0
    while offset < file.size {
      let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<min(buffer.count, file.size - offset)])
      try file.read(into: piece, at: offset)
      hash.update(UnsafeRawBufferPointer(piece))
      offset += piece.count
    }
    return hash.finish()
  }
}
