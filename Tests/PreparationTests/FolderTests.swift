import Foundation
import Preparation
import Tables
import TestSupport
import Testing

/// Where prepared tables are kept: what is there already, and what others have left.
@Suite struct PreparedFolderTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  private func prepared() throws -> PreparedTable { try People.prepared(People.csv(60), in: folder) }

  @Test func nothingButTheTableStays() throws {
    let table = try prepared()
    #expect(folder.names("prepared") == [table.directory.split(separator: "/").last.map(String.init)])
  }

  @Test func aFileInItsPlace() throws {
    try folder.write("prepared", "text")
    #expect(
      message { _ = try prepared() }
        == "prepared: expected a folder, found a file; name a folder that can be written to (keep-under)")
    #expect(try folder.text("prepared") == "text")
  }

  /// What another run left goes when it is a day old, and nobody holds its lock.
  @Test func whatOthersLeft() throws {
    for name in ["old", "young"] {
      try FileManager.default.createDirectory(
        atPath: folder["prepared/\(name).partial/collected"], withIntermediateDirectories: true)
      try folder.write("prepared/\(name).partial/collected/0.npy", "text")
    }
    for path in ["collected/0.npy", "collected", ""] {
      var times = [timeval](repeating: timeval(tv_sec: time(nil) - 100_000, tv_usec: 0), count: 2)
      #expect(utimes(folder["prepared/old.partial/\(path)"], &times) == 0)
    }
    let table = try prepared()
    let own = table.directory.split(separator: "/").last.map(String.init)
    #expect(folder.names("prepared").sorted() == [own, "young.partial"].compactMap { $0 }.sorted())
  }

  /// A column that needs a value in each row and has none.
  @Test(arguments: ["outcome", "age"]) func noRowIsLeft(column: String) throws {
    let csv = People.csv(60) { _, cells in cells[column == "age" ? 1 : 6] = "None" }
    let columns = "columns: [{number: {columns: age, missing: drop-row}}, {category: home}]"
    #expect(
      message { _ = try People.prepared(csv, in: folder, columns: columns) }
        == "people.csv: column '\(column)': expected rows with a value, found none in 60 of 60; "
        + "check which column is meant, and what stands for a missing value (missing)")
  }
}
