/// Refuses what is no UTF-8, where the file does not say that its bytes are text.
func requireUTF8(_ bytes: [UInt8], _ ranges: some Sequence<ByteRange>) throws {
  try bytes.withUnsafeBytes { bytes in
    for range in ranges {
      let text = UnsafeRawBufferPointer(rebasing: bytes[range.range])
      guard text.allSatisfy({ $0 < 0x80 }) || String(validating: text, as: UTF8.self) != nil else {
        throw Fault(
          "expected texts in UTF-8, found other bytes", cure: "leave it out of the columns, or write it as text")
      }
    }
  }
}

/// Texts of 36 characters for values of 16 bytes: `00112233-4455-6677-8899-aabbccddeeff`.
func uuidTexts(_ bytes: [UInt8], _ ranges: some Sequence<ByteRange>) -> (ranges: [ByteRange], bytes: [UInt8]) {
  var (found, texts) = ([ByteRange](), [UInt8]())
  for range in ranges {
    let start = texts.count
    for (index, byte) in bytes[range.range].enumerated() {
      if [4, 6, 8, 10].contains(index) { texts.append(UInt8(ascii: "-")) }
      texts.append(hexDigits[Int(byte >> 4)])
      texts.append(hexDigits[Int(byte & 15)])
    }
    found.append(ByteRange(start, texts.count))
  }
  return (found, texts)
}

private let hexDigits = Array("0123456789abcdef".utf8)
