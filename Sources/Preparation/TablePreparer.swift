import Diagnostics
import Files
import Formats
import Foundation
import Host
import Tables
import Tensors

/// Makes features of a table: reads it, divides its rows, fits the columns to those for training, and writes what they
/// become, or finds it written.
package struct TablePreparer {
  package let settings: TableSettings
  package let seed: UInt64
  private let cores: [Int]

  /// On `cores`; nil: all that the ranks of this host have, as those that wait for what this one prepares have them to spare.
  package init(_ settings: TableSettings, seed: UInt64, cores: [Int]? = nil) {
    (self.settings, self.seed) = (settings, seed)
    self.cores = cores ?? ProcessorCores.shared(environment: ProcessInfo.processInfo.environment)
  }

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
    let growth = FolderGrowth(settings.directory)
    return try FolderLock.held("\(directory).lock", whileWaiting: { if growth.hasGrown { SignsOfLife.note() } }) {
      if exists(directory) { return try opened(directory) }
      if exists(partial) { try FileManager.default.removeItem(atPath: partial) }
      try FileManager.default.createDirectory(atPath: "\(partial)/collected", withIntermediateDirectories: true)
      do {
        try SignsOfLife.telling({ [settings] in FolderGrowth.touch(settings.directory) }) {
          try prepare(source, in: partial, raw: raw)
        }
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
      comparing: Set(settings.targetRequests + settings.columns.map(\.request)),
      quarantineAtMost: settings.quarantineAtMost, memory: settings.memory)
    let team = CoreTeam(cores: cores)
    let (table, aside) = try collector.collect(into: collected, by: team)
    try raw.requireSame()
    try requireFinite(table)
    let divided = try DividedTable(
      table, by: settings.split, targets: settings.targetRequests, seed: seed, memory: settings.memory)
    try requireWeight(divided)
    let preparation = try FittedTable(fitting: settings, to: divided.training, by: team)
    let counts = settings.resample?.counts(divided, classes: settings.targetRequests[0], seed: seed)
    let (prepared, json) = (try write(divided, counts, preparation, files, team), preparation.json)
    var rows = Dictionary(uniqueKeysWithValues: Part.allCases.map { ("\($0)", divided.count(of: $0)) })
    if let counts { rows["train"] = counts.training }
    let summary = PreparedTable.Summary(
      raw: raw.digest.description, schema: Digest(of: settings.identity).description,
      split: divided.digest.description,
      transform: Digest(of: json).description, prepared: prepared.description,
      rows: rows, drawnFrom: counts.map { _ in divided.count(of: .train) }, aside: aside,
      leaks: try LeakCheck(divided, settings, team).findings, sources: raw.sources)
    try json.write(toRunFile: files.preparation)
    try sortedJSON(summary).write(toRunFile: files.summary)
    guard rename("\(collected)/quarantine.csv", files.quarantine) == 0 else {
      throw Failure.system("rename", files.quarantine, errno: errno)
    }
    try FileManager.default.removeItem(atPath: collected)
  }

  /// Refuses weights that are all 0 in a part.
  private func requireWeight(_ divided: DividedTable) throws {
    guard let request = settings.weightRequest, case .numbers(let values) = divided.table.columns[request]! else {
      return
    }
    var weighs = Part.allCases.map { divided.count(of: $0) == 0 }
    values.forEachBlock { start, block in
      for (place, weight) in block.enumerated() where weight > 0 {
        weighs[Int(divided.parts[start + place].rawValue)] = true
      }
    }
    guard let part = Part.allCases.first(where: { !weighs[Int($0.rawValue)] }) else { return }
    throw Failure(
      .badData, at: divided.table.sources.first,
      "column '\(request.name)': expected weights above 0 in \(part == .train ? "training" : "\(part)") rows, found 0 alone",
      cure: "leave weight out")
  }

  /// Refuses targets that single precision cannot hold.
  private func requireFinite(_ table: CollectedTable) throws {
    for request in settings.targetRequests where request.storage == .numbers {
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

  /// Rows whose features are made.
  private struct Block {
    let features: UnsafePointer<Float>
    let rows: Range<Int>
    let targets: [CodedColumn]
    let weights: CodedColumn?
  }

  /// The places among `rows` of those that are a part's: of training rows each so often as `counts` says, nil: once. A row may
  /// stand so often that there is no room for all of its places.
  private static func places(
    of part: Part, in rows: Range<Int>, _ divided: DividedTable, _ counts: RowCounts?
  ) -> some Sequence<Int> {
    let own = rows.filter { divided.parts[$0] == part }
    let counts = part == .train ? counts : nil
    return own.lazy.flatMap { row in repeatElement(row - rows.lowerBound, count: counts?[row] ?? 1) }
  }

  /// Writes the features and targets of all rows, those of each part in their order, each so often as `counts` says, nil: once;
  /// returns the digest of all of them.
  ///
  /// The cores of `team` share the columns of a block, and the parts of the block before it, which are written meanwhile.
  private func write(
    _ divided: DividedTable, _ counts: RowCounts?, _ fitted: FittedTable, _ files: PreparedTable.FileNames,
    _ team: CoreTeam
  ) throws -> Digest {
    let (table, maker) = (divided.table, try FeatureMaker(fitted, settings))
    let maps = settings.columns.map { WordMap(table.words(of: $0.request)) }
    let writers = try Part.allCases.map { try PartWriter($0, files, settings, fitted, width: maker.width) }
    let classes = try ClassMap(settings, fitted, table)
    let block = min(4096, max(1, Self.block / maker.width))
    let memory = (0..<2).map { _ in FlatBuffer(count: min(block, table.count) * maker.width) }
    var made: Block?
    // A round more than there are blocks.
    for (number, start) in stride(from: 0, to: table.count + block, by: block).enumerated() {
      let rows = min(start, table.count)..<min(start + block, table.count)
      let view = memory[number % 2].view
      let features = UnsafeMutableBufferPointer(start: view.base, count: rows.count * maker.width)
      _ = try team.map(rows.isEmpty ? writers.count : writers.count + settings.columns.count) { piece in
        if piece < writers.count {
          guard let made else { return }
          let places = Self.places(of: writers[piece].part, in: made.rows, divided, counts)
          try writers[piece].append(made.features, made.targets, weights: made.weights, classes, rows: places)
        } else {
          let column = piece - writers.count
          let coded = table.values(of: settings.columns[column].request, rows)
          maker.make(column, ColumnValues(coded, words: maps[column]), into: features)
        }
      }
      if let bad = maker.firstInfinite(UnsafeBufferPointer(features)) {
        throw Failure(
          .badData, at: table.place(of: rows.lowerBound + bad.row),
          "feature '\(bad.name)': expected a number that single precision holds, found a larger one",
          cure: "correct or delete the row, or clip the column")
      }
      SignsOfLife.note()
      made = Block(
        features: UnsafePointer(view.base), rows: rows,
        targets: settings.targetRequests.map { table.values(of: $0, rows) },
        weights: settings.weightRequest.map { table.values(of: $0, rows) })
    }
    return try withExtendedLifetime(memory) { PartWriter.digest(of: try writers.flatMap { try $0.finish() }) }
  }
}
