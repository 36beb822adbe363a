import CCryptoSystem
import Diagnostics

/// SHA-256 (FIPS 180-4) of bytes that come in pieces, by libcrypto.
package final class StreamingDigest {
  private let context: OpaquePointer

  package init() {
    guard let context = EVP_MD_CTX_new() else { OutOfMemory.end(wanting: 1 << 10) }
    self.context = context
    Self.check(EVP_DigestInit_ex(context, EVP_sha256(), nil))
  }

  deinit { EVP_MD_CTX_free(context) }

  package func update(_ bytes: UnsafeRawBufferPointer) {
    Self.check(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count))
  }

  /// The digest of all pieces, in their order; nothing may be added behind it.
  package func finish() -> Digest {
    var hash = [UInt8](repeating: 0, count: 32)
    Self.check(EVP_DigestFinal_ex(context, &hash, nil))
    return Digest(hash)
  }

  /// See `Digest.prefix`.
  fileprivate static func prefix(of bytes: UnsafeRawBufferPointer) -> SIMD2<UInt64> {
    var hash = [UInt8](repeating: 0, count: 32)
    check(EVP_Digest(bytes.baseAddress, bytes.count, &hash, nil, EVP_sha256(), nil))
    return hash.withUnsafeBytes { $0.loadUnaligned(as: SIMD2<UInt64>.self) }
  }

  /// It can only fail where the host's configuration of the library takes SHA-256 away.
  private static func check(_ isDone: CInt) {
    guard isDone != 1 else { return }
    OutOfMemory.end(expecting: "SHA-256 of libcrypto, found none", cure: "mend this host's openssl.cnf")
  }
}

extension Digest {
  /// The first 16 bytes of the digest of any bytes, as two words: they tell many short texts apart in little memory.
  package static func prefix(of bytes: UnsafeRawBufferPointer) -> SIMD2<UInt64> { StreamingDigest.prefix(of: bytes) }
}
