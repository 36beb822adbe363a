import Diagnostics
import Tables

/// Looks at rows of one source as the rules for whole rows say.
struct RowChecker {
  private let filter: RowFilter?
  private let ranges: [RowRules.Range]
  private let filterColumns: [(coder: ColumnCoder, place: Int)]
  private let rangeColumns: [(coder: ColumnCoder, place: Int)]

  /// - Parameters:
  ///   - fields: of the source's chunks.
  ///   - missing: texts that stand for a missing value.
  ///   - all: gives the names of all columns, for what is said where one of them is none.
  init(
    _ rules: RowRules, in fields: [RawField], of source: String, missing: Set<String>, all: () throws -> [String]
  ) throws {
    (filter, ranges) = (rules.filter, rules.ranges)
    filterColumns = try (rules.filter?.used ?? []).map { _, column in
      let request = column.request
      guard let place = fields.firstIndex(where: { $0.name == request.name }) else {
        let names = try all()
        throw Failure(
          .badData, at: source,
          "rows.filter, character \(column.place): expected a column, found '\(request.name)'",
          cure: nearest(to: request.name, among: names).map { "did you mean '\($0)'?" }
            ?? "texts are put in quotes; the columns are \(names.prefix(12).joined(separator: ", "))")
      }
      return (ColumnCoder(request.name, request.storage, missing: missing), place)
    }
    let requests = rules.ranges.map { ColumnRequest($0.column, .numbers) }
    let places = try Collector.places(of: requests, in: fields, of: source, all: all)
    rangeColumns = zip(requests, places).map { (ColumnCoder($0.name, $0.storage, missing: missing), $1) }
  }

  /// For each row whether the filter leaves it out; empty where there is none. Of other rows, adds to `faults` what is outside
  /// of its range, and cells that cannot be compared.
  func leftOut(_ chunk: TableChunk, _ faults: inout RowFaults) throws -> [Bool] {
    let values = try filterColumns.map { try $0.coder.code(chunk.columns[$0.place], &faults) }
    // A row that cannot be told of is a bad one.
    let isLeftOut =
      filter.map { filter in
        filter.holds(values, chunk.count).enumerated().map { row, holds in !holds && faults.reasons[row] == nil }
      } ?? []
    for (range, column) in zip(ranges, rangeColumns) {
      guard case .numbers(let numbers) = try column.coder.code(chunk.columns[column.place], &faults) else { continue }
      for (row, number) in numbers.enumerated() where !range.contains(number) {
        faults.add(
          row, range.column, "expected \(range.expected), found \(number.isNaN ? "none" : shortest(number))")
      }
    }
    if !isLeftOut.isEmpty { faults.ignore(isLeftOut) }
    return isLeftOut
  }
}

extension RowRules.Range {
  /// Whether a number, NaN where there is none, is as it should be.
  func contains(_ number: Double) -> Bool {
    if number.isNaN { return !isWeight }
    // A smaller one is zero as a network computes.
    if isWeight, number > 0, number < Double(Float.leastNormalMagnitude) { return false }
    return (least.map { number >= $0 } ?? true) && (most.map { number <= $0 } ?? true)
  }

  /// `a number from 0 to 120`
  var expected: String {
    if isWeight { return "a weight of 0, or from 1.2e-38 to 1e30" }
    return switch (least, most) {
    case (let least?, let most?): "a number from \(shortest(least)) to \(shortest(most))"
    case (let least?, nil): "a number of at least \(shortest(least))"
    case (nil, let most?): "a number of at most \(shortest(most))"
    case (nil, nil): "a number"
    }
  }
}
