import Files

/// How a table is written as text.
public struct CSVDialect: Sendable, Equatable {
  /// What its bytes are.
  public enum Encoding: String, Sendable, CaseIterable {
    case utf8 = "utf-8"
    /// ISO 8859-1: every byte is the character of its number.
    case latin1 = "latin-1"
  }

  /// Between cells, an ASCII character.
  public var separator: UInt8
  /// Whether the first record names the columns; else they are called 1, 2, …
  public var hasHeader: Bool
  public var encoding: Encoding

  /// Commas, a header, UTF-8, unless it is said otherwise. Cells are quoted with `"`, which is doubled within them.
  public init(separator: UInt8 = UInt8(ascii: ","), hasHeader: Bool = true, encoding: Encoding = .utf8) {
    (self.separator, self.hasHeader, self.encoding) = (separator, hasHeader, encoding)
  }

  /// The separator as a configuration has it.
  package var separatorWord: String { separator == UInt8(ascii: "\t") ? "tab" : String(UnicodeScalar(separator)) }

  /// What the beginning of a file tells: the separator that its first line has most of, a comma where it has none; and ISO 8859-1
  /// where it is no UTF-8.
  package init(of file: String) throws {
    let reader = try ByteReader(file)
    let head = try [UInt8](unsafeUninitializedCapacity: 1 << 20) { buffer, count in
      count = try reader.read(into: UnsafeMutableRawBufferPointer(buffer))
    }
    // The last character may be cut off.
    let whole = head.dropLast(head.count == 1 << 20 ? 3 : 0).reversed().drop { $0 >= 0x80 }.count
    let isPlain = head[..<whole].withUnsafeBufferPointer(isUTF8) || ForeignFormat(Array(head.prefix(512))) != nil
    self.init(separator: Self.separator(in: head), encoding: isPlain ? .utf8 : .latin1)
  }

  private static func separator(in head: [UInt8]) -> UInt8 {
    let line = head.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    let counts = separators.map { separator in line.count { $0 == separator.byte } }
    let most = counts.max() ?? 0
    return most == 0 ? UInt8(ascii: ",") : separators[counts.firstIndex(of: most)!].byte
  }

  /// What may stand between cells, with the words for it.
  static let separators: [(byte: UInt8, words: String)] = [
    (UInt8(ascii: ","), "commas"), (UInt8(ascii: ";"), "semicolons"), (UInt8(ascii: "\t"), "tabs"),
    (UInt8(ascii: "|"), "bars"),
  ]
}
