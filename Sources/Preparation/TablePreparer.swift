import Diagnostics
import Files
import Formats
import Foundation
import Tables
import Tensors

/// Makes features of a table: reads it, divides its rows, fits the columns to those for training, and writes what they
/// become, or finds it written.
package struct TablePreparer {
  package let settings: TableSettings
  package let seed: UInt64

  package init(_ settings: TableSettings, seed: UInt64) { (self.settings, self.seed) = (settings, seed) }

  /// Rows that are transformed at a time.
  private static let block = 4096

  /// The prepared table: of the same raw data, settings and seed always the same bytes.
  package func prepared() throws -> PreparedTable {
    if let conflict = settings.conflict { throw conflict }
    let source = try settings.source.pinned()
    let raw = try RawDigest(of: source)
    let key = Digest(of: "\(raw.digest)\n\(settings.identity)\nseed=\(seed)\nformat=1").hex.prefix(16)
    let directory = "\(settings.directory)/\(key)"
    try FileManager.default.createDirectory(atPath: settings.directory, withIntermediateDirectories: true)
    return try FolderLock.held("\(directory).lock") {
      if exists(directory) { return try PreparedTable(directory, settings) }
      let partial = "\(directory).partial"
      if exists(partial) { try FileManager.default.removeItem(atPath: partial) }
      try FileManager.default.createDirectory(atPath: "\(partial)/collected", withIntermediateDirectories: true)
      do {
        try prepare(source, in: partial, raw: raw)
      } catch {
        try? FileManager.default.removeItem(atPath: partial)
        throw error
      }
      guard rename(partial, directory) == 0 else { throw Failure.system("rename", directory, errno: errno) }
      return try PreparedTable(directory, settings)
    }
  }

  private func prepare(_ source: any TableFormat, in directory: String, raw: RawDigest) throws {
    let (files, collected) = (PreparedTable.FileNames(directory), "\(directory)/collected")
    let required = settings.targets + settings.columns.filter(\.kind.requiresValue).map(\.name)
    let collector = Collector(
      source, columns: settings.requests, required: Set(required), missing: settings.missing,
      quarantineAtMost: settings.quarantineAtMost)
    let (table, aside) = try collector.collect(into: collected)
    try requireFinite(table)
    let divided = try DividedTable(table, by: settings.split, targets: settings.targetRequests, seed: seed)
    let preparation = try FittedTable(fitting: settings, to: divided.training)
    let (prepared, json) = (try write(divided, preparation, files), preparation.json)
    let summary = PreparedTable.Summary(
      raw: raw.digest.description, schema: Digest(of: settings.identity).description,
      split: divided.parts.map(\.rawValue).withUnsafeBytes { Digest(of: $0) }.description,
      transform: Digest(of: json).description, prepared: prepared.description,
      rows: Dictionary(uniqueKeysWithValues: Part.allCases.map { ("\($0)", divided.count(of: $0)) }), aside: aside,
      sources: raw.sources)
    try json.write(toRunFile: files.preparation)
    try sortedJSON(summary).write(toRunFile: files.summary)
    guard rename("\(collected)/quarantine.csv", files.quarantine) == 0 else {
      throw Failure.system("rename", files.quarantine, errno: errno)
    }
    try FileManager.default.removeItem(atPath: collected)
  }

  /// Refuses targets that single precision cannot hold.
  private func requireFinite(_ table: CollectedTable) throws {
    for request in settings.targetRequests where settings.predictsNumbers {
      guard case .numbers(let values) = table.columns[request]! else { continue }
      let bad = values.withUnsafeBufferPointer { $0.firstIndex { !Float($0).isFinite } }
      guard let bad else { continue }
      throw Failure(
        .badData, at: table.place(of: bad),
        "column '\(request.name)': expected a number below 3.4e38, found \(values[bad])",
        cure: "correct or delete the row")
    }
  }

  /// Writes the features and targets of all rows, those of each part in their order; returns the digest of all of them.
  private func write(
    _ divided: DividedTable, _ fitted: FittedTable, _ files: PreparedTable.FileNames
  ) throws -> Digest {
    let (table, maker) = (divided.table, try FeatureMaker(fitted, settings))
    let maps = settings.columns.map { WordMap(table.words(of: $0.request)) }
    let writers = try Part.allCases.map { try PartWriter($0, files, settings, fitted, width: maker.width) }
    let classes = try ClassMap(settings, fitted, table)
    for start in stride(from: 0, to: table.count, by: Self.block) {
      let rows = start..<min(start + Self.block, table.count)
      let columns = zip(settings.columns, maps).map { ColumnValues(table.values(of: $0.request, rows), words: $1) }
      let made = [Float](unsafeUninitializedCapacity: rows.count * maker.width) { buffer, count in
        count = rows.count * maker.width
        maker.make(columns, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      }
      let targets = settings.targetRequests.map { table.values(of: $0, rows) }
      for writer in writers { try writer.append(made, targets, classes, divided.parts[rows]) }
    }
    return Digest(of: try writers.flatMap { try $0.finish() }.map { "\($0)\n" }.joined())
  }
}
