import Diagnostics

/// A format that data are often in, but that is not read: told by the first bytes of a file.
package struct ForeignFormat {
  /// `a Parquet file`
  package let name: String
  let cure: String
  /// Whether it is text all the same.
  package var isText = false

  /// The format that a file with these first bytes is in; nil where they tell none.
  package init?(_ bytes: [UInt8]) {
    let head = Array(bytes.prefix(512))
    guard let found = Self.bySignature(head) ?? Self.byEncoding(head) ?? Self.byMarkup(head) else { return nil }
    self = found
  }

  private init(_ name: String, _ cure: String, isText: Bool = false) {
    (self.name, self.cure, self.isText) = (name, cure, isText)
  }

  /// `data.csv: expected a table in CSV format, found a Parquet file; …`
  package func failure(at place: String, insteadOf expected: String) -> Failure {
    Failure(.badData, at: place, "expected \(expected), found \(name)", cure: cure)
  }

  private static let export = "save the table as CSV"
  private static let signatures: [(bytes: String, at: Int, name: String, cure: String)] = [
    ("BZh", 0, "a file packed by bzip2", "unpack it (bunzip2), or pack it by zstd"),
    ("\u{FD}7zXZ\0", 0, "a file packed by xz", "unpack it (unxz), or pack it by zstd"),
    ("7z\u{BC}\u{AF}\u{27}\u{1C}", 0, "a 7z archive", "unpack it (7z x), and name a file of it"),
    (
      "PK\u{3}\u{4}", 0, "a zip archive, which a workbook (xlsx) and NumPy's npz are too",
      "save the sheet as CSV, or unpack the archive and name a file of it"
    ),
    ("ustar", 257, "a tar archive", "unpack it (tar xf), and name a file of it"),
    ("\u{D0}\u{CF}\u{11}\u{E0}\u{A1}\u{B1}\u{1A}\u{E1}", 0, "an old workbook (xls)", "save the sheet as CSV"),
    ("PAR1", 0, "a Parquet file", "read it as one: data: {table: {source: {parquet: …}}}"),
    ("ARROW1", 0, "an Arrow or Feather file", "\(export), with pandas: read_feather(…).to_csv(…, index=False)"),
    ("FEA1", 0, "a Feather file", "\(export), with pandas: read_feather(…).to_csv(…, index=False)"),
    ("ORC", 0, "an ORC file", "\(export), with pandas: read_orc(…).to_csv(…, index=False)"),
    ("\u{89}HDF\r\n", 0, "an HDF5 file", "read it as one: data: {table: {source: {hdf5: …}}}"),
    (
      "\u{93}NUMPY", 0, "a NumPy array",
      "read a table of numbers as one (data: {table: {source: {npy: …}}}), and pictures in IDX format"
    ),
    ("SQLite format 3\0", 0, "an SQLite database", "ask it: data: {table: {source: {sqlite: …}}}"),
    ("%PDF-", 0, "a PDF document", "take the data themselves"),
    ("\u{89}PNG\r\n", 0, "one PNG picture", "gather the pictures in IDX format, or their pixels in a table"),
    ("\u{FF}\u{D8}\u{FF}", 0, "one JPEG picture", "gather the pictures in IDX format, or their pixels in a table"),
    ("version https://git-lfs", 0, "the pointer of Git LFS to a file", "fetch the file itself (git lfs pull)"),
  ]

  private static func bySignature(_ head: [UInt8]) -> ForeignFormat? {
    for signature in signatures {
      // A scalar below 256 stands for a byte.
      let bytes = signature.bytes.unicodeScalars.map { UInt8($0.value) }
      guard head.dropFirst(signature.at).starts(with: bytes) else { continue }
      // A few letters may as well be what a text begins with.
      let isWord = bytes.count < 8 && bytes.allSatisfy { (32..<127).contains($0) }
      if isWord, !head.contains(where: { $0 < 9 || $0 > 126 }) { continue }
      return ForeignFormat(signature.name, signature.cure)
    }
    return nil
  }

  private static func byEncoding(_ head: [UInt8]) -> ForeignFormat? {
    func wide(_ bits: Int) -> ForeignFormat {
      ForeignFormat("text in UTF-\(bits)", "save the file as UTF-8 (iconv -f UTF-\(bits) -t UTF-8)")
    }
    if head.starts(with: [0xFF, 0xFE, 0, 0]) || head.starts(with: [0, 0, 0xFE, 0xFF]) { return wide(32) }
    if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) { return wide(16) }
    // Without a mark: each second byte of plain text is zero, and all but a few of other European texts.
    let pairs = head.count / 2
    guard pairs >= 4 else { return nil }
    for first in [0, 1] {
      let plain = (0..<pairs).count { head[2 * $0 + first] == 0 && (9..<127).contains(head[2 * $0 + 1 - first]) }
      if 4 * plain >= 3 * pairs, (0..<pairs).allSatisfy({ head[2 * $0 + 1 - first] != 0 }) { return wide(16) }
    }
    return nil
  }

  private static func byMarkup(_ head: [UInt8]) -> ForeignFormat? {
    let text = String(decoding: head, as: UTF8.self).lowercased().drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    if text.hasPrefix("<!doctype html") || text.hasPrefix("<html") {
      return ForeignFormat(
        "a web page (HTML)", "fetch the data themselves, not the page that leads to them", isText: true)
    }
    if text.hasPrefix("<?xml") { return ForeignFormat("XML", export, isText: true) }
    if text.hasPrefix("[{") || text.hasPrefix("{\"") { return ForeignFormat("JSON", export, isText: true) }
    return nil
  }
}
