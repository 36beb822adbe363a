import Configuration
import Diagnostics
import Files
import Foundation
import Tables
import Writers

/// `epochs.csv` in the run directory: a row an epoch, for spreadsheets. Rank zero writes it.
///
/// Columns are `epoch`, `step`, `training-loss`, and one a test score, named as in `metrics.jsonl`; a cell is empty where
/// nothing was measured, or no finite number.
struct EpochTable: ObserverSettings {
  static let kind = "epoch-table"
  static let summary = "epochs.csv: a row an epoch with its losses and scores, for spreadsheets"

  init(_ settings: ConfigReader) {}

  func observer(rank: Int, directory: String) throws -> (any RunObserver)? {
    rank == 0 ? try EpochTableWriter("\(directory)/epochs.csv") : nil
  }
}

/// Writes the whole table anew with each row: it is small, and a reader always finds all of it.
private final class EpochTableWriter: RunObserver {
  private static let first = ["epoch", "step", "training-loss"]

  private let path: String
  /// The names of the columns; those of scores come as they are first measured.
  private var columns = EpochTableWriter.first
  /// The cells of each row by column; short where later columns have none.
  private var rows: [[String]] = []

  /// Reads the rows that are there; one of another kind is refused.
  init(_ path: String) throws {
    self.path = path
    try requireOwnFile(path)
    guard FileManager.default.fileExists(atPath: path) else { return }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure.system("read", path, errno: errno, cure: "make it readable, or move it")
    }
    guard !data.isEmpty else { return }
    let lines = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
    columns = Self.cells(lines.first ?? "")
    guard columns.starts(with: Self.first) else {
      throw Failure(
        .usage, at: path, "expected none, or that of a run, found another one, which would be overwritten",
        cure: "rename it, or name another directory with --output")
    }
    rows = lines.dropFirst().map(Self.cells)
  }

  func observe(_ event: RunEvent) throws {
    switch event {
    case .start(let start):
      // What was written after the step that is resumed from is computed once more.
      rows.removeAll { $0.count != columns.count || (Int($0[1]) ?? .max) > start.firstStep }
      if rows.isEmpty { columns = Self.first }
      try write()
    case .epoch(let report):
      var row = ["\(report.epoch)", "\(report.step)", Self.text(report.loss)]
      for (name, value) in report.testScores {
        // A column of somebody's table may have any name; here a row is a line.
        let name = String(name.map { $0.isNewline ? " " : $0 })
        let place = columns.firstIndex(of: name) ?? columns.count
        if place == columns.count { columns.append(name) }
        while row.count <= place { row.append("") }
        row[place] = Self.text(value)
      }
      rows.append(row)
      try write()
    case .note, .step, .stop, .end, .failure: break
    }
  }

  private func write() throws {
    let lines = [columns] + rows.map { $0 + Array(repeating: "", count: max(0, columns.count - $0.count)) }
    try lines.map { $0.map(quotedCell).joined(separator: ",") + "\n" }.joined().write(toRunFile: path)
  }

  private static func text(_ value: Double) -> String { value.isFinite ? "\(value)" : "" }

  /// The cells of a line.
  private static func cells(_ line: Substring) -> [String] {
    var (cells, isQuoted, last) = ([""], false, Character?.none)
    for character in line {
      switch character {
      case "\"":
        // Between quotes a doubled one is one.
        if !isQuoted, last == "\"" { cells[cells.count - 1].append("\"") }
        isQuoted.toggle()
      case "," where !isQuoted: cells.append("")
      default: cells[cells.count - 1].append(character)
      }
      last = character
    }
    return cells
  }
}
