import Diagnostics
import Formats
import Tables

/// The rows of a listing, source by source, some at a time.
final class LooseRows {
  let listing: any FileListing
  private let wanted: Set<String>
  private let sources: [String]
  private var next = 0
  private var open: (reader: any TableReader, bytes: any FileBytes)?

  /// Throws where a source lacks one of the columns that are needed.
  init(_ listing: any FileListing, columns: [String]) throws {
    self.listing = listing
    wanted = listing.columns.union([listing.path]).union(columns)
    sources = try listing.table.sources()
    for source in sources {
      let fields = try listing.table.open(source, columns: wanted).fields
      for name in [listing.path] + columns where !fields.contains(where: { $0.name == name }) {
        let found = Collector.listed(try listing.table.columnNames(of: source))
        throw Failure(
          .badData, at: source, "expected a column '\(name)', found \(found)",
          cure: nearest(to: name, among: fields.map(\.name)).map { "did you mean '\($0)'?" } ?? "correct the name")
      }
    }
  }

  /// The next rows, `most` at most, with their fields and what tells where their bytes are; nil where there are no more.
  func next(most: Int) throws -> (chunk: TableChunk, fields: [RawField], bytes: any FileBytes)? {
    while true {
      if open == nil {
        guard next < sources.count else { return nil }
        let source = sources[next]
        open = (try listing.table.open(source, columns: wanted), try listing.bytes(of: source))
        next += 1
      }
      if let chunk = try open!.reader.next(most: most) { return (chunk, open!.reader.fields, open!.bytes) }
      open = nil
    }
  }

  /// What columns say in a row, nothing where they say what stands for that.
  func texts(_ columns: [String], _ row: Int, of chunk: TableChunk, _ fields: [RawField]) -> [String] {
    columns.map { name in
      let text = chunk.text(row, of: name, in: fields) ?? ""
      return listing.missing.contains(text) ? "" : text
    }
  }
}

/// The targets of rows that are not prepared.
struct LooseTargets {
  /// S classes, or S×W numbers.
  private(set) var classes: [Int32] = []
  private(set) var values: [Float] = []
  private let known: [String: Int32]?
  private let plural: String

  /// - Parameter names: the classes that a model knows; nil: it predicts numbers.
  init(classes names: [String]?, plural: String) {
    known = names.map { Dictionary(uniqueKeysWithValues: $0.enumerated().map { ($1, Int32($0)) }) }
    self.plural = plural
  }

  /// Adds those of a row, `times` times; returns what is wrong with them.
  mutating func add(_ texts: [String], times: Int = 1) -> String? {
    if let known {
      guard let place = known[texts[0]] else {
        return texts[0].isEmpty
          ? "expected a class, found none" : "expected a class of the training \(plural), found '\(texts[0])'"
      }
      classes += [Int32](repeating: place, count: times)
      return nil
    }
    let numbers = texts.map { DecimalFloat.number($0.utf8)?.double ?? .nan }
    guard numbers.allSatisfy({ Float($0).isFinite }) else {
      return "expected numbers, found '\(texts.joined(separator: ", "))'"
    }
    for _ in 0..<times { values += numbers.map { Float($0) } }
    return nil
  }
}
