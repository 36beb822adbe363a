import Diagnostics
import Foundation
import Tables
import Testing

@testable import Parquet

/// Files that other programs have written: every value of every column.
@Suite struct GoldenFileTests {
  static let others = ["empty", "encrypted-column", "encrypted-footer", "nested", "unreadable"]
  static let whole = GoldenTable.files.filter { !others.contains($0) }

  @Test func filesOfAllWritersAreThere() {
    for writer in ["arrow", "duckdb", "fastparquet", "polars"] {
      #expect(Self.whole.contains { $0.hasPrefix("\(writer)-") }, "\(writer)")
    }
    #expect(Self.whole.count > 30 && Self.others.allSatisfy(GoldenTable.files.contains))
  }

  @Test(arguments: whole) func everyValueIsRight(file: String) throws {
    let found = try ReadTable(GoldenTable.path(file))
    #expect(found.rows == 40 && !found.fields.isEmpty)
    for field in found.fields {
      let expected = try #require(GoldenTable.shared.columns[field.name], "\(field.name)")
      #expect(field.type.rawValue == expected.type, "\(field.name)")
      let values = try #require(found.columns[field.name])
      for row in 0..<found.rows where !Self.isSame(values[row], expected.values[row], field) {
        // Pandas has no missing number: one that is missing, and one that is none, are the same to it.
        if file.hasPrefix("fastparquet"), field.type == .number,
          [expected.values[row] ?? "nan", values[row] ?? "nan"] == ["nan", "nan"]
        {
          continue
        }
        Issue.record(
          "\(file), \(field.name), row \(row + 1): expected \(expected.values[row] ?? "-"), found \(values[row] ?? "-")"
        )
      }
    }
  }

  private static func isSame(_ found: String?, _ expected: String?, _ field: RawField) -> Bool {
    guard let found, let expected, field.type == .number else { return found == expected }
    guard let a = Double(found), let b = Double(expected) else { return false }
    return a.bitPattern == b.bitPattern || a.isNaN && b.isNaN
  }

  /// However many rows are asked for at a time, wherever pages and row groups end.
  @Test(arguments: whole) func theSameComesInPartsOfAnySize(file: String) throws {
    let whole = try ReadTable(GoldenTable.path(file))
    for most in [1, 2, 3, 7, 8, 24, 26] {
      #expect(try ReadTable(GoldenTable.path(file), most: most) == whole, "\(most)")
    }
  }

  @Test func wantedColumnsAloneAreRead() throws {
    let path = GoldenTable.path("arrow-types-plain")
    let whole = try ReadTable(path)
    for name in whole.fields.map(\.name) {
      let part = try ReadTable(path, columns: [name, "none of this name"])
      #expect(part.fields.map(\.name) == [name] && part.columns[name] == whole.columns[name])
    }
    #expect(try ReadTable(path, columns: []).rows == 40)
  }

  @Test func anEmptyTableHasColumnsAndNoRows() throws {
    let found = try ReadTable(GoldenTable.path("empty"))
    #expect(found.rows == 0 && found.fields.count == 6)
  }

  @Test func whatIsNestedIsRefusedWhereItIsWanted() throws {
    let path = GoldenTable.path("nested")
    #expect(try ReadTable(path, columns: ["flat"]).columns["flat"] == ["1.5", nil, "2.5"])
    for (name, what) in [("list", "a list"), ("map", "a map"), ("group", "a group of columns")] {
      #expect(
        message { _ = try ParquetReader(path, columns: [name]) }
          == "\(path): column '\(name)': expected one value a row, found \(what); leave it out of the columns, or flatten it"
      )
    }
    #expect(message { _ = try ParquetReader(path) }.contains("column 'list'"))
  }

  @Test func encryptedFilesAreRefused() throws {
    for file in ["encrypted-footer", "encrypted-column"] {
      let found = message { _ = try ReadTable(GoldenTable.path(file)) }
      #expect(
        found.contains("expected a Parquet file that is not encrypted; write it again without encryption"), "\(found)")
    }
  }

  @Test func valuesThatATableCannotHaveAreRefused() throws {
    let path = GoldenTable.path("unreadable")
    #expect(
      message { _ = try ReadTable(path, columns: ["huge"]) }
        == "\(path): column 'huge', row group 1: expected whole numbers up to 9223372036854775807, "
        + "found 18446744073709551615; write the column as doubles or texts, or leave it out")
    #expect(
      message { _ = try ReadTable(path, columns: ["bytes"]) }
        == "\(path): column 'bytes', row group 1: expected texts in UTF-8, found other bytes; "
        + "leave it out of the columns, or write it as text")
  }
}
