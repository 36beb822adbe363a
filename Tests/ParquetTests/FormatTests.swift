import Configuration
import Diagnostics
import Files
import Foundation
import Tables
import TestSupport
import Testing

@testable import Formats
@testable import Parquet

/// Several files as one table, and folders as columns.
@Suite struct FormatTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  /// A file of one column of whole numbers, and folders for it.
  @discardableResult
  private func write(_ name: String, _ column: String = "x", _ values: ParquetColumn.Values = .integers([1])) throws
    -> String
  {
    let path = folder[name]
    let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    let file = try OutputFile(path)
    let writer = try ParquetWriter(into: file, [ParquetColumn(column, values.kind)])
    try writer.write([(values, [])])
    try writer.finish()
    try file.finish()
    return path
  }

  private func shown(_ text: String) -> String { text.replacing(folder.path, with: "FOLDER") }

  private func names(_ files: [String]) throws -> [String] {
    try FilePaths.found(files.map { folder[$0] }, endings: ["parquet"]).map { shown($0.path) }
  }

  @Test func filesAreFoundInTheOrderOfTheirBytes() throws {
    for name in ["d/b.parquet", "d/a.parquet", "d/Z.parquet", "d/ä.parquet", "d/sub/c.parquet", "d/other.csv"] {
      try write(name)
    }
    for name in ["d/_delta_log/x.parquet", "d/.hidden.parquet", "d/_metadata.parquet"] { try write(name) }
    let all = ["Z", "a", "b", "sub/c", "ä"].map { "FOLDER/d/\($0).parquet" }
    #expect(try names(["d"]) == all && names(["d/"]).count == 5)
    #expect(try names(["d/b.parquet", "d", "d/[a-z]*.parquet"]) == all)
    #expect(try names(["d/[ab].parquet"]) == ["FOLDER/d/a.parquet", "FOLDER/d/b.parquet"])
    #expect(try names(["d/?.parquet"]).count == 3 && names(["*/a.parquet"]) == ["FOLDER/d/a.parquet"])
    // A file that is named is read, whatever its name ends with.
    #expect(try names(["d/other.csv"]) == ["FOLDER/d/other.csv"])
    #expect(try names(["d*"]) == all)
  }

  @Test func whatLeadsToNoFileIsNamed() throws {
    try write("d/a.csv")
    #expect(
      shown(message { _ = try names(["d/*.parquet"]) })
        == "FOLDER/d/*.parquet: expected a file that matches, found none; check the path")
    #expect(
      shown(message { _ = try names(["d"]) })
        == "FOLDER/d: expected a file in the folder that ends with .parquet, found none; check the path")
    #expect(message { _ = try ParquetFormat(file: folder["none"]).sources() }.contains("No such file"))
    try FileManager.default.createSymbolicLink(atPath: folder["d/loop"], withDestinationPath: folder["d"])
    #expect(
      shown(message { _ = try names(["d"]) })
        == "FOLDER/d/loop: expected a folder, found a link to one that it lies in; remove the link")
  }

  /// A file whose name has a star in it.
  @Test func aNameIsNoPatternWhereThereIsSuchAFile() throws {
    for name in ["a*.parquet", "ab.parquet"] { try write(name) }
    #expect(try names(["a*.parquet"]) == ["FOLDER/a*.parquet"])
  }

  private func table(_ format: ParquetFormat, columns: Set<String>? = nil) throws -> [String: [String?]] {
    try format.sources().reduce(into: [:]) { table, source in
      for (name, values) in try ReadTable(format.open(source, columns: columns)).columns {
        table[name, default: []] += values
      }
    }
  }

  @Test func foldersBecomeColumns() throws {
    try write("d/region=south/year=2024/a.parquet", "x", .integers([1, 2]))
    try write("d/region=north/year=2025/a.parquet", "x", .integers([3]))
    try write("d/region=__HIVE_DEFAULT_PARTITION__/year=a%2Fb/a.parquet", "x", .integers([4]))
    let expected: [String: [String?]] = [
      "x": ["4", "3", "1", "2"], "region": [nil, "north", "south", "south"], "year": ["a/b", "2025", "2024", "2024"],
    ]
    #expect(try table(ParquetFormat(file: folder["d"])) == expected)
    #expect(try table(ParquetFormat(file: folder["d/region=*/*/*.parquet"])) == expected)
    #expect(try table(ParquetFormat(file: folder["d"]), columns: ["year"]) == ["year": expected["year"]!])
    #expect(try table(ParquetFormat(file: folder["d"]), columns: ["x"]) == ["x": expected["x"]!])
    // What lies above what is named says nothing.
    #expect(try table(ParquetFormat(file: folder["d/region=north"])) == ["x": ["3"], "year": ["2025"]])
    #expect(
      try table(ParquetFormat(file: "none").reading(folder["d/region=north/year=2025/a.parquet"])) == ["x": ["3"]])
  }

  @Test func filesMustHaveTheSameColumns() throws {
    try write("d/a.parquet")
    try write("d/b.parquet", "x", .texts(TextCells(["1"])))
    let format = ParquetFormat(file: folder["d"])
    let cure = "write the files with the same columns, or name those that belong together"
    #expect(
      shown(message { _ = try format.sources() })
        == "FOLDER/d/b.parquet: column 'x': expected integer, as in FOLDER/d/a.parquet, found text; \(cure)")
    try write("d/b.parquet", "y")
    #expect(
      shown(message { _ = try format.sources() })
        == "FOLDER/d/b.parquet: column 'x': expected integer, as in FOLDER/d/a.parquet, found none; \(cure)")
    try write("d/b.parquet")
    #expect(try format.sources().count == 2)
    try write("d/x=1/c.parquet")
    #expect(
      message { _ = try format.sources() }.contains("expected it in the file or in the name of a folder, found both"))
  }

  @Test func settings() throws {
    func files(_ yaml: String) throws -> [String] {
      let reader = try ConfigReader(yaml: "source: \(yaml)", file: "run.yaml", directory: "/data")
      let kinds = tableFormatKinds.cases { kind, settings in try kind.init(settings) }
      let format = try reader.choice("source", kinds)
      try reader.finish()
      return try #require(format as? ParquetFormat).files
    }
    #expect(try files("{parquet: {files: a.parquet}}") == ["/data/a.parquet"])
    #expect(try files("{parquet: a.parquet}") == ["/data/a.parquet"])
    #expect(try files("{parquet: {files: ['*.parquet', /b]}}") == ["/data/*.parquet", "/b"])
    #expect(try files("{parquet: [a, b]}") == ["/data/a", "/data/b"])
    #expect(
      message { _ = try files("{parquet: {files: []}}") }.contains(
        "expected a number of elements of at least 1, found 0"))
    #expect(message { _ = try files("parquet") }.contains("required, but missing"))
  }
}
