import Datasets
import Diagnostics
import Testing

/// Files of other formats say what they are, and what to do, whatever they are taken for.
@Suite struct ForeignFormatTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private static let binaries: [(head: [UInt8], name: String, cure: String)] = [
    (Array("BZh91AY&SY".utf8) + [0x12, 0xF3, 0, 1], "a file packed by bzip2", "bunzip2"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 0, 4], "a file packed by xz", "unxz"),
    (Array("PK".utf8) + [3, 4, 20, 0, 6, 0], "a zip archive, which a workbook (xlsx)", "save the sheet as CSV"),
    (Array("PAR1".utf8) + [0x15, 4, 0x15, 0], "a Parquet file", "{parquet: …}"),
    ([0x93] + Array("NUMPY".utf8) + [1, 0], "a NumPy array", "IDX format"),
    ([0x89] + Array("HDF\r\n".utf8) + [0x1A, 10], "an HDF5 file", "{hdf5: …}"),
    ([0x89] + Array("PNG\r\n".utf8) + [0x1A, 10], "one PNG picture", "IDX format"),
    (Array("SQLite format 3".utf8) + [0, 16, 0], "an SQLite database", "{sqlite: …}"),
    ([UInt8](repeating: 97, count: 257) + Array("ustar".utf8) + [0], "a tar archive", "tar xf"),
    ([0xFF, 0xFE] + Array("a\0,\0b\0".utf8), "text in UTF-16", "iconv -f UTF-16 -t UTF-8"),
    (Array("a\0,\0b\0\n\0".utf8), "text in UTF-16", "iconv"), (Array("\0a\0,\0b\0\n".utf8), "text in UTF-16", "iconv"),
    ("Straße,Größe\n".utf16.flatMap { [UInt8(truncatingIfNeeded: $0), 0] }, "text in UTF-16", "iconv"),
    ([0xFF, 0xFE, 0, 0, 97, 0, 0, 0], "text in UTF-32", "iconv -f UTF-32"),
  ]

  @Test(arguments: binaries.indices)
  func binary(index: Int) throws {
    let (head, name, cure) = Self.binaries[index]
    let path = try folder.write(head)
    expectFailure(.badData, "\(path): expected a table in CSV format (UTF-8), found \(name)", cure) {
      try Dataset.csv(path, target: .none)
    }
    expectFailure(.badData, "\(path): expected images in IDX format, found \(name)", cure) {
      try Dataset.idx(images: path)
    }
    let characters = TextSettings(unit: .characters, length: 2)
    expectFailure(.badData, "\(path): expected UTF-8 text, found \(name)", cure) {
      try Dataset.text(path, characters, part: .all)
    }
    // Bytes are bytes.
    #expect(try Dataset.text(path, TextSettings(unit: .bytes, length: 2), part: .all).count > 0)
  }

  @Test(arguments: [
    ("<!DOCTYPE html>\n<html>", "a web page (HTML)"), ("\n  <HTML lang='en'>", "a web page (HTML)"),
    ("<?xml version='1.0'?>", "XML"), ("[{\"a\": 1}]", "JSON"), ("{\"a\": 1}", "JSON"),
  ])
  func markup(text: String, name: String) throws {
    let path = try folder.write(text)
    expectFailure(.badData, "\(path): expected a table in CSV format (UTF-8), found \(name)") {
      try Dataset.csv(path, target: .none)
    }
    // A text may be about anything.
    #expect(try Dataset.text(path, TextSettings(unit: .characters, length: 2), part: .all).count > 0)
  }

  /// Letters that a name begins with as well make no other format.
  @Test(arguments: ["PAR1,b\n1,2\n", "BZh,b\n1,2\n", "ORC,b\n1,2\n", "PK,b\n1,2\n"])
  func plainTables(text: String) throws {
    #expect(try Dataset.csv(folder.write(text), target: .none).count == 1)
  }

  @Test func packedOnes() throws {
    let path = try folder.write(gzip(Array("<html><body>not found</body></html>".utf8)))
    expectFailure(.badData, "found a web page (HTML)") { try Dataset.csv(path, target: .none) }
  }
}
