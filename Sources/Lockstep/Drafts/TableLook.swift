import Diagnostics
import Formats
import Preparation
import Tables

/// What the first rows of a table tell, of all of its files.
struct TableLook {
  /// The first of the files.
  let file: String
  /// Of the columns that can be read.
  let profiles: [ColumnProfile]
  /// Those that cannot.
  let refused: [TableColumn]
  /// Rows that were looked at, and those of them that could not be read.
  let count: Int
  let faulty: Int
  /// The first of those, with the reason.
  private let firstFault: String
  private let isCSV: Bool

  /// Looks at `data`, as messages call it, which `format` reads; `missing` are texts that stand for a missing value.
  ///
  /// Throws a missing input (66) and bad data (65).
  init(_ format: any TableFormat, _ data: String, missing: [String]) throws {
    let sources = try format.sources()
    guard let file = sources.first else {
      throw Failure(.missingInput, at: data, "expected a table, found nothing", cure: "check the path")
    }
    let columns = try format.columns(of: file)
    refused = (columns ?? []).filter { $0.refusal != nil }
    let wanted = refused.isEmpty ? nil : Set((columns ?? []).filter { $0.refusal == nil }.map(\.name))
    var reader = try format.open(file, columns: wanted)
    let fields = reader.fields
    var profiler = TableProfiler(fields, missing: Set(missing))
    for source in sources where profiler.count < TableProfiler.rows {
      if source != file { reader = try format.open(source, columns: wanted) }
      let own = reader.fields
      let places = try Collector.places(of: fields.map { ColumnRequest($0.name, .words) }, in: own, of: source) {
        own.map(\.name)
      }
      while profiler.count < TableProfiler.rows, let chunk = try reader.next(most: 16_384) {
        profiler.add(
          TableChunk(
            count: chunk.count, columns: places.map { chunk.columns[$0] }, places: chunk.places, faults: chunk.faults))
      }
    }
    (self.file, profiles, isCSV) = (file, profiler.profiles, format is CSVFormat)
    (count, faulty, firstFault) = (profiler.count, profiler.faulty, profiler.firstFault ?? file)
  }

  /// What it tells of a column; throws a usage error (64) where there is none of this name, and bad data (65) where it cannot be
  /// read.
  func column(_ target: String) throws -> ColumnProfile {
    if let own = profiles.first(where: { $0.name == target }) { return own }
    if let own = refused.first(where: { $0.name == target }) {
      throw Failure(.badData, at: file, "column '\(target)': \(own.refusal ?? "")", cure: "name another column")
    }
    let names = profiles.map(\.name) + refused.map(\.name)
    let near = nearest(to: target, among: names).map { "did you mean '\($0)'?" }
    var cure = near ?? "the columns are \(Collector.listed(names))"
    if isCSV, names.count == 1 {
      let only = "'\(names[0].prefix(60))' is the only column: if other characters separate several, say which"
      cure = "\(only): '{csv: {files: \(file), separator: \";\"}}'"
    }
    throw Failure(.usage, at: "--target", "expected a column of \(file), found '\(target)'", cure: cure)
  }

  /// Throws where rows do not tell two values of a column apart.
  func requireDifferent(_ own: ColumnProfile) throws {
    guard own.distinct < 2 else { return }
    guard count > 0 else {
      throw Failure(.badData, at: file, "expected rows, found none", cure: "check the path, or the query")
    }
    guard faulty < count else {
      throw Failure(
        .badData, at: firstFault, "none of \(grouped(count)) rows can be used",
        cure: "correct them, or how they are read")
    }
    let found = own.words.first.map { "'\($0.word.prefix(60))' alone in \(Diagnostics.count(own.values, "row"))" }
    throw Failure(
      .badData, at: file,
      "column '\(own.name)': expected different values to predict, found \(found ?? "none in \(Diagnostics.count(count, "row"))")",
      cure: "name another column as the target")
  }

  /// What would stop a run on this table, or nearly.
  var notes: [String] {
    guard 100 * faulty > count else { return [] }
    return [
      "\(grouped(faulty)) of \(grouped(count)) rows cannot be read, and more than 1 % stop a run; the first is \(firstFault); "
        + "correct them, or raise quarantine-at-most"
    ]
  }
}
