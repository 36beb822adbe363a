import Foundation
import Goldens
import Tables

/// What `make-tables.py` says that its files hold.
public struct GoldenColumns: Sendable {
  private struct Column: Decodable {
    let name: String
    let type: String
    let values: [String?]
  }

  private let columns: [Column]

  /// - Parameter file: its name, with that of a dataset where it is one of several.
  public init(_ file: String) throws {
    guard let found = try golden("tables/tables.json", as: [String: [Column]].self)[file] else {
      throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: file])
    }
    columns = found
  }

  /// What is different in a table; numbers are compared to the bit.
  public func differences(from table: ReadTable) -> [String] {
    var differences = table.faults
    let expected = columns.map { "\($0.name): \($0.type)" }
    if words(table.fields) != expected { differences.append("expected \(expected), found \(words(table.fields))") }
    for column in columns {
      let found = table[column.name]
      if found.count != column.values.count { differences.append("\(column.name): \(found.count) rows") }
      for (row, (found, expected)) in zip(found, column.values).enumerated()
      where !Self.isSame(found, expected, column.type) {
        differences.append(
          "\(column.name), row \(row + 1): expected \(expected ?? "none"), found \(found ?? "none")")
      }
    }
    return differences
  }

  private static func isSame(_ found: String?, _ expected: String?, _ type: String) -> Bool {
    guard let found, let expected, type == "number" else { return found == expected }
    guard let a = Double(found), let b = Double(expected) else { return false }
    return a.bitPattern == b.bitPattern || a.isNaN && b.isNaN
  }
}
