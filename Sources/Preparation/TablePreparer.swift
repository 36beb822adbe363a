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

  /// Numbers that are made at a time, at most, where a row has no more.
  private static let block = 1 << 21

  /// The prepared table: of the same raw data, settings and seed always the same bytes.
  package func prepared() throws -> PreparedTable {
    if let conflict = settings.conflict { throw conflict }
    let source = try settings.source.pinned()
    let raw = try RawDigest(of: source, split: settings.split)
    let key = Digest(of: "\(raw.digest)\n\(settings.identity)\nseed=\(seed)\nformat=2").hex.prefix(16)
    let directory = "\(settings.directory)/\(key)"
    // What is there was renamed when it was whole, and may lie where nothing can be written.
    if exists(directory) { return try opened(directory) }
    try FileManager.default.createDirectory(atPath: settings.directory, withIntermediateDirectories: true)
    let partial = "\(directory).partial"
    let growth = FolderGrowth(partial)
    return try FolderLock.held("\(directory).lock", whileWaiting: { if growth.hasGrown { SignsOfLife.note() } }) {
      if exists(directory) { return try opened(directory) }
      if exists(partial) { try FileManager.default.removeItem(atPath: partial) }
      try FileManager.default.createDirectory(atPath: "\(partial)/collected", withIntermediateDirectories: true)
      do {
        try prepare(source, in: partial, raw: raw)
      } catch {
        try? FileManager.default.removeItem(atPath: partial)
        throw error
      }
      guard rename(partial, directory) == 0 else { throw Failure.system("rename", directory, errno: errno) }
      return try opened(directory, isNew: true)
    }
  }

  /// What another rank has prepared of the same settings and seed, by the name of its folder; nil where it is not on this
  /// rank's disks.
  package func prepared(as name: String) throws -> PreparedTable? {
    if let conflict = settings.conflict { throw conflict }
    let directory = "\(settings.directory)/\(name)"
    return exists(directory) ? try opened(directory) : nil
  }

  private func opened(_ directory: String, isNew: Bool = false) throws -> PreparedTable {
    let table = try PreparedTable(directory, settings, isNew: isNew)
    try table.summary.aside.requireFew(atMost: settings.quarantineAtMost, source: directory)
    guard settings.leakCheck == .stop, let leak = table.summary.leaks.first else { return table }
    throw Failure(
      .badData, "expected rows and columns that tell nothing of those that are measured on, found \(leak)",
      cure: "or set leak-check: warn")
  }

  private func prepare(_ source: any TableFormat, in directory: String, raw: RawDigest) throws {
    let (files, collected) = (PreparedTable.FileNames(directory), "\(directory)/collected")
    let required = settings.targets + settings.columns.filter(\.kind.requiresValue).map(\.name)
    let collector = Collector(
      source, columns: settings.requests, required: Set(required), missing: settings.missing, rules: settings.rows,
      quarantineAtMost: settings.quarantineAtMost, memory: settings.memory)
    let (table, aside) = try collector.collect(into: collected)
    try raw.requireSame()
    try requireFinite(table)
    let divided = try DividedTable(
      table, by: settings.split, targets: settings.targetRequests, seed: seed, memory: settings.memory)
    try requireWeight(divided.training)
    let preparation = try FittedTable(fitting: settings, to: divided.training)
    let counts = settings.resample?.counts(divided, classes: settings.targetRequests[0], seed: seed)
    let (prepared, json) = (try write(divided, counts, preparation, files), preparation.json)
    var rows = Dictionary(uniqueKeysWithValues: Part.allCases.map { ("\($0)", divided.count(of: $0)) })
    if let counts {
      rows["train"] = zip(divided.parts, counts).reduce(0) { $0 + ($1.0 == .train ? $1.1 : 0) }
    }
    let summary = PreparedTable.Summary(
      raw: raw.digest.description, schema: Digest(of: settings.identity).description,
      split: divided.digest.description,
      transform: Digest(of: json).description, prepared: prepared.description,
      rows: rows, drawnFrom: counts.map { _ in divided.count(of: .train) }, aside: aside,
      leaks: LeakCheck(divided, settings).findings, sources: raw.sources)
    try json.write(toRunFile: files.preparation)
    try sortedJSON(summary).write(toRunFile: files.summary)
    guard rename("\(collected)/quarantine.csv", files.quarantine) == 0 else {
      throw Failure.system("rename", files.quarantine, errno: errno)
    }
    try FileManager.default.removeItem(atPath: collected)
  }

  /// Refuses training rows that all weigh nothing.
  private func requireWeight(_ rows: TrainingRows) throws {
    guard let request = settings.weightRequest else { return }
    let column = TrainingColumn(request, of: rows)
    var hasAny = false
    column.numbers.forEachBlock { block in hasAny = hasAny || block.contains { Float($0) > 0 } }
    guard hasAny else {
      throw column.failure("expected weights above 0 in training rows, found 0 alone", cure: "leave weight out")
    }
  }

  /// Refuses targets that single precision cannot hold.
  private func requireFinite(_ table: CollectedTable) throws {
    for request in settings.targetRequests where settings.predictsNumbers {
      guard case .numbers(let values) = table.columns[request]! else { continue }
      try values.forEachBlock { start, block in
        guard let bad = block.firstIndex(where: { !Float($0).isFinite }) else { return }
        throw Failure(
          .badData, at: table.place(of: start + bad),
          "column '\(request.name)': expected a number below 3.4e38, found \(block[bad])",
          cure: "correct or delete the row")
      }
    }
  }

  /// Writes the features and targets of all rows, those of each part in their order, each so often as `counts` says, nil: once;
  /// returns the digest of all of them.
  private func write(
    _ divided: DividedTable, _ counts: [Int]?, _ fitted: FittedTable, _ files: PreparedTable.FileNames
  ) throws -> Digest {
    let (table, maker) = (divided.table, try FeatureMaker(fitted, settings))
    let maps = settings.columns.map { WordMap(table.words(of: $0.request)) }
    let writers = try Part.allCases.map { try PartWriter($0, files, settings, fitted, width: maker.width) }
    let classes = try ClassMap(settings, fitted, table)
    let block = min(4096, max(1, Self.block / maker.width))
    for start in stride(from: 0, to: table.count, by: block) {
      let rows = start..<min(start + block, table.count)
      let columns = zip(settings.columns, maps).map { ColumnValues(table.values(of: $0.request, rows), words: $1) }
      let made = [Float](unsafeUninitializedCapacity: rows.count * maker.width) { buffer, count in
        count = rows.count * maker.width
        maker.make(columns, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      }
      if let bad = made.withUnsafeBufferPointer(maker.firstInfinite) {
        throw Failure(
          .badData, at: table.place(of: rows.lowerBound + bad.row),
          "feature '\(bad.name)': expected a number that single precision holds, found a larger one",
          cure: "correct or delete the row, or clip the column")
      }
      let targets = settings.targetRequests.map { table.values(of: $0, rows) }
      SignsOfLife.note()
      let weights = settings.weightRequest.map { table.values(of: $0, rows) }
      for writer in writers {
        let own = rows.filter { divided.parts[$0] == writer.part }
        let drawn =
          writer.part == .train ? counts.map { counts in own.flatMap { repeatElement($0, count: counts[$0]) } } : nil
        let places = (drawn ?? own).map { $0 - rows.lowerBound }
        try writer.append(made, targets, weights: weights, classes, rows: places)
      }
    }
    return PartWriter.digest(of: try writers.flatMap { try $0.finish() })
  }
}
