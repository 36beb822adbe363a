import Crypto
import Tensors

/// SHA-256 of bytes that come in pieces.
struct StreamingDigest {
  private var hash = SHA256()

  mutating func update(_ bytes: UnsafeRawBufferPointer) { hash.update(bufferPointer: bytes) }

  /// The digest of all pieces so far, in their order.
  func finish() -> Tensors.Digest { Tensors.Digest(hash.finalize()) }
}
