import Diagnostics
import Tensors

extension RegularFile {
  /// SHA-256 of the whole file, read in pieces.
  package func digest() throws -> Digest {
    let hash = FileDigest(of: self)
    while try !hash.advance() {}
    return hash.finish()
  }
}

/// SHA-256 of a file, taken piece by piece.
package final class FileDigest {
  private let file: RegularFile
  private let hash = StreamingDigest()
  private var done = 0
  private let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)

  package init(of file: RegularFile) { self.file = file }

  deinit { piece.deallocate() }

  /// Reads a piece more, a mebibyte; returns whether that was the last one.
  package func advance() throws -> Bool {
    let part = UnsafeMutableRawBufferPointer(rebasing: piece[..<min(piece.count, file.size - done)])
    try file.read(into: part, at: done)
    hash.update(UnsafeRawBufferPointer(part))
    done += part.count
    SignsOfLife.note()
    return done == file.size
  }

  /// Of all that was read; nothing is read afterwards.
  package func finish() -> Digest { hash.finish() }
}
