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
  let cores: [Int]

  /// On `cores`; nil: all that the ranks of this host have, as those that wait for what this one prepares have them to spare.
  package init(_ settings: TableSettings, seed: UInt64, cores: [Int]? = nil) {
    (self.settings, self.seed) = (settings, seed)
    self.cores = cores ?? ProcessorCores.shared(environment: ProcessInfo.processInfo.environment)
  }

  /// The prepared table: of the same raw data, settings and seed always the same bytes.
  package func prepared() throws -> PreparedTable {
    if let conflict = settings.conflict { throw conflict }
    if let folder = settings.prepared { return try taken(folder) }
    let source = try settings.source.pinned()
    let reading = try RawReading(of: source, split: settings.split)
    // What is there was renamed when it was whole, and may lie where nothing can be written: the raw data tell whether it is.
    // Where nothing can be what is wanted, they are read once, for their digest and their values together.
    if reading.isOfFiles, !hasAny, let table = try preparedAnew(source, reading) { return table }
    let directory = directory(of: try reading.finish())
    if exists(directory) { return try opened(directory) }
    try makeDirectories(settings.directory, cure: Self.elsewhere)
    removeAbandoned()
    return try locked(directory) {
      if exists(directory) { return try opened(directory) }
      let partial = "\(directory).partial"
      _ = try prepare(source, reading, in: partial)
      return try kept(partial, as: directory)
    }
  }

  /// Prepares what no folder was named for yet; nil where another process does such.
  private func preparedAnew(_ source: any TableFormat, _ reading: RawReading) throws -> PreparedTable? {
    try makeDirectories(settings.directory, cure: Self.elsewhere)
    removeAbandoned()
    let new = "\(settings.directory)/new"
    return try FolderLock.ifFree("\(new).lock") {
      let directory = directory(of: try prepare(source, reading, in: "\(new).partial"))
      return try locked(directory) {
        if !exists(directory) { return try kept("\(new).partial", as: directory) }
        try remove("\(new).partial")
        return try opened(directory)
      }
    }
  }

  /// What another rank has prepared of the same settings and seed, by the name of its folder; nil where it is not on this
  /// rank's disks.
  package func prepared(as name: String) throws -> PreparedTable? {
    if let conflict = settings.conflict { throw conflict }
    let directory = "\(settings.directory)/\(name)"
    return exists(directory) ? try opened(directory) : nil
  }

  func opened(_ directory: String, isNew: Bool = false) throws -> PreparedTable {
    let table = try PreparedTable(directory, settings, isNew: isNew)
    try table.summary.aside.requireFew(atMost: settings.quarantineAtMost, source: directory)
    guard settings.leakCheck == .stop, let leak = table.summary.leaks.first else { return table }
    throw Failure(
      .badData, "expected rows and columns that tell nothing of those that are measured on, found \(leak)",
      cure: "or set leak-check: warn")
  }

  /// Makes a folder of a table that is read anew; it is gone where that fails.
  private func prepare(_ source: any TableFormat, _ reading: RawReading, in partial: String) throws -> RawDigest {
    if exists(partial) { try remove(partial) }
    return try TemporaryPaths.holding(partial) {
      try makeDirectories("\(partial)/collected", cure: Self.elsewhere)
      do {
        return try SignsOfLife.telling({ [settings] in FolderGrowth.touch(settings.directory) }) {
          try fill(partial, with: source, reading)
        }
      } catch {
        try? FileManager.default.removeItem(atPath: partial)
        throw error
      }
    }
  }

  private func fill(_ directory: String, with source: any TableFormat, _ reading: RawReading) throws -> RawDigest {
    let (files, collected) = (PreparedTable.FileNames(directory), "\(directory)/collected")
    let team = CoreTeam(cores: cores)
    let (table, aside) = try collector(source).collect(into: collected, by: team) { try reading.advance(by: 8) }
    let raw = try reading.finish()
    try reading.requireSame()
    try requireFinite(table)
    let divided = try DividedTable(
      table, by: settings.split, targets: settings.targetRequests, seed: seed, memory: settings.memory, team)
    try requireWeight(divided)
    let preparation = try FittedTable(fitting: settings, to: divided.training, by: team)
    let counts = try settings.resample?.counts(divided, classes: settings.targetRequests[0], seed: seed, by: team)
    let parts = try PreparedParts(divided, counts, settings, preparation, files)
    try parts.write(by: team)
    nonisolated(unsafe) let written = parts
    let finished = BackgroundWork("disk") { try written.finish() }
    let leaks = Result { try LeakCheck(divided, settings, team).findings }
    // Nothing is written to any more when this is left.
    let (prepared, json) = (try finished.value(), preparation.json)
    var rows = Dictionary(uniqueKeysWithValues: Part.allCases.map { ("\($0)", divided.count(of: $0)) })
    if let counts { rows["train"] = counts.training }
    let summary = PreparedTable.Summary(
      raw: raw.digest.description, schema: Digest(of: settings.identity).description,
      split: divided.digest.description,
      transform: Digest(of: json).description, prepared: prepared.description,
      rows: rows, drawnFrom: counts.map { _ in divided.count(of: .train) }, aside: aside,
      leaks: try leaks.get(), sources: raw.sources)
    try json.write(toRunFile: files.preparation)
    try parts.words?.json.write(toRunFile: files.auxiliaryWords)
    try sortedJSON(summary).write(toRunFile: files.summary)
    guard rename("\(collected)/quarantine.csv", files.quarantine) == 0 else {
      throw Failure.system("rename", files.quarantine, errno: errno)
    }
    try remove(collected)
    return raw
  }

  /// Reads the columns that are wanted of the rows that are used.
  func collector(_ source: any TableFormat) -> Collector {
    let required = settings.targets + settings.columns.filter(\.kind.requiresValue).map(\.name)
    return Collector(
      source, columns: settings.requests, required: Set(required), missing: settings.missing, rules: settings.rows,
      comparing: Set(settings.targetRequests + settings.columns.map(\.request)), forgiving: settings.undecisive,
      quarantineAtMost: settings.quarantineAtMost, memory: settings.memory)
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
}
