// Texts: what stands between quotes, with its escapes.
extension JSONCursor {
  /// Passes over a text.
  mutating func skipText() throws(JSONFault) {
    var nowhere: [UInt8] = []
    _ = try text(appendingTo: &nowhere, whereEscaped: false)
  }

  /// Reads a text, and appends it to `texts`.
  mutating func text(appendingTo texts: inout [UInt8]) throws(JSONFault) {
    let plain = try text(appendingTo: &texts, whereEscaped: true)
    if let plain { texts.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[plain])) }
  }

  /// Reads a text: one without escapes stays where it is, and its place is returned; one with escapes is appended to
  /// `texts` where `whereEscaped` says so.
  mutating func text(appendingTo texts: inout [UInt8], whereEscaped keeps: Bool) throws(JSONFault) -> Range<Int>? {
    try expect(JSONByte.quote, "a text in quotes")
    let start = place
    skipPlain()
    if byte == JSONByte.quote {
      place += 1
      return start..<place - 1
    }
    var run = start
    while true {
      skipPlain()
      if keeps { texts.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[run..<place])) }
      if take(JSONByte.quote) { return nil }
      guard take(JSONByte.backslash) else {
        throw isAtEnd ? unexpected("'\"'") : unexpected("a text without control characters")
      }
      let scalar = try escaped()
      if keeps { texts.append(contentsOf: UTF8.encode(scalar)!) }
      run = place
    }
  }

  /// Goes to the next quote, backslash or control character.
  @inline(__always) private mutating func skipPlain() {
    while place < bytes.count {
      let byte = bytes[place]
      if byte == JSONByte.quote || byte == JSONByte.backslash || byte < 0x20 { return }
      place += 1
    }
  }

  /// What stands behind a backslash.
  private mutating func escaped() throws(JSONFault) -> Unicode.Scalar {
    let byte = byte
    switch byte {
    case JSONByte.quote, JSONByte.backslash, 0x2f: break
    case 0x62: return advanced("\u{8}")
    case 0x66: return advanced("\u{c}")
    case 0x6e: return advanced("\n")
    case 0x72: return advanced("\r")
    case 0x74: return advanced("\t")
    case JSONByte.u:
      place += 1
      return try unicode()
    default: throw unexpected("one of \"\\/bfnrtu behind a backslash")
    }
    return advanced(Unicode.Scalar(byte))
  }

  private mutating func advanced(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    place += 1
    return scalar
  }

  /// Four digits behind `\u`, and where they are the first half of a pair, the second one.
  private mutating func unicode() throws(JSONFault) -> Unicode.Scalar {
    let first = try unit()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00 else {
      throw JSONFault(
        reason: "expected the first half of a pair of surrogates before byte \(place + 1), found the second")
    }
    guard take(JSONByte.backslash), take(JSONByte.u) else {
      throw unexpected("the second half of a pair of surrogates")
    }
    let second = try unit()
    guard 0xDC00...0xDFFF ~= second, let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else {
      throw JSONFault(
        reason: "expected the second half of a pair of surrogates before byte \(place + 1), found another")
    }
    return scalar
  }

  private mutating func unit() throws(JSONFault) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      let byte = byte
      let digit: UInt8 =
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: throw unexpected("four hexadecimal digits")
        }
      value = value << 4 | UInt32(digit)
      place += 1
    }
    return value
  }
}
