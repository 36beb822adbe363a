import Diagnostics
import Tensors
import TestSupport
import Testing

@testable import Datasets

/// A file that is read some rows at a time gives the rows, and the complaints, of one that is read whole.
@Suite struct StreamTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  static let tables = [
    "a,b,c\n1,2,x\n3,4,y\n5,6,x\n",
    "a,b,c\r\n1,2,x\r\n3,4,y\r\n5,6,x",
    "a,b,c\r1,2,x\r3,4,y\r5,6,x\r",
    "\u{FEFF}a,b,c\n\n1,2,\"x\"\n\n\n3,4,\"y\ny, \"\"z\"\"\"\n5,6,\"x\r\n\"\n",
    "a,\"b\nb\",c\n1,2,\"\n\n\"\n\"3\",4,y\n5,6,é\n",
    "a,b,c\n1,2,x\n",
  ]

  /// All rows of a table, so many at a time, of pieces of so many bytes.
  private func rows(_ path: String, _ target: Dataset.TableTarget, rows most: Int, piece: Int) throws -> [Float] {
    var stream = try CSVStream(path, target: target, like: Schema(classes: nil, features: ["a", "b"]), piece: piece)
    var numbers: [Float] = []
    while let dataset = try stream.next(rows: most) {
      #expect((1...most).contains(dataset.count))
      numbers += dataset.gathered(Array(0..<dataset.count))
    }
    return numbers
  }

  @Test(arguments: tables)
  func pieceByPiece(table: String) throws {
    let path = try folder.write(table.replacing("\"b\nb\"", with: "b"))
    let whole = try Dataset.csv(path, target: .none, features: ["a", "b"])
    let expected = whole.gathered(Array(0..<whole.count))
    for piece in 1...table.utf8.count + 1 {
      for most in [1, 2, 100] {
        #expect(try rows(path, .none, rows: most, piece: piece) == expected, "\(piece) bytes, \(most) rows")
      }
    }
  }

  /// Numbers that need double precision, as seconds since 1970, with names of columns and without: the bits of the table
  /// that is read whole, whatever the batches.
  @Test(arguments: [1, 2, 3, 7, 100], [true, false])
  func wideColumns(most: Int, header: Bool) throws {
    let rows = (0..<20).map { "\($0 % 3).5,\(1_700_000_000 + 37 * $0),\($0)\n" }
    let path = try folder.write((header ? "a,time,b\n" : "") + rows.joined())
    let whole = try Dataset.csv(path, target: .none, header: header)
    #expect(whole.schema.wide == [1] && whole.schema.features == (header ? ["a", "time", "b"] : ["1", "2", "3"]))
    let standardisation = Standardisation(from: whole, per: .feature)
    let expected = whole.gathered(Array(0..<20), standardisation)
    #expect(Set(expected).count > 20 && expected.allSatisfy(\.isFinite))
    for piece in [1, 40, 1000] {
      var stream = try CSVStream(path, target: .none, header: header, like: whole.schema, piece: piece)
      var (found, times, counts) = ([Float](), [Double](), [Int]())
      while let part = try stream.next(rows: most) {
        found += part.gathered(Array(0..<part.count), standardisation)
        times += part.wide.values[1] ?? []
        counts.append(part.count)
      }
      #expect(found.map(\.bitPattern) == expected.map(\.bitPattern), "pieces of \(piece) bytes")
      #expect(times == whole.wide.values[1] && counts.dropLast().allSatisfy { $0 == most })
    }
  }

  /// The line that a complaint names does not depend on where pieces end.
  @Test(arguments: [
    ("a,b,c\n1,2,x\n3,x,y\n5,6,x\n", ":3: column 'b': expected a number, found 'x'"),
    ("a,b,c\n1,2,\"x\n\n\"\n3,4\n5,6,x\n", ":5: expected 3 cells as in the header, found 2"),
    ("a,b,c\n1,2,x\n3,4,\"y\n5,6,x\n", ":3: column 'c': expected a closing quote, found the end of the file"),
    ("a,b,c\n1,2,x\n3,4,y\"y\n5,6,x\n", ":3: column 'c': expected no quote within an unquoted cell"),
  ])
  func complaints(table: String, message: String) throws {
    let path = try folder.write(table)
    expectFailure(.badData, path + message) { try Dataset.csv(path, target: .none, features: ["a", "b"]) }
    for piece in 1...table.utf8.count + 1 {
      expectFailure(.badData, path + message) { try rows(path, .none, rows: 2, piece: piece) }
    }
  }

  @Test(arguments: ["", "\n\n", "a,b,c\n", "a,b,c\n\n"])
  func nothingToPredict(table: String) throws {
    let path = try folder.write(table)
    let message = table.contains("a") ? "expected samples after the header" : "expected a table with a header"
    for piece in 1...8 { expectFailure(.badData, message) { try rows(path, .none, rows: 2, piece: piece) } }
  }

  /// What unpacks to more than a table ever does is refused before memory is full of it.
  @Test func aSmallFileThatIsMadeToFillMemory() throws {
    let rows = [UInt8]("a\n".utf8) + [UInt8](repeating: UInt8(ascii: "\n"), count: 80 << 20)
    let path = try folder.write(gzip(rows), "lines.csv.gz")
    expectFailure(.badData, "bytes from a gzip stream of") {
      var stream = try CSVStream(path, target: .none, like: Schema(features: ["a"]))
      return try stream.next(rows: 1 << 20)
    }
    // What never ends is no record, whatever it would unpack to.
    let zeros = try folder.write(gzip([UInt8](repeating: 0, count: 80 << 20)), "zeros.csv.gz")
    expectFailure(.badData, "expected at most 1048576 bytes in a cell") {
      try CSVStream(zeros, target: .none, like: Schema())
    }
  }

  @Test(arguments: [1, 2, 3, 5])
  func images(most: Int) throws {
    let bytes: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 2, 0, 0, 0, 1] + (0..<10).map { UInt8($0) }
    let path = try folder.write(bytes, "images")
    let whole = try Dataset.idx(images: path)
    var (stream, numbers, counts) = (try IDXStream(images: path), [Float](), [Int]())
    while let part = try stream.next(rows: most) {
      #expect(part.shape == whole.shape)
      numbers += part.gathered(Array(0..<part.count))
      counts.append(part.count)
    }
    #expect(numbers == whole.gathered(Array(0..<5)) && counts.dropLast().allSatisfy { $0 == most })
    let long = try folder.write(bytes + [1], "long")
    expectFailure(.badData, "found trailing bytes") {
      var stream = try IDXStream(images: long)
      while try stream.next(rows: most) != nil {}
      return 0
    }
  }
}
