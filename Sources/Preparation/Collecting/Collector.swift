import Diagnostics
import Files
import Formats
import Foundation
import Host
import Tables

/// Reads the sources of a table once, from first to last, and keeps the columns that are wanted.
package struct Collector {
  package let source: any TableFormat
  package let columns: [ColumnRequest]
  /// Columns in which each usable row has a value; rows that have none are passed over and counted.
  package let required: Set<String>
  /// Texts that stand for a missing value.
  package let missing: Set<String>
  /// Which rows are used; nil: all.
  let rules: RowRules?
  /// Columns of which a cell that is no value is missing, and keeps no row out.
  let forgiven: Set<ColumnRequest>
  /// The columns in which rows are equal that are duplicates.
  let compared: Set<ColumnRequest>
  /// The share of rows that may be set aside, 0...1.
  package let quarantineAtMost: Double
  /// Bytes that the words of all columns may take.
  package let memory: Int

  init(
    _ source: any TableFormat, columns: [ColumnRequest], required: Set<String>, missing: Set<String>,
    rules: RowRules? = nil, comparing compared: Set<ColumnRequest> = [], forgiving forgiven: Set<ColumnRequest> = [],
    quarantineAtMost: Double, memory: Int
  ) {
    self.forgiven = forgiven
    (self.source, self.columns, self.required, self.compared) = (source, columns, required, compared)
    (self.missing, self.rules, self.quarantineAtMost, self.memory) = (missing, rules, quarantineAtMost, memory)
  }

  /// Rows at a time.
  package static let chunk = 16_384

  /// Reads all of it into `directory`, which holds files of this alone; the cores of `team` share the columns, and do something
  /// else besides with each piece.
  package func collect(
    into directory: String, by team: CoreTeam, besides: () throws -> Void = {}
  ) throws -> (table: CollectedTable, aside: SetAside) {
    let coders = columns.map { column in
      let coder = ColumnCoder(column.name, column.storage, missing: missing)
      coder.forgives = forgiven.contains(column)
      return coder
    }
    let writers = try columns.enumerated().map { try ColumnWriter("\(directory)/\($0).npy", $1.storage) }
    let numbers = try ArrayWriter<Int64>("\(directory)/rows.npy", isKept: false)
    let quarantine = try Quarantine("\(directory)/quarantine.csv")
    let sources = try source.sources()
    var (starts, aside) = ([Int](), SetAside())
    var seen = rules?.dropsDuplicates == true ? DuplicateRows() : nil
    let same = columns.indices.filter { compared.contains(columns[$0]) }
    if rules?.filter != nil { aside.filtered = 0 }
    if seen != nil { aside.duplicates = 0 }
    for path in sources {
      starts.append(numbers.count)
      let reader = try source.open(path, columns: Set(columns.map(\.name) + (rules?.columns ?? [])))
      func names() throws -> [String] { try source.columnNames(of: path) }
      let places = try Self.places(of: columns, in: reader.fields, of: path, all: names)
      let checker = try rules.map { try RowChecker($0, in: reader.fields, of: path, missing: missing, all: names) }
      var next = Result { try reader.next(most: Self.chunk) }
      while let chunk = try next.get() {
        try requireRoom(coders)
        var faults = RowFaults(chunk.faults)
        let isLeftOut = try checker?.leftOut(chunk, &faults) ?? []
        let coded = try chunk.coded(by: coders, at: places, team, &faults, besides: 2) { piece in
          if piece == 0 { next = Result { try reader.next(most: Self.chunk) } } else { try besides() }
        }
        var keeps = isLeftOut.isEmpty ? [Bool](repeating: true, count: chunk.count) : isLeftOut.map { !$0 }
        if !isLeftOut.isEmpty {
          aside.filtered! += isLeftOut.count { $0 }
        }
        for (row, fault) in faults.reasons.sorted(by: { $0.key < $1.key }) {
          keeps[row] = false
          try quarantine.add(fault, at: chunk.places)
          aside.faulty += 1
          if aside.examples.count < 3 { aside.examples.append(Quarantine.text(fault, at: chunk.places)) }
        }
        for (column, values) in zip(columns, coded) where required.contains(column.name) {
          for row in keeps.indices where keeps[row] && values.isMissing(row) {
            keeps[row] = false
            aside.incomplete[column.name, default: 0] += 1
          }
        }
        if seen != nil {
          let values = same.map { coded[$0] }
          for row in keeps.indices where keeps[row] && seen!.isKnown(values, row) {
            keeps[row] = false
            aside.duplicates! += 1
          }
        }
        let hasAll = !keeps.contains(false)
        _ = try team.map(1 + writers.count) { piece in
          if piece == 0 {
            let rows = hasAll ? Array(0..<chunk.count) : keeps.indices.filter { keeps[$0] }
            try numbers.append(contentsOf: rows.map { Int64(chunk.places.number($0)) })
          } else {
            try writers[piece - 1].append(hasAll ? coded[piece - 1] : coded[piece - 1].filtered(keeps))
          }
        }
        aside.read += chunk.count
        SignsOfLife.note()
      }
    }
    starts.append(numbers.count)
    try quarantine.finish()
    try aside.requireFew(atMost: quarantineAtMost, source: sources.first ?? "")
    let count = numbers.count
    try aside.requireSome(count, source: sources.first ?? "")
    var kept: [ColumnRequest: CollectedTable.Values] = [:]
    for ((column, writer), coder) in zip(zip(columns, writers), coders) {
      kept[column] = try writer.finish(words: coder.words)
    }
    let table = CollectedTable(
      count: count, columns: kept, sources: sources, starts: starts, numbers: try numbers.finish())
    return (table, aside)
  }

  /// Throws where the words so far take more memory than they may.
  private func requireRoom(_ coders: [ColumnCoder]) throws {
    guard coders.reduce(0, { $0 + $1.words.byteCount }) > memory else { return }
    let largest = coders.max { $0.words.byteCount < $1.words.byteCount }!
    throw Failure(
      .badData, at: "column '\(largest.name)'",
      "expected words of all columns that take at most \(grouped(memory >> 20)) MiB, found \(grouped(largest.words.count)) in "
        + "this one, and more to come",
      cure: "raise memory, or, where it is one of the columns and identifies rows, make it hashed or leave it out")
  }

  /// Where the columns stand among a reader's fields; throws where one of them is none.
  ///
  /// `all` gives the names of all columns, for what is said then.
  package static func places(
    of columns: [ColumnRequest], in fields: [RawField], of source: String, all: () throws -> [String]
  ) throws -> [Int] {
    try columns.map { column in
      if let place = fields.firstIndex(where: { $0.name == column.name }) { return place }
      let names = try all()
      throw Failure(
        .badData, at: source, "expected a column '\(column.name)', found \(listed(names))",
        cure: nearest(to: column.name, among: names).map { "did you mean '\($0)'?" } ?? "correct the name")
    }
  }

  /// `'a', 'b' and 12 more`
  package static func listed(_ names: [String]) -> String {
    // Those that Lockstep made are nobody's to name.
    let names = names.filter { !$0.hasPrefix("\u{0}") }
    let shown = names.prefix(12).map { "'\($0.prefix(60))'" }.joined(separator: ", ")
    return names.count > 12 ? "\(shown) and \(names.count - 12) more" : shown
  }
}

