import Foundation
import TestSupport
import Testing

@testable import Preparation

/// What rows weigh in the loss, as a column says.
@Suite struct WeightTests {
  private let folder: Folder
  init() throws { folder = try Folder() }

  private static let columns = "columns: [{number: age}, {category: home}]"

  private static func csv(_ weight: (Int) -> String) -> String {
    People.csv(400) { row, cells in cells[2] = weight(row) }
  }

  private static func weights(_ table: PreparedTable, _ part: Part) -> [Float]? {
    table[part]?.weights.map { weights in weights.withUnsafeBufferPointer { Array($0) } }
  }

  @Test func weightsStandBesideTheirRows() throws {
    let extra = "split: {fixed: {by: member}}\nweight: income"
    let csv = People.csv(400) { row, cells in
      cells[2] = "\(Double(row) / 8)"
      cells[4] = row % 4 == 1 ? "test" : "train"
    }
    let table = try People.prepared(csv, in: folder, extra, columns: Self.columns)
    let all: [(row: Int, weight: Float)] = (0..<400).map { ($0, Float($0) / 8) }
    let (train, test) = (all.filter { $0.row % 4 != 1 }.map(\.weight), all.filter { $0.row % 4 == 1 }.map(\.weight))
    #expect(Self.weights(table, .train) == train)
    #expect(Self.weights(table, .test) == test)
    #expect(Self.weights(table, .validation) == nil)
    // Other weights are other data, fitted to nothing.
    let other = try People.prepared(
      csv.replacing("0.125,", with: "0.25,"), in: folder, extra, columns: Self.columns)
    #expect(other.summary.prepared != table.summary.prepared && other.summary.transform == table.summary.transform)
    // Without them all is as it was.
    let plain = try People.prepared(csv, in: folder, "split: {fixed: {by: member}}", columns: Self.columns)
    #expect(Self.weights(plain, .train) == nil && plain.features(.train) == table.features(.train))
    let files = try FileManager.default.contentsOfDirectory(atPath: plain.directory)
    #expect(!files.contains { $0.contains("weights") })
    // What was edited is refused.
    let path = "\(table.directory)/train.weights.npy"
    var bytes = [UInt8](try #require(FileManager.default.contents(atPath: path)))
    bytes[130] ^= 1
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    #expect(
      message { _ = try People.prepared(csv, in: folder, extra, columns: Self.columns) }.contains("found it changed"))
  }

  @Test func badWeights() throws {
    let csv = Self.csv { row in row < 5 ? ["", "-1", "1e39", "x", "inf"][row] : "\(row % 3)" }
    let table = try People.prepared(
      csv, in: folder, "weight: income\nquarantine-at-most: 0.02", columns: Self.columns)
    #expect(table.summary.aside.faulty == 5)
    let quarantine = try String(contentsOfFile: table.directory + "/quarantine.csv", encoding: .utf8)
    for reason in [
      "2,income,\"expected a weight of 0, or from 1.2e-38 to 1e30, found none\"",
      "3,income,\"expected a weight of 0, or from 1.2e-38 to 1e30, found -1\"",
      "4,income,\"expected a weight of 0, or from 1.2e-38 to 1e30, found 1e+39\"",
      "5,income,\"expected a number, found 'x'\"",
      "6,income,\"expected a finite number, found 'inf'\"",
    ] { #expect(quarantine.contains(reason), "\(reason) in \(quarantine)") }
    let cases = [
      ("weight: incme", "0", "expected a column 'incme'"),
      ("weight: outcome", "0", "expected another column than the target"),
      ("weight: income", "0", "column 'income': expected weights above 0 in training rows, found 0 alone"),
    ]
    for (extra, cell, words) in cases {
      let found = message {
        _ = try People.prepared(Self.csv { _ in cell }, in: Folder(), extra, columns: Self.columns)
      }
      #expect(found.contains(words), "\(extra): \(found)")
    }
  }

  /// Rows to predict weigh nothing; those to measure on do.
  @Test func otherRows() throws {
    let table = try People.prepared(Self.csv { "\($0 % 5)" }, in: folder, "weight: income", columns: Self.columns)
    let all = "source: {csv: {files: \(folder["people.csv"])}}\ntarget: outcome\nweight: income\n\(Self.columns)\n"
    let path = try folder.write("new.csv", "home,age\nrent,33\nowner,\n")
    let batch = try #require(try RawRows(path, settings(all), table.preparation, withTargets: false).next(most: 9))
    #expect(batch.problems.isEmpty && batch.weights.isEmpty && batch.count == 2)
    let csv = Self.csv { $0 == 3 ? "-2" : "\($0 % 5)" }
    try folder.write("labelled.csv", csv)
    let measured = try RawRows(folder["labelled.csv"], settings(all), table.preparation, withTargets: true)
    let rows = try #require(try measured.next(most: 1000))
    let expected: [Float] = (0..<400).filter { $0 != 3 }.map { Float($0 % 5) }
    #expect(rows.weights == expected && rows.classes.count == 399)
    #expect(rows.problems == [3: "column 'income': expected a weight of 0, or from 1.2e-38 to 1e30, found -2"])
  }
}
