import Diagnostics
import Foundation
import Tables
import TestSupport
import Testing

@testable import Parquet

/// Files that are damaged, or lie: one line comes of them, or values, and nothing else.
@Suite struct DamageTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  /// Uncompressed ones, where damage goes far, and one of each codec.
  static let files = [
    "tiny", "arrow-none-v1", "arrow-none-v2", "arrow-snappy-v1", "arrow-gzip-v1", "arrow-zstd-v2", "arrow-lz4-v2",
    "arrow-brotli-v1", "arrow-int96",
  ]

  /// Whether values come of a file; throws what is no failure of one line.
  private func hasValues(_ path: String) throws -> Bool {
    do {
      let reader = try ParquetReader(path)
      while try reader.next(most: 16) != nil {}
      return true
    } catch let failure as Failure {
      guard failure.code == .badData, failure.description.hasPrefix("\(path): "), !failure.description.contains("\n")
      else { throw failure }
      return false
    }
  }

  /// A copy of a golden file, open for writing: damaged in place, which is quicker than a new file each time.
  private func copy(_ file: String) throws -> (path: String, bytes: [UInt8], handle: FileHandle) {
    let bytes = try ParquetTests.bytes(of: GoldenTable.path(file))
    let path = try folder.write("damaged", bytes)
    return (path, bytes, try #require(FileHandle(forWritingAtPath: path)))
  }

  @Test(arguments: files) func cutAtEveryByte(file: String) throws {
    let (path, bytes, handle) = try copy(file)
    #expect(try hasValues(path))
    for count in bytes.indices.reversed() {
      try handle.truncate(atOffset: UInt64(count))
      #expect(try !hasValues(path), "cut after \(count) bytes")
    }
  }

  @Test(arguments: files) func everyByteChanged(file: String) throws {
    let (path, bytes, handle) = try copy(file)
    func put(_ byte: UInt8, at place: Int) throws {
      try handle.seek(toOffset: UInt64(place))
      try handle.write(contentsOf: [byte])
    }
    var values = 0
    for place in bytes.indices {
      for change in [1 << UInt8(place % 8), 0x80, 0xFF] as [UInt8] {
        try put(bytes[place] ^ change, at: place)
        values += try hasValues(path) ? 1 : 0
      }
      try put(bytes[place], at: place)
    }
    // Some changes make other values, or hit what nobody reads.
    #expect(try hasValues(path) && values > 0 && values < 3 * bytes.count)
  }

  private func failure(_ bytes: [UInt8]) throws -> String {
    let path = try folder.write("a.parquet", bytes)
    return message { _ = try ReadTable(path) }.replacingOccurrences(of: path, with: "a.parquet")
  }

  @Test func whatIsNoParquetFileIsNamed() throws {
    #expect(try failure([1, 2]) == "a.parquet: expected a Parquet file, found one of 2 bytes; name a Parquet file")
    #expect(
      try failure(Array("name,price\n".utf8) + [UInt8](repeating: 0, count: 20))
        == "a.parquet: expected a Parquet file, which begins with PAR1, found another one; name a Parquet file")
    let whole = try bytes(of: GoldenTable.path("tiny"))
    #expect(
      try failure(Array(whole.dropLast(20)))
        == "a.parquet: expected PAR1 at the end of a Parquet file, found other bytes; "
        + "the file is cut off: fetch it again, or write it again")
    #expect(
      try failure(whole.dropLast(8) + [0xFF, 0xFF, 0xFF, 0xFF] + Array("PAR1".utf8))
        == "a.parquet: expected at most \(whole.count - 12) bytes of metadata, found 4294967295; "
        + "the file is damaged: fetch it again, or write it again")
    #expect(message { _ = try ParquetReader(folder["none"]) }.hasPrefix("\(folder["none"]): open: No such file"))
  }

  /// A page that is overwritten in the middle of a file names its column and its row group.
  @Test func damagedPagesAreNamed() throws {
    var whole = try bytes(of: GoldenTable.path("arrow-snappy-v1"))
    let file = try ParquetFile(GoldenTable.path("arrow-snappy-v1"))
    let field = try #require(file.parquetFields.first { $0.name == "unique" })
    let chunk = file.metadata.groups[1].columns[field.leaf]
    for place in chunk.start..<chunk.start + chunk.size { whole[place] = 0xFF }
    let found = try failure(whole)
    #expect(found.hasPrefix("a.parquet: column 'unique', row group 2: expected "), "\(found)")
    #expect(found.hasSuffix("; the file is damaged: fetch it again, or write it again"))
  }

  @Test func pagesDoNotUnpackToMoreThanTheyCan() throws {
    for (codec, most) in [
      (Codec.none, 100), (.snappy, 3000), (.gzip, 110_000), (.lz4, 26_000), (.lz4Framed, 26_000), (.zstd, 4_000_000),
    ] {
      #expect(throws: Fault.self, "\(codec)") { try codec.requirePlausible(packed: 100, unpacked: most + 1) }
      try codec.requirePlausible(packed: 100, unpacked: 100)
    }
    #expect(throws: Fault.self) { try Codec.brotli.requirePlausible(packed: 1 << 30, unpacked: 1 << 62) }
    #expect(message { _ = try Codec(number: 3) }.contains("LZO"))
  }

  @Test func placesOutsideOfADictionaryAreRefused() throws {
    var found = [0.0, 0, 0]
    try gather([0, 1, 0], 3, of: [1.5, 2.5], into: &found)
    #expect(found == [1.5, 2.5, 1.5])
    #expect(throws: Fault.self) { try gather([0, 2, 0], 3, of: [1.5, 2.5], into: &found) }
    #expect(throws: Fault.self) { try gather([0], 1, of: [], into: &found) }
  }
}
