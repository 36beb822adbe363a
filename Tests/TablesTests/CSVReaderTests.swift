import Diagnostics
import Files
import Foundation
import Tables
import TestSupport
import Testing

@Suite struct CSVReaderTests {
  /// All cells, row by row; rows with a fault as their reason.
  private func read(
    _ bytes: [UInt8], _ dialect: CSVDialect = CSVDialect(), columns: Set<String>? = nil, piece: Int = 1 << 20,
    most: Int = 1000
  ) throws -> (names: [String], rows: [[String]], lines: [Int]) {
    let folder = try Folder()
    let path = try folder.write("table.csv", bytes)
    let reader = try CSVReader(path, dialect, columns: columns, piece: piece)
    var (rows, lines) = ([[String]](), [Int]())
    while let chunk = try reader.next(most: most) {
      let faults = Dictionary(uniqueKeysWithValues: chunk.faults.map { ($0.row, $0) })
      for row in 0..<chunk.count {
        lines.append(chunk.places.number(row))
        if let fault = faults[row] {
          rows.append(["!\(fault.column ?? ""): \(fault.reason)"])
        } else {
          rows.append(
            chunk.columns.map { if case .texts(let cells) = $0.values { cells[row] } else { "not a text" } })
        }
      }
    }
    return (reader.fields.map(\.name), rows, lines)
  }

  private static let text = """
    name,"the, text", number \r
    a,"b ""quoted"" c", 1\r
    "line
    break",,2\r

    x,"","3"\r
    ragged,1\r
    too,many,cells,here
    in"ner,1,2
    "be"hind,1,2
    ünïcode,"日本語",-4.5e3
    last,"one",5
    """

  private static let rows = [
    ["a", "b \"quoted\" c", "1"], ["line\nbreak", "", "2"], ["x", "", "3"],
    ["!: expected 3 cells as in the first record, found 2"], ["!: expected 3 cells as in the first record, found 4"],
    ["!name: expected no quote within an unquoted cell"], ["!name: expected the cell's end behind the closing quote"],
    ["ünïcode", "日本語", "-4.5e3"], ["last", "one", "5"],
  ]

  /// Whatever the pieces are that a file is read in, and the chunks that rows are given out in.
  @Test func everyPieceSizeGivesTheSameRows() throws {
    let bytes = Array(Self.text.utf8)
    for piece in 1...bytes.count + 1 {
      for most in [1, 2, 1000] {
        let found = try read(bytes, piece: piece, most: most)
        #expect(found.names == ["name", "the, text", "number"])
        #expect(found.rows == Self.rows, "pieces of \(piece), chunks of \(most)")
        #expect(found.lines == [2, 3, 6, 7, 8, 9, 10, 11, 12], "pieces of \(piece)")
      }
    }
  }

  @Test func everyLineEndAndMark() throws {
    let plain = "a,b\n1,2\n3,4\n"
    for end in ["\n", "\r\n", "\r"] {
      for mark in [[UInt8](), [0xEF, 0xBB, 0xBF]] {
        for isCut in [false, true] {
          var text = plain.replacing("\n", with: end)
          if isCut { text = String(text.dropLast()) }
          let found = try read(mark + Array(text.utf8), piece: 3)
          #expect(found.names == ["a", "b"] && found.rows == [["1", "2"], ["3", "4"]] && found.lines == [2, 3])
        }
      }
    }
  }

  @Test func otherDialects() throws {
    let tabs = try read(Array("a\tb\n 1 \t2\n\t\n".utf8), CSVDialect(separator: UInt8(ascii: "\t")))
    #expect(tabs.rows == [["1", "2"], ["", ""]])
    let latin = try read(
      [0x61, 0x2C, 0x62, 0x0A, 0xE4, 0x2C, 0xFC, 0x78, 0x0A], CSVDialect(encoding: .latin1), piece: 2)
    #expect(latin.rows == [["ä", "üx"]])
    let bare = try read(Array("1,x\n2,y\n".utf8), CSVDialect(hasHeader: false))
    #expect(bare.names == ["1", "2"] && bare.rows == [["1", "x"], ["2", "y"]])
    let chosen = try read(Array("a,b,c\n1,2,3\n".utf8), columns: ["c", "a"])
    #expect(chosen.names == ["a", "c"] && chosen.rows == [["1", "3"]])
  }

  @Test func packed() throws {
    let folder = try Folder()
    let path = try folder.write("table.csv", Array(Self.text.utf8))
    _ = try run("/bin/gzip", [path], deadline: 60)
    let reader = try CSVReader(path + ".gz", piece: 10)
    var rows = 0
    while let chunk = try reader.next(most: 2) { rows += chunk.count }
    #expect(rows == Self.rows.count)
  }