/// Writes a column's values to its file.
private enum ColumnWriter {
  case numbers(ArrayWriter<Double>)
  case codes(ArrayWriter<Int32>)
  case texts(TextWriter)
  case instants(ArrayWriter<Int64>)
  case vectors(VectorWriter)

  init(_ path: String, _ storage: ColumnStorage) throws {
    self =
      switch storage {
      case .numbers: .numbers(try ArrayWriter(path, isKept: false))
      case .words: .codes(try ArrayWriter(path, isKept: false))
      case .texts: .texts(try TextWriter(path))
      case .instants: .instants(try ArrayWriter(path, isKept: false))
      case .vectors: .vectors(VectorWriter(path))
      }
  }

  func append(_ values: CodedColumn) throws {
    switch (self, values) {
    case (.numbers(let writer), .numbers(let values)): try writer.append(contentsOf: values)
    case (.codes(let writer), .codes(let values)): try writer.append(contentsOf: values)
    case (.texts(let writer), .texts(let values)): try writer.append(contentsOf: values)
    case (.instants(let writer), .instants(let values)): try writer.append(contentsOf: values)
    case (.vectors(let writer), .vectors(let rows)): try writer.append(contentsOf: rows)
    default: preconditionFailure("a column is kept as something else than it was coded to")
    }
  }

  func finish(words: Words) throws -> CollectedTable.Values {
    switch self {
    case .numbers(let writer): .numbers(try writer.finish())
    case .codes(let writer): .codes(try writer.finish(), words: words.all)
    case .texts(let writer): .texts(try writer.finish())
    case .instants(let writer): .instants(try writer.finish())
    case .vectors(let writer): try writer.finish()
    }
  }
}
