import Configuration
import Diagnostics
import Formats
import Goldens
import TableChecks
import Tables
import TestSupport
import Testing

/// Files as a configuration names them.
@Suite struct FileFormatTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private func format(_ yaml: String) throws -> any TableFormat {
    let reader = try ConfigReader(yaml: "source: \(yaml)", file: "run.yaml", directory: folder.path)
    let format = try reader.choice("source", tableFormatKinds.cases { try $0.init($1) as any TableFormat })
    try reader.finish()
    return format
  }

  /// The columns are those of all files, and of a type that suits all of them.
  @Test func severalFilesOfLinesHaveTheSameColumns() throws {
    try folder.write("part-2.jsonl", "{\"b\": \"x\", \"a\": 2.5}\n")
    try folder.write("part-1.jsonl", "{\"a\": 1}\n{\"a\": 2}\n")
    for yaml in ["{jsonl: part-*.jsonl}", "{jsonl: {files: [part-2.jsonl, part-1.jsonl], probe: 5}}"] {
      let format = try format(yaml)
      let sources = try format.sources()
      #expect(sources == [folder["part-1.jsonl"], folder["part-2.jsonl"]])
      let tables = try sources.map { source in
        let reader = try format.open(source, columns: nil)
        return try read(reader)
      }
      #expect(words(tables[0].fields) == ["a: number", "b: text"] && tables[0].fields == tables[1].fields)
      #expect(tables[0]["a"] == ["1.0", "2.0"] && tables[0]["b"] == [nil, nil] && tables[1]["b"] == ["x"])
    }
  }

  /// What is predicted may have been saved by another program.
  @Test func anotherFileMayHaveAnotherSeparator() throws {
    let texts = ["a,b\n1,2\n", "a;b\n1;2\n", "a\tb\r\n1\t2\r\n"]
    let paths = try texts.enumerated().map { try folder.write("\($0).csv", $1) }
    let comma = try format("{csv: \(paths[0])}")
    let tab = try format("{csv: {files: \(paths[2]), separator: tab}}")
    for own in [comma, tab] {
      for path in paths {
        let table = try read(own.reading(path).open(path, columns: nil))
        #expect(table["a"] == ["1"] && table["b"] == ["2"])
      }
    }
    let one = try folder.write("one.csv", "a\n1;2\n")
    #expect(try read(comma.reading(one).open(one, columns: nil))["a"] == ["1;2"])
  }

  private func read(_ reader: any TableReader) throws -> ReadTable { try ReadTable(reader) }

  @Test func arraysAreOpened() throws {
    let array = goldenPath("tables/c-order.npy")
    let npy = try format("{npy: {files: \(array), columns: [x, y, z]}}")
    #expect(try npy.open(array, columns: ["z"]).fields == [RawField("z", .integer)])
    #expect(try npy.reading(array).open(array, columns: ["z"]).fields == [RawField("z", .integer)])
    let archive = goldenPath("tables/small.npz")
    let npz = try format("{npz: \(archive)}")
    #expect(try npz.sources() == [archive] && npz.open(archive, columns: nil).fields.count == 2)
    #expect(
      throws: Failure(.badConfiguration, at: "run.yaml:1: source.npy.columns", "x is named twice", cure: "name it once")
    ) {
      try format("{npy: {files: a.npy, columns: [x, x]}}")
    }
  }
}
