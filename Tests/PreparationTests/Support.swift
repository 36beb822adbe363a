import Configuration
import Foundation
import Preparation
import Tables
import TestSupport

/// Settings of a table, as a configuration's `data.table` has them.
func settings(_ yaml: String) throws -> TableSettings {
  let reader = try ConfigReader(yaml: yaml, file: "table.yaml")
  let settings = try TableSettings(reader)
  try reader.finish()
  return settings
}

/// The message of what `body` throws, folders of tests left out.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "none"
  } catch { return "\(error)".replacing(#/\/[^ :]*lockstep-[0-9A-F-]*\//#, with: "") }
}

/// A table of people that some columns of every kind tell of, made by rule: `count` rows.
enum People {
  static let columns = """
    columns:
      - number: [age, income]
      - category: home
      - binary: member
      - date: since
    """

  static func csv(_ count: Int, change: (Int, inout [String]) -> Void = { _, _ in }) -> String {
    var text = "id,age,income,home,member,since,outcome\n"
    for row in 0..<count {
      let age = 20 + row * 7 % 50
      var cells = [
        "\(row)", row % 11 == 3 ? "" : "\(age)", "\(Double(1000 + row * 37 % 900) / 8)",
        row % 13 == 5 ? "NA" : ["owner", "rent", "parents"][row * 5 % 3], row % 2 == 0 ? "yes" : "no",
        "20\(10 + row % 12)-0\(1 + row % 9)-1\(row % 10)", (age + row % 3) % 4 == 0 ? "bad" : "good",
      ]
      change(row, &cells)
      text += cells.joined(separator: ",") + "\n"
    }
    return text
  }

  /// Prepares a table of `csv`; more of the YAML goes to `extra`.
  static func prepared(
    _ csv: String, in folder: Folder, _ extra: String = "", target: String = "outcome", columns: String = columns,
    seed: UInt64 = 1, cores: [Int]? = nil
  ) throws -> PreparedTable {
    let path = try folder.write("people.csv", csv)
    let settings = try settings(
      "source: {csv: {files: \(path)}}\ntarget: \(target)\nkeep-under: \(folder["prepared"])\n\(columns)\n\(extra)\n")
    return try TablePreparer(settings, seed: seed, cores: cores).prepared()
  }
}

extension PreparedTable {
  /// The features of a part, a row after the other.
  func features(_ part: Part) -> [[Float]] {
    guard let rows = self[part] else { return [] }
    let width = featureNames.count
    return rows.features.withUnsafeBufferPointer { all in
      (0..<rows.count).map { Array(all[$0 * width..<($0 + 1) * width]) }
    }
  }

  func classes(_ part: Part) -> [String] {
    guard case .classes(let classes)? = self[part]?.targets else { return [] }
    return classes.withUnsafeBufferPointer { $0.map { preparation.classes![Int($0)] } }
  }
}
