import Diagnostics
import Files
import Formats
import Foundation
import Host
import Tables
import Tensors

extension TablePreparer {
  /// Writes which part each usable row of the table is in: a CSV file with the columns `source`, `row` and `part`, in the order
  /// of the rows, for other programs to measure on the same rows.
  ///
  /// `source` is the name of the file without its folder, `row` the line that the row begins in, or its number, from 1, and
  /// `part` one of `train`, `validation` and `test`. A training row stands there once, however often `resample` has it stand.
  /// The table is read for this alone, and nothing else is kept.
  package func writeParts(to file: OutputFile) throws {
    try withDividedTable { divided, _, _ in try write(divided, to: file) }
  }

  /// Reads and divides the table, and lends it, with what gives the digest of the raw data and the source that it was read from.
  func withDividedTable<Result>(
    _ body: (DividedTable, _ raw: () throws -> RawDigest, any TableFormat) throws -> Result
  ) throws -> Result {
    if let conflict = settings.conflict { throw conflict }
    let source = try settings.source.pinned()
    let reading = try RawReading(of: source, split: settings.split)
    try makeDirectories(settings.directory, cure: Self.elsewhere)
    let folder = "\(settings.directory)/parts"
    return try FolderLock.held("\(folder).lock") {
      let partial = "\(folder).partial"
      if FileManager.default.fileExists(atPath: partial) { try remove(partial) }
      return try TemporaryPaths.holding(partial) {
        try makeDirectories(partial, cure: Self.elsewhere)
        defer { try? FileManager.default.removeItem(atPath: partial) }
        let team = CoreTeam(cores: cores)
        let (table, _) = try collector(source).collect(into: partial, by: team)
        try reading.requireSame()
        let divided = try DividedTable(
          table, by: settings.split, targets: settings.targetRequests, seed: seed, memory: settings.memory, team)
        return try body(divided, reading.finish, source)
      }
    }
  }

  /// What files of parts begin with.
  package static let partsHeader = "source,row,part\n"

  private func write(_ divided: DividedTable, to file: OutputFile) throws {
    let table = divided.table
    try file.write(Self.partsHeader)
    for (number, path) in table.sources.enumerated() {
      let name = quotedCell(path.split(separator: "/").last.map(String.init) ?? path)
      let rows = table.starts[number]..<table.starts[number + 1]
      for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Collector.chunk) {
        let block = start..<min(start + Collector.chunk, rows.upperBound)
        let lines = zip(table.numbers.array(block), divided.parts[block]).map { "\(name),\($0),\($1)\n" }
        try file.write(lines.joined())
      }
    }
  }
}
