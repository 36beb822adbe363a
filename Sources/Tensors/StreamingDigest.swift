import CCryptoSystem

/// SHA-256 (FIPS 180-4) of bytes that come in pieces, by libcrypto.
package final class StreamingDigest {
  private let context: OpaquePointer

  package init() {
    guard let context = EVP_MD_CTX_new() else { preconditionFailure("libcrypto: no memory for a digest") }
    self.context = context
    Self.check(EVP_DigestInit_ex(context, EVP_sha256(), nil), "begin")
  }

  deinit { EVP_MD_CTX_free(context) }

  package func update(_ bytes: UnsafeRawBufferPointer) {
    Self.check(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count), "go on with")
  }

  /// The digest of all pieces, in their order; nothing may be added behind it.
  package func finish() -> Digest {
    var hash = [UInt8](repeating: 0, count: 32)
    Self.check(EVP_DigestFinal_ex(context, &hash, nil), "end")
    return Digest(hash)
  }

  /// It can only fail for want of memory, or where the library's configuration takes SHA-256 away.
  private static func check(_ isDone: CInt, _ what: String) {
    precondition(isDone == 1, "libcrypto: cannot \(what) SHA-256; see its configuration, openssl.cnf")
  }
}
