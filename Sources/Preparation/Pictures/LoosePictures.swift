import Diagnostics
import Files
import Host
import Pictures
import Tables

/// Pictures that are not prepared, some at a time: those that a model is measured on, or that it is to predict.
package final class LoosePictures {
  /// Some rows. Letters: S of them that can be used, W targets.
  package struct Batch {
    /// All rows, S and those with a problem.
    package var count = 0
    /// S places and sizes.
    package var places: [PicturePlace] = []
    package var sizes: [(height: Int, width: Int)] = []
    /// S classes, or S×W numbers, where targets are asked for.
    package var classes: [Int32] = []
    package var values: [Float] = []
    /// By row: why it cannot be used.
    package var problems: [Int: String] = [:]
    /// The name of each row's picture, and what other columns hold that are kept.
    package var names: [String] = []
    package var kept: [[String?]] = []
  }

  /// Of all rows so far.
  package private(set) var aside = SetAside()
  private let listing: any PictureListing
  private let settings: PictureSettings
  private let fitted: FittedPictures
  private let classes: [String: Int32]?
  private let withTargets: Bool
  private let kept: [String]
  private let sources: [String]
  private var next = 0
  private var open: (reader: any TableReader, bytes: any PictureBytes)?
  private let team: CoreTeam
  private let pool = ScratchPool()

  package init(
    _ path: String, _ settings: PictureSettings, _ fitted: FittedPictures, withTargets: Bool,
    keeping kept: [String] = []
  ) throws {
    listing = try settings.listing(of: path, needsTargets: withTargets)
    (self.settings, self.fitted, self.withTargets, self.kept) = (settings, fitted, withTargets, kept)
    classes = fitted.classes.map { Dictionary(uniqueKeysWithValues: $0.enumerated().map { ($1, Int32($0)) }) }
    sources = try listing.table.sources()
    team = CoreTeam(cores: ProcessorCores.allowed(to: 0) ?? [0])
    for source in sources { try requireColumns(of: source) }
  }

  private func requireColumns(of source: String) throws {
    let fields = try listing.table.open(source, columns: wanted).fields
    for name in [listing.path] + (withTargets ? fitted.targets : []) + kept
    where !fields.contains(where: { $0.name == name }) {
      let found = Collector.listed(try listing.table.columnNames(of: source))
      throw Failure(
        .badData, at: source, "expected a column '\(name)', found \(found)",
        cure: nearest(to: name, among: fields.map(\.name)).map { "did you mean '\($0)'?" } ?? "correct the name")
    }
  }

  private var wanted: Set<String> {
    listing.columns.union([listing.path]).union(withTargets ? fitted.targets : []).union(kept)
  }

  /// The next rows, `most` at most; nil where there are no more. What is needed to decode them is looked at, all of it with
  /// `checks`.
  package func next(most: Int, checks: Bool) throws -> Batch? {
    while true {
      if open == nil {
        guard next < sources.count else { return nil }
        let source = sources[next]
        open = (try listing.table.open(source, columns: wanted), try listing.bytes(of: source))
        next += 1
      }
      guard let chunk = try open!.reader.next(most: most) else {
        open = nil
        continue
      }
      return try batch(of: chunk, open!.reader.fields, open!.bytes, checks)
    }
  }

  /// Passes over the rows that `next` would give, without a look at their pictures; returns how many, 0 where there are no more.
  package func skip(most: Int) throws -> Int {
    while true {
      if open == nil {
        guard next < sources.count else { return 0 }
        open = (try listing.table.open(sources[next], columns: wanted), try listing.bytes(of: sources[next]))
        next += 1
      }
      if let chunk = try open!.reader.next(most: most) { return chunk.count }
      open = nil
    }
  }

  private func batch(
    of chunk: TableChunk, _ fields: [RawField], _ bytes: any PictureBytes, _ checks: Bool
  ) throws -> Batch {
    var batch = Batch()
    batch.count = chunk.count
    batch.names = (0..<chunk.count).map { chunk.text($0, of: listing.path, in: fields) ?? "" }
    batch.kept = kept.map { column in (0..<chunk.count).map { chunk.text($0, of: column, in: fields) } }
    for fault in chunk.faults { batch.problems[fault.row] = fault.reason }
    nonisolated(unsafe) let lender = bytes
    let looked = try team.map(chunk.count) { row in
      pool.with { scratch in
        Result<(PicturePlace, PictureHeader?), PictureFault> { () throws(PictureFault) in
          let place = try lender.place(row, of: chunk, in: fields)
          guard checks else { return (place, nil) }
          return (place, try PictureForm.checked(place.bytes(using: scratch.file), using: scratch))
        }
      }
    }
    for row in 0..<chunk.count where batch.problems[row] == nil {
      switch looked[row] {
      case .failure(let fault): batch.problems[row] = fault.reason
      case .success(let (place, header)):
        if withTargets, let problem = add(target(row, of: chunk, fields), to: &batch) {
          batch.problems[row] = problem
          continue
        }
        batch.places.append(place)
        batch.sizes.append((header?.height ?? 0, header?.width ?? 0))
      }
    }
    aside.read += chunk.count
    aside.faulty += batch.problems.count
    if aside.examples.isEmpty, let first = batch.problems.min(by: { $0.key < $1.key }) {
      aside.examples = ["\(chunk.places.description(first.key)): \(batch.names[first.key]): \(first.value)"]
    }
    SignsOfLife.note()
    return batch
  }

  private func target(_ row: Int, of chunk: TableChunk, _ fields: [RawField]) -> [String] {
    fitted.targets.map { name in
      let text = chunk.text(row, of: name, in: fields) ?? ""
      return listing.missing.contains(text) ? "" : text
    }
  }

  /// Adds the targets of a row; returns what is wrong with them.
  private func add(_ texts: [String], to batch: inout Batch) -> String? {
    if let classes {
      guard let place = classes[texts[0]] else {
        return texts[0].isEmpty
          ? "expected a class, found none" : "expected a class of the training pictures, found '\(texts[0])'"
      }
      batch.classes.append(place)
      return nil
    }
    let numbers = texts.map { DecimalFloat.number($0.utf8)?.double ?? .nan }
    guard numbers.allSatisfy({ Float($0).isFinite }) else {
      return "expected numbers, found '\(texts.joined(separator: ", "))'"
    }
    batch.values += numbers.map { Float($0) }
    return nil
  }
}
