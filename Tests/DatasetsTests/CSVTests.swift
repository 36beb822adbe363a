import Datasets
import Diagnostics
import Foundation
import Testing

@Suite struct CSVTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func csv(
    _ text: String, _ target: Dataset.TableTarget = .none, features: [String]? = nil, header: Bool? = nil
  ) throws -> Dataset {
    try Dataset.csv(folder.write(text), target: target, features: features, header: header)
  }

  @Test func classesAreFoundAndSorted() throws {
    let data = try csv("a,b,kind\n1,2,pear\n3,4,apple\n5,6,pear\n", .classes())
    #expect((data.count, data.shape) == (3, [2]))
    #expect(data.gathered([0, 1, 2]) == [1, 2, 3, 4, 5, 6])
    #expect(data.targets == .classes([1, 0, 1], names: ["apple", "pear"]))
    #expect((data.featureNames, data.targetNames) == (["a", "b"], ["kind"]))
  }

  @Test func numericLabelsAreSortedByValue() throws {
    #expect(try csv("a,c\n1,10\n1,9\n1,-1\n", .classes()).targets == .classes([2, 1, 0], names: ["-1", "9", "10"]))
    #expect(try csv("a,c\n1,10\n1,9\n1,x\n", .classes()).targets == .classes([0, 1, 2], names: ["10", "9", "x"]))
  }

  @Test func columnsArePickedByName() throws {
    let text = "id,x,label,y\nr1,1,0.5,2\nr2,3,1.5,4\n"
    let data = try csv(text, .values(columns: ["label"]), features: ["y", "x"])
    #expect(data.gathered([0, 1]) == [2, 1, 4, 3])
    #expect(data.targets == .values([0.5, 1.5], width: 1))
    // To predict, columns are found by name wherever they are, with or without the target.
    for text in [text, "y,x\n2,1\n4,3\n"] {
      let fresh = try csv(text, features: data.featureNames)
      #expect((fresh.gathered([0, 1]), fresh.targets) == ([2, 1, 4, 3], .none))
    }
  }

  @Test func severalTargets() throws {
    let text = "p,x,q,y,r\n1,2,3,4,5\n6,7,8,9,10\n"
    let data = try csv(text, .values(columns: ["r", "p"]))
    #expect(data.targets == .values([5, 1, 10, 6], width: 2))
    #expect((data.targetNames, data.targetShape, data.valueWidth) == (["r", "p"], [2], 2))
    #expect((data.featureNames, data.gathered([1])) == (["x", "q", "y"], [7, 8, 9]))
    #expect(data.checksum != (try csv(text, .values(columns: ["p", "r"]))).checksum)
    expectBad(text, ":1: expected a target column 's', found none; ", ":", .values(columns: ["p", "s"]))
    expectBad(text, ":1: expected distinct target columns, found 'p' twice", ":", .values(columns: ["p", "q", "p"]))
    expectBad(text, "found column 'q' as both", ":", .values(columns: ["p", "q"]), features: ["x", "q"])
    expectBad(
      "a,b\n1,2\n", "expected at least one feature column, found only 'a', 'b'", ":", .values(columns: ["a", "b"]))
    expectBad(
      "a,b,c\n1,2,3\n1,2,x\n", ":3: column 'c': expected a number, found 'x'", ":", .values(columns: ["b", "c"]))
  }

  @Test func namesThatAreGiven() throws {
    let target = Dataset.TableTarget.classes(names: ["no", "yes", "maybe"])
    #expect(try csv("a,c\n1,yes\n", target).targets == .classes([1], names: ["no", "yes", "maybe"]))
    expectFailure(.badData, ":3: column 'c': expected one of 3 classes, found 'yess'; did you mean 'yes'?") {
      try csv("a,c\n1,yes\n1,yess\n", target)
    }
  }

  /// Every way to write the same table.
  @Test(arguments: [
    "a,b\n1,2\n", "a,b\n1,2", "a,b\r\n1,2\r\n", "a,b\r1,2\r", "\u{FEFF}a,b\n1,2\n", "\"a\",\"b\"\n\"1\",\"2\"\n",
    " a , b \n 1 ,\t2 \n", "\n\na,b\n\n1,2\n\n", " \"a\" ,b\n\"1\" , 2", "a,b\n+1.0e0,.2E+1\n", "a,b\n1.,20e-1\n",
  ])
  func spellings(text: String) throws {
    let data = try csv(text)
    #expect((data.featureNames, data.gathered([0])) == (["a", "b"], [1, 2]))
  }

  @Test func quotedText() throws {
    let data = try csv("\"a,\"\"b\"\"\",\"c\nd\"\n1,\"x, \"\"y\"\"\"\n2,\"\"\"\"\n", .classes())
    #expect((data.featureNames, data.targetNames) == (["a,\"b\""], ["c\nd"]))
    #expect(data.classNames == ["\"", "x, \"y\""])
    #expect(try csv("größe,c\n1,süß\n", .classes()).classNames == ["süß"])
  }

  @Test func packedTables() throws {
    let packed = try gzip(Array("a,b\n1,2\n".utf8))
    #expect(try Dataset.csv(folder.write(packed), target: .none).gathered([0]) == [1, 2])
    let path = try folder.write(packed.dropLast(3))
    expectFailure(.badData, "\(path): expected a whole gzip stream, found it cut off after 8 unpacked bytes") {
      try Dataset.csv(path, target: .none)
    }
  }

  private func expectBad(
    _ text: String, _ part: String, _ more: String = ":", _ target: Dataset.TableTarget = .none,
    features: [String]? = nil, at location: SourceLocation = #_sourceLocation
  ) {
    expectFailure(.badData, folder.path + "/data.csv:", part, more, at: location) {
      try csv(text, target, features: features)
    }
  }

  @Test func wrongHeaders() {
    expectBad("", "expected a table with a header, found an empty file")
    expectBad("\n\n", "found an empty file")
    expectBad("a,b\n", "expected samples after the header, found none")
    expectBad("a,b,a\n1,2,3\n", ":1: expected distinct column names, found 'a' for columns 1 and 3")
    expectBad("a;b\n1;2\n", ":1: expected columns separated by commas, found 2 separated by semicolons; save the table")
    expectBad("a\tb\n1\t2\n", "found 2 separated by tabs", "tr '\\t' ,")
    expectBad("a|b|c\n1|2|3\n", "found 3 separated by bars", "tr '|' ,")
    expectBad(",a\n0,1\n", ":1: expected a name for column 1, found none")
    expectBad("a\n1\n", "expected at least one feature column, found only 'a'", ":", .values())
  }

  /// A row of data in the place of the header would be lost.
  @Test(arguments: [
    "5.1,3.5\n4.9,3\n", "5.1,3.5,setosa\n4.9,3,virginica\n", "5.1,5.1,setosa\n4.9,,virginica\n", "1,2,a\n3,4,b\n",
    "7,x\n7,x\n", "nan,1\n2,3\n", "5,6\n", "5\n6\n", "-1,0,1\n5,6,7\n",
  ])
  func aMissingHeader(text: String) throws {
    expectBad(text, ":1: expected a header, found numbers as in the rows below it", "set header in data.csv")
    let rows = text.split(separator: "\n").count
    let target =
      text.contains("x") || text.contains("a") && !text.contains("nan") ? Dataset.TableTarget.classes() : .none
    guard !text.contains(",,"), !text.contains("nan") else { return }
    let data = try csv(text, target, header: false)
    #expect(data.count == rows && data.featureNames?.first == "1")
    #expect(data.targetNames == (target == .none ? nil : ["\(data.shape.count + 1)"]))
  }

  /// Words over numbers, and columns that are numbered or named by years.
  @Test(arguments: [
    "a,b,c\n1,2,x\n", "id,5,6\n1,2,3\n", "0,1,2,c\n5,6,7,x\n", "country,1990,1991,1992\nx,5,6,7\n",
  ])
  func aHeader(text: String) throws {
    let names = text.prefix { $0 != "\n" }.split(separator: ",").map(String.init)
    #expect(try csv(text, features: [names[1]]).gathered([0]).count == 1)
  }

  @Test func columnsByNumber() throws {
    let data = try csv("x,1.5,7\ny,2.5,8\n", .classes(column: "1"), features: ["3", "2"], header: false)
    #expect(data.gathered([0, 1]) == [7, 1.5, 8, 2.5])
    #expect(data.targets == .classes([0, 1], names: ["x", "y"]))
    #expect(try csv("5,6\n7,8\n", header: true).gathered([0]) == [7, 8])
    expectFailure(.badData, ":1: column 1: expected a number, found 'a'; leave header: false out") {
      try csv("a,b\n1,2\n", header: false)
    }
    expectFailure(.badData, "expected a target column '4', found none") {
      try csv("1,2\n", .classes(column: "4"), header: false)
    }
    expectFailure(.badData, ":2: expected 2 cells as in the first row, found 1") { try csv("1,2\n3\n", header: false) }
  }

  @Test func curesForCells() {
    expectBad("a,b\n1,red\n2,blue\n3,red\n", ":2: column 'b': expected a number, found 'red'", "the column holds text")
    expectBad("a,b\n1,red\n2,4\n3,5\n", "found 'red'; correct or delete the row")
    expectBad("a,b\n1,\n", "found an empty cell; fill it in or delete the row")
    expectBad("a,b\n1,NA\n", "found 'NA'; fill it in or delete the row")
    expectBad("a,b\n1,\"1,5\"\n", "found '1,5'; write numbers with a point")
    let prices = Dataset.TableTarget.classes(names: ["0.5", "1.25"])
    expectBad("a,c\n1,0.75\n", "expected one of 2 classes, found '0.75'", "set kind: values in data.csv", prices)
  }

  @Test func numberedColumnsAreNoData() throws {
    #expect(try csv("0,1\n5,6\n").featureNames == ["0", "1"])
    #expect(try csv(",a\n0,1\n", features: ["a"]).gathered([0]) == [1])
  }

  @Test func unknownColumns() {
    expectBad(
      "width,b\n1,2\n", ":1: expected a feature column 'widh', found none; did you mean 'width'?", features: ["widh"])
    expectBad(
      "a,b\n1,2\n", "expected a target column 'species', found none; the columns are 'a', 'b'",
      ":", .classes(column: "species"))
    expectBad("a,b\n1,2\n", "found column 'b' as both", ":", .values(), features: ["b"])
  }

  @Test func wrongRows() {
    expectBad("a,b\n1,2\n3\n", ":3: expected 2 cells as in the header, found 1")
    expectBad("a,b\n1,2,3\n", ":2: expected 2 cells as in the header, found 3")
    expectBad("a,b\n1,\n", ":2: column 'b': expected a number, found an empty cell")
    expectBad("a,b\n1,2\n1,x2\n", ":3: column 'b': expected a number, found 'x2'")
    expectBad("a,c\n1,\n", ":2: column 'c': expected a label, found an empty cell", ":", .classes())
    expectBad("a,c\n1,x\n", ":2: column 'c': expected a number, found 'x'", ":", .values())
    for text in ["nan", "NaN", "inf", "-Infinity", "1e39", "-1e9999999999"] {
      expectBad("a,b\n1,\(text)\n", ":2: column 'b': expected a finite number, found '\(text)'")
    }
    for text in ["0x10", "1e", "e5", ".", "-", "1 2", "1_000", "1.2.3", "١", "1e+", "infinit"] {
      expectBad("a,b\n1,\(text)\n", ":2: column 'b': expected a number, found '\(text)'")
    }
  }

  /// Lines are those that an editor shows, line breaks within quotes included.
  @Test(arguments: ["\n", "\r\n", "\r"])
  func lines(lineBreak: String) {
    let rows = ["a,b", "1,\"y", "z\"", "", "x,2"]
    expectBad(rows.joined(separator: lineBreak), ":5: column 'a': expected a number, found 'x'", features: ["a"])
  }

  @Test func wrongQuotes() {
    expectBad("a,b\n1,\"2\n3,4\n", ":2: column 'b': expected a closing quote, found the end of the file")
    expectBad("a,b\n1,\"2\"3\n", ":2: column 'b': expected a comma or the line's end after the closing quote")
    expectBad("a,b\n1,2\"3\n", ":2: column 'b': expected no quote within an unquoted cell")
    expectBad("a,\"b\n", ":1: column 2: expected a closing quote")
  }

  @Test func longCells() {
    let long = String(repeating: "1", count: 1 << 20 + 1)
    expectBad("a,b\n1,\(long)\n", ":2: column 'b': expected at most 1048576 bytes in a cell, found 1048577")
    expectBad("a,b\n1,\"\(long)\"\n", ":2: column 'b': expected a closing quote, found more than 1048576 bytes")
  }

  @Test func wrongEncoding() throws {
    let latin = try folder.write(Array("a,c\n1,x\n2,s".utf8) + [0xFC, 0xDF])
    expectFailure(.badData, "\(latin):3: column 'c': expected UTF-8, found other bytes; save the file as UTF-8") {
      try Dataset.csv(latin, target: .classes())
    }
    let wide = try folder.write([0xFF, 0xFE] + Array("a\0,\0b\0".utf8))
    expectFailure(.badData, "\(wide): expected a table in CSV format (UTF-8), found text in UTF-16") {
      try Dataset.csv(wide, target: .none)
    }
  }

  @Test func limits() throws {
    let path = try folder.write("a,b\n1,2\n")
    expectFailure(.badData, "expected at most 7 bytes, for which there is memory here, found 8; take a host") {
      try Dataset.csv(path, target: .none, limit: 7)
    }
    #expect(try Dataset.csv(path, target: .none, limit: 8).count == 1)
    let wide = try folder.write(String(repeating: ",", count: 1 << 20))
    expectFailure(.badData, "\(wide):1: expected at most 1048576 cells in a record, found more") {
      try Dataset.csv(wide, target: .none)
    }
    // A small file that is made to fill memory: 65 MiB of empty lines pack a thousand to one.
    let bomb = try gzip(Array("a,b\n1,2".utf8) + [UInt8](repeating: 10, count: 65 << 20))
    let (bombPath, text) = (try folder.write(bomb), TextSettings(unit: .bytes, length: 4))
    for read in [{ try Dataset.csv(bombPath, target: .none) }, { try Dataset.text(bombPath, text, part: .all) }] {
      expectFailure(
        .badData, "expected at most 67108864 bytes from a gzip stream of \(bomb.count), found more; unpack"
      ) { try read() }
    }
    // A file of holes that is larger than any memory is refused before a byte of it is read.
    let huge = try folder.write("a,b\n1,2\n", "huge.csv")
    #expect(truncate(huge, 1 << 42) == 0)
    for read in [{ try Dataset.csv(huge, target: .none) }, { try Dataset.text(huge, text, part: .all) }] {
      expectFailure(.badData, "\(huge): expected at most ", "found 4398046511104; take a host with more memory") {
        try read()
      }
    }
    expectFailure(.missingInput, "No such file") { try Dataset.csv(folder.path + "/none.csv", target: .none) }
    expectFailure(.missingInput, "found a directory") { try Dataset.csv(folder.path, target: .none) }
  }
}
