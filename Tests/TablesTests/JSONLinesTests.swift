import Diagnostics
import Foundation
import TableChecks
import Tables
import TestSupport
import Testing

@Suite struct JSONLinesTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private func read(
    _ text: String, columns: Set<String>? = nil, probed: Int = 1000, most: Int = 1000
  ) throws -> ReadTable {
    try ReadTable(
      try JSONLinesReader(folder.write("a.jsonl", text), columns: columns, probed: probed), most: most)
  }

  /// What a reader throws, without the folder.
  private func failure(_ body: () throws -> Void) -> String { refusal(in: folder.path, body) }

  @Test func everyTypeIsFound() throws {
    let table = try read(
      #"""
      {"age": 31, "income": 2840.5, "city": "Köln", "member": true, "image": [0.5, 1e1], "none": null}
      {"age": -9223372036854775808, "income": 7, "city": "", "member": false, "image": [-1, 2]}

      {"age": null, "image":null,"late":"x"}
      """#)
    #expect(
      words(table.fields) == [
        "age: integer", "income: number", "city: text", "member: boolean", "image: vector", "none: text", "late: text",
      ])
    #expect(table.rows == 3 && table.faults == [])
    #expect(table["age"] == ["31", "-9223372036854775808", nil])
    #expect(table["income"] == ["2840.5", "7.0", nil])
    #expect(table["city"] == ["Köln", "", nil])
    #expect(table["member"] == ["true", "false", nil])
    #expect(table["image"] == ["[0.5, 10.0]", "[-1.0, 2.0]", nil])
    #expect(table["none"] == [nil, nil, nil] && table["late"] == [nil, nil, "x"])
  }

  @Test func columnsAreOfTheTypeOfMostValues() throws {
    let table = try read(
      #"""
      {"a": "n/a", "b": [1], "c": 1, "d": true}
      {"a": 1, "b": [1, 2], "c": 1e3, "d": "x"}
      {"a": 2, "b": [3, 4], "c": 12345678901234567890, "d": {}}
      """#)
    #expect(words(table.fields) == ["a: integer", "b: vector", "c: number", "d: boolean"])
    #expect(
      table.faults.map { $0.replacing(folder.path + "/", with: "") } == [
        #"a.jsonl:1: column 'a': expected a number, found "n/a""#,
        #"a.jsonl:2: column 'd': expected true or false, found "x""#,
        "a.jsonl:3: column 'd': expected true or false, found {}",
      ])
    #expect(table["c"] == ["?", "?", "?"] && table.rows == 3)
  }

  /// Each fault is told with its line, and the rows around it are read.
  @Test(arguments: [
    (#"{"a": "x", "b": "y", "v": [1, 2]}"#, #"column 'a': expected a number, found "x""#),
    (#"{"a": 1, "b": 2}"#, "column 'b': expected a text, found 2"),
    (#"{"a": [1], "b": "y"}"#, "column 'a': expected a number, found [1]"),
    (#"{"a": {"c": [1, {}]}}"#, #"column 'a': expected a number, found {"c": [1, {}]}"#),
    (#"{"v": [1, "2"]}"#, #"column 'v': expected a list of 2 numbers, found [1, "2"]"#),
    (#"{"v": [1]}"#, "column 'v': expected a list of 2 numbers, found [1]"),
    (#"{"v": [1, 2, 3]}"#, "column 'v': expected a list of 2 numbers, found [1, 2, 3]"),
    (#"{"v": []}"#, "column 'v': expected a list of 2 numbers, found []"),
    (#"{"v": 1}"#, "column 'v': expected a list of 2 numbers, found 1"),
    (#"{"a": 1, "a": 2}"#, "column 'a': expected the key once, found it twice"),
    (#"{"c": 1}"#, "column 'c': expected a key that one of the first 1 rows has (probe), found another"),
    (#"{"a": 1e999}"#, "expected a number that a double can hold, found 1e999"),
    (#"{"a": 01}"#, "expected no digit behind a leading zero at byte 8, found '1'"),
    (#"{"a": +1}"#, "expected a value at byte 7, found '+'"), (#"{"a": -}"#, "expected a digit at byte 8, found '}'"),
    (#"{"a": 1.}"#, "expected a digit at byte 9, found '}'"), (#"{"a": 1e}"#, "expected a digit at byte 9, found '}'"),
    (#"{"a": .5}"#, "expected a value at byte 7, found '.'"), (#"{"a": NaN}"#, "expected a value at byte 7, found 'N'"),
    (#"{"a": nil}"#, "expected null at byte 8, found 'i'"),
    (#"{"a": 1,}"#, "expected a text in quotes at byte 9, found '}'"),
    (#"{"a" 1}"#, "expected ':' at byte 6, found '1'"),
    (#"{"a": 1 "b": 2}"#, "expected ',' or '}' at byte 9, found '\"'"),
    (#"{"a": 1"#, "expected ',' or '}' at byte 8, found the end of the line"),
    (#"{"a": 1} x"#, "expected the end of the line at byte 10, found 'x'"),
    ("[1]", "expected an object at byte 1, found '['"),
    ("{", "expected a text in quotes at byte 2, found the end of the line"),
    (#"{"b": "x"#, "expected '\"' at byte 9, found the end of the line"),
    ("{\"b\": \"x\ty\"}", "expected a text without control characters at byte 9, found '\\t'"),
    (#"{"b": "\x"}"#, #"expected one of "\/bfnrtu behind a backslash at byte 9, found 'x'"#),
    (#"{"b": "\u12"}"#, "expected four hexadecimal digits at byte 12, found '\"'"),
    (#"{"b": "\uD800"}"#, "expected the second half of a pair of surrogates at byte 14, found '\"'"),
    (#"{"b": "\uD800\u0041"}"#, "expected the second half of a pair of surrogates before byte 20, found another"),
    (#"{"b": "\uDC00"}"#, "expected the first half of a pair of surrogates before byte 14, found the second"),
  ]) func faultsAreTold(line: String, reason: String) throws {
    let whole = #"{"a": 0.5, "b": "é", "v": [1, 2]}"#
    let table = try read("\(whole)\n\(line)\n\(whole)\n", probed: 1)
    #expect(table.faults == ["\(folder["a.jsonl"]):2: \(reason)"])
    #expect(table["a"] == ["0.5", "?", "0.5"] && table["b"] == ["é", "?", "é"] && table.rows == 3)
    #expect(table["v"] == ["[1.0, 2.0]", "?", "[1.0, 2.0]"])
  }

  @Test func bytesThatAreNoUTF8AreAFault() throws {
    let path = try folder.write("a.jsonl", Array("{\"a\": \"x\"}\n{\"a\": \"".utf8) + [0xff] + Array("\"}\n".utf8))
    let table = try ReadTable(try JSONLinesReader(path))
    #expect(table.faults == ["\(path):2: expected UTF-8, found other bytes"] && table["a"] == ["x", "?"])
  }

  @Test func levelsAreBounded() throws {
    func nested(_ levels: Int) -> String {
      String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
    }
    let lines =
      "{\"a\": 1, \"b\": \(nested(63))}\n{\"a\": 2, \"b\": \(nested(64))}\n{\"a\": 3, \"b\": \(nested(100_000))}\n"
    let table = try read(lines, columns: ["a"])
    #expect(table["a"] == ["1", "?", "?"] && words(table.fields) == ["a: integer"])
    #expect(table.faults.last == "\(folder["a.jsonl"]):3: expected at most 64 levels of lists and objects, found more")
  }

  @Test func textsAreUnescaped() throws {
    let table = try read(
      #"{"\u0061\"": "\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00 é😀", "b": "\u0000x"}"# + "\r\n" + #"{"a\"":"plain"}"#)
    #expect(table.fields.map(\.name) == ["a\"", "b"])
    #expect(table["a\""] == ["\"\\/\u{8}\u{c}\n\r\té😀 é😀", "plain"] && table["b"] == ["\0x", nil])
  }

  /// To the bit what the standard library reads.
  @Test func numbersAreTheNearest() throws {
    var random = Draws(seed: 1)
    var texts = [
      "0.1", "-0", "-0.0", "1e22", "1e23", "9007199254740993", "0.1000000000000000055511151231257827", "4.9e-324",
      "1.7976931348623157e308", "2.2250738585072011e-308", "123456789012345678901234567890", "1E+2", "1e-0005",
    ]
    for _ in 0..<5000 {
      let value = Double(bitPattern: random.next())
      if value.isFinite { texts.append("\(value)") }
      texts.append("\(random.next() >> random.next() % 64)e-\(random.next() % 30)")
    }
    let table = try read(texts.map { "{\"x\": \($0)}\n" }.joined() + "{\"x\": 0.5}\n")
    for (text, found) in zip(texts, table["x"]) {
      #expect(found.flatMap(Double.init)?.bitPattern == Double(text)?.bitPattern, "\(text)")
    }
  }

  @Test func integersAreExactWhereAllOfThemAre() throws {
    let table = try read("{\"i\": 9007199254740993}\n{\"i\": -1}\n{\"i\": 3.0}\n{\"i\": -0}\n", probed: 2)
    #expect(table["i"] == ["9007199254740993", "-1", "3", "0"])
    #expect(try words(read("{\"i\": -0}").fields) == ["i: number"])
  }

  /// What a row holds does not depend on the rows that are read together with it.
  @Test func fractionsAmongIntegers() throws {
    let numbers = ["9007199254740993", "-1", "2.5", "12345678901234567890", "null", "1e3", "-0.5", "7"]
    let text = numbers.map { "{\"i\": \($0)}\n" }.joined() + "{\"i\": \"x\"}\n"
    let path = try folder.write("a.jsonl", text)
    for most in 1...10 {
      let table = try ReadTable(try JSONLinesReader(path, probed: 2), most: most)
      #expect(words(table.fields) == ["i: integer"])
      #expect(table["i"] == ["9007199254740993", "-1", "2.5", "1.2345678901234567e+19", nil, "1000", "-0.5", "7", "?"])
      #expect(table.faults == ["\(path):9: column 'i': expected a number, found \"x\""])
    }
  }

  @Test func columnsThatAreNotWantedArePassedOver() throws {
    let text = "{\"a\": {\"b\": [1, \"]}\"]}, \"c\": [[1], {}], \"d\": 5}\n{\"a\": 1, \"d\": 6}\n"
    let table = try read(text, columns: ["d", "e"])
    #expect(words(table.fields) == ["d: integer"] && table["d"] == ["5", "6"] && table.faults == [])
    #expect(
      failure { _ = try read(text, columns: ["c"]) }
        == "65 a.jsonl:1: column 'c': expected a number, true or false, a text or a list of numbers, found a list of other things; write what is in it as columns of their own, or leave the column out"
    )
    #expect(
      failure { _ = try read("{\"a\": {}}\n") }
        == "65 a.jsonl:1: column 'a': expected a number, true or false, a text or a list of numbers, found an object; write what is in it as columns of their own, or leave the column out"
    )
  }

  @Test func whatIsNoTableIsRefused() throws {
    #expect(
      failure { _ = try read("") }
        == "65 a.jsonl: expected an object of JSON a line, with at least one key, found none; check that this is the right file"
    )
    #expect(
      failure { _ = try read("\n [{\"a\": 1}]\n") }
        == "65 a.jsonl:2: expected an object of JSON a line: expected an object at byte 2, found '['; write the objects of a list as lines (jq -c '.[]')"
    )
    #expect(
      failure { _ = try read("a,b\n1,2\n") }
        == "65 a.jsonl:1: expected an object of JSON a line: expected an object at byte 1, found 'a'; check that this is the right file"
    )
    #expect(
      failure { _ = try JSONLinesReader(folder["none.jsonl"]) }
        == "66 none.jsonl: open: No such file or directory; check the path and its permissions")
    let long = try folder.write("long.jsonl", "{}\n" + String(repeating: " ", count: 33 << 20))
    #expect(
      failure { _ = try JSONLinesReader(long) }
        == "65 long.jsonl:2: expected a line of at most 33554432 bytes, found a longer one; write a row a line")
  }

  @Test func packedAndInPartsItIsTheSame() throws {
    let lines = (0..<3000).map { "{\"i\": \($0), \"t\": \"\(String(repeating: "x", count: $0 % 7))\"}\n" }
    let whole = try read("\u{FEFF}" + lines.joined())
    #expect(whole.rows == 3000 && whole["i"].last == "2999")
    for most in [1, 7, 2999] {
      let part = try read("\u{FEFF}" + lines.joined(), most: most)
      #expect(part.columns == whole.columns)
    }
    _ = try run("gzip", [folder["a.jsonl"]], deadline: 20)
    #expect(try ReadTable(try JSONLinesReader(folder["a.jsonl.gz"])).columns == whole.columns)
    let packed = try #require(FileManager.default.contents(atPath: folder["a.jsonl.gz"]))
    try folder.write("cut.gz", Array(packed.prefix(packed.count / 2)))
    #expect(
      failure { _ = try ReadTable(JSONLinesReader(folder["cut.gz"])) }.hasPrefix(
        "65 cut.gz: expected a whole gzip stream"))
  }

  /// Many numbers a row in few bytes do not fill memory.
  @Test func chunksAreBounded() throws {
    let wide = "{\"v\": [\(Array(repeating: "0", count: 1 << 20).joined(separator: ","))]}\n"
    let reader = try JSONLinesReader(folder.write("a.jsonl", wide + String(repeating: "{}\n", count: 100)))
    var rows = 0
    while let chunk = try reader.next(most: 1000) {
      #expect(chunk.count <= 9)
      rows += chunk.count
    }
    #expect(rows == 101)
  }
}
