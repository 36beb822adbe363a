import Diagnostics
import Tensors

extension RegularFile {
  /// SHA-256 of the whole file, read in pieces.
  package func digest() throws -> Digest {
    let hash = StreamingDigest()
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { piece.deallocate() }
    for start in stride(from: 0, to: size, by: piece.count) {
      let part = UnsafeMutableRawBufferPointer(rebasing: piece[..<min(piece.count, size - start)])
      try read(into: part, at: start)
      hash.update(UnsafeRawBufferPointer(part))
      SignsOfLife.note()
    }
    return hash.finish()
  }
}
