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
  /// where more lines are no UTF-8 than have characters of it beyond ASCII.
  package init(of file: String) throws {
    let head = try Self.head(of: file)
    var lines = head.split(separator: UInt8(ascii: "\n"))
    // The last one may be cut off.
    if head.count == Self.headSize, lines.count > 1 { lines.removeLast() }
    let foreign = lines.filter { $0.contains { $0 >= 0x80 } }.map { $0.withUnsafeBufferPointer(isUTF8) }
    let isOther = 2 * foreign.count { $0 } < foreign.count && ForeignFormat(Array(head.prefix(512))) == nil
    self.init(separator: Self.separator(in: head), encoding: isOther ? .latin1 : .utf8)
  }

  /// The same for another file: with its own separator, where its header has one and not this one.
  package func fitting(_ file: String) throws -> CSVDialect {
    guard hasHeader else { return self }
    let (line, own) = (try Self.firstLine(Self.head(of: file)), separator)
    guard !line.contains(own) else { return self }
    var other = self
    let found = Self.separator(in: Array(line))
    if line.contains(found) { other.separator = found }
    return other
  }

  private static let headSize = 1 << 20

  private static func head(of file: String) throws -> [UInt8] {
    let reader = try ByteReader(file)
    return try [UInt8](unsafeUninitializedCapacity: headSize) { buffer, count in
      count = try reader.read(into: UnsafeMutableRawBufferPointer(buffer))
    }
  }

  private static func firstLine(_ head: [UInt8]) -> ArraySlice<UInt8> {
    head.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
  }

  private static func separator(in head: [UInt8]) -> UInt8 {
    let line = firstLine(head)
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
