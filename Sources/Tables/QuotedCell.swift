/// A cell of a table as RFC 4180 wants it. Spaces at its ends are quoted too, which readers leave out elsewhere.
package func quotedCell(_ cell: String) -> String {
  let bytes = cell.utf8
  func isSpace(_ byte: UInt8?) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
  guard isSpace(bytes.first) || isSpace(bytes.last) || bytes.contains(where: { ",\"\r\n".utf8.contains($0) }) else {
    return cell
  }
  // By bytes: a quote with a combining mark behind it is another character to Swift.
  let quote = UInt8(ascii: "\"")
  let doubled = bytes.flatMap { $0 == quote ? [quote, quote] : [$0] }
  return "\"" + String(decoding: doubled, as: UTF8.self) + "\""
}
