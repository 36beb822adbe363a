import Crypto
import Tensors

/// SHA-256 of bytes that come in pieces.
struct StreamingDigest {
  private var hash = SHA256()

  mutating func update(_ bytes: UnsafeRawBufferPointer) { hash.update(bufferPointer: bytes) }

  /// The digest of all pieces so far, in their order.
  func finish() -> Tensors.Digest {
    let digits = Array("0123456789abcdef".utf8)
    let text = hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return Tensors.Digest(String(decoding: text, as: UTF8.self))!
  }
}
