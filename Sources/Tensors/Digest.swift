/// SHA-256 of parameters in declaration order, as checkpoints store them, the gaps left out: the identity of a run's
/// result.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
  /// 64 lowercase hexadecimal digits.
  package let hex: String

  /// The digest of any bytes.
  public init(of bytes: UnsafeRawBufferPointer) {
    let hash = StreamingDigest()
    hash.update(bytes)
    self = hash.finish()
  }

  /// The digest of a text, as UTF-8.
  package init(of text: String) { self = Array(text.utf8).withUnsafeBytes { Digest(of: $0) } }

  /// The digest of the slots of `layout` in `buffer`, little-endian floats in the order of a checkpoint.
  public init(of buffer: FloatView, layout: ParameterLayout) {
    let hash = StreamingDigest()
    for slot in layout.slots {
      var view = buffer[slot.range]
      if slot.isReordered {
        let stored = FlatBuffer(count: view.count)
        slot.store(view, into: stored.view)
        view = stored.view
      }
      withExtendedLifetime(view) { hash.update(UnsafeRawBufferPointer(view.bytes)) }
    }
    self = hash.finish()
  }

  /// A digest that was written earlier as `sha256:…` or as bare digits; nil where it is neither.
  public init?(_ text: some StringProtocol) {
    let digits = text.hasPrefix("sha256:") ? text.dropFirst(7) : text[...]
    guard digits.utf8.count == 64, digits.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
      return nil
    }
    hex = String(digits)
  }

  /// `sha256:` and the digits.
  public var description: String { "sha256:\(hex)" }

  /// What a hash came to, 32 bytes.
  init(_ hash: [UInt8]) {
    let digits = Array("0123456789abcdef".utf8)
    hex = String(decoding: hash.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