  @Test func whatIsNoTable() throws {
    func message(_ text: String, _ dialect: CSVDialect = CSVDialect()) -> String {
      do {
        _ = try read(Array(text.utf8), dialect)
        return "none"
      } catch { return "\(error)".replacing(#/^.*table\.csv/#, with: "F") }
    }
    #expect(message("") == "F: expected a table with a header, found an empty file; fetch it again")
    #expect(message("\n\n") == "F: expected a table with a header, found an empty file; fetch it again")
    #expect(
      message("a;b;c\n1;2;3\n")
        == "F:1: expected columns separated by commas, found semicolons; set separator: \";\"")
    #expect(
      message("1.5,2\n3,4\n")
        == "F:1: expected a header, found numbers alone; name the columns in the first line, or set header: false where "
        + "there are none")
    #expect(
      message("a,b,a\n1,2,3\n")
        == "F:1: expected distinct column names, found 'a' for columns 1 and 3; rename one of them")
    #expect(message("a,,2\n1,2,3\n").hasPrefix("F:1: expected distinct column names, found '2' for columns 2 and 3"))
    #expect(message("PAR1\u{0}\u{15}\n").hasPrefix("F: expected a table in CSV format (UTF-8), found a Parquet file"))
    #expect(try read(Array("a,b\n".utf8)).rows == [])
    #expect(try read(Array("2019,2020\n1,2\n".utf8)).names == ["2019", "2020"])
  }

  /// Records with a hundredth of the header's cells are faults, and more than a window has room for.
  @Test func recordsFarShorterThanTheHeader() throws {
    let header = (0..<200).map { "c\($0)" }.joined(separator: ",")
    let text =
      header + "\n" + String(repeating: "x\n", count: 3000) + (0..<200).map { "\($0)" }.joined(separator: ",") + "\n"
    for piece in [700, 1 << 20] {
      let found = try read(Array(text.utf8), piece: piece)
      #expect(found.rows.count == 3001 && found.lines.last == 3002 && found.rows[3000][199] == "199")
      #expect(found.rows[..<3000].allSatisfy { $0 == ["!: expected 200 cells as in the first record, found 1"] })
    }
  }

  /// A quote that is never closed takes the rest of the file with it: no row of many, but a torn file.
  @Test func openQuote() throws {
    for piece in [3, 1000] {
      let failure = try #require(throws: Failure.self) { try read(Array("a,b\n1,2\n3,\"4\n5,6\n".utf8), piece: piece) }
      #expect(failure.code == .badData)
      #expect(
        failure.description.hasSuffix(
          "table.csv:3: expected a closing quote, found the end of the file; close the quote that opens in this record, or "
            + "double it where it is no quote"))
    }
  }

  /// What is written is read as it was, whatever Swift takes for one character.
  @Test func quotedCells() throws {
    let cells = ["plain", " spaces ", "a,\u{301}b", "\"\u{301}", "two\nlines", "\r", "tab\t", "ü"]
    let text =
      cells.indices.map { "c\($0)" }.joined(separator: ",") + "\n" + cells.map(quotedCell).joined(separator: ",") + "\n"
    let rows = try read(Array(text.utf8)).rows
    #expect(rows.map { $0.map { Array($0.utf8) } } == [cells.map { Array($0.utf8) }])
    #expect(quotedCell("plain") == "plain" && quotedCell("ü b") == "ü b")
  }

  @Test func zerosAreNoHeader() throws {
    for bytes in [[UInt8](repeating: 0, count: 1000), Array("a,b\0c\n1,2\n".utf8), Array("\"a\n\0\",b\n1,2\n".utf8)] {
      #expect(throws: Failure.self) { try read(bytes) }
    }
    #expect(try read(Array("a,b\n1,\0\n".utf8)).rows == [["1", "\0"]])
  }

  /// What the beginning of a file tells of the rest.
  @Test func aGuessedDialect() throws {
    let folder = try Folder()
    let long = String(repeating: "a;ä\n", count: 300_000)
    let cases: [(bytes: [UInt8], separator: Character, encoding: CSVDialect.Encoding)] = [
      (Array("a;b,c;d\n".utf8), ";", .utf8), ([], ",", .utf8), (Array("ä\tb\n".utf8), "\t", .utf8),
      ([0x61, 0x2C, 0xE4, 0x0A], ",", .latin1), (Array(long.utf8), ";", .utf8),
      (Array(("x" + long).utf8), ";", .utf8), (Array(("xx" + long).utf8), ";", .utf8),
      (Array(long.utf8) + [0xE4, 0x0A], ";", .utf8), (Array("\u{FEFF}ä|b\n".utf8), "|", .utf8),
      ([0xFF, 0xFE] + Array("a\0,\0b\0\n\0".utf8), ",", .utf8),
    ]
    for (bytes, separator, encoding) in cases {
      let found = try CSVDialect(of: folder.write("a.csv", bytes))
      #expect(found == CSVDialect(separator: separator.asciiValue!, encoding: encoding), "\(bytes.prefix(20))")
    }
  }

  @Test func badEncoding() throws {
    let found = try read([0x61, 0x0A, 0x62, 0xFF, 0x0A, 0x63, 0x0A])
    #expect(found.rows == [["!a: expected UTF-8 (or encoding: latin-1), found other bytes"], ["c"]])
  }
}
