import Diagnostics
import Files
import Tables

/// Rows that were read and are not used.
package struct SetAside: Sendable, Equatable, Codable {
  /// All rows there were.
  package var read = 0
  /// Those that could not be used.
  package var faulty = 0
  /// The first few of them, with the reason.
  package var examples: [String] = []
  /// By column: those without a value in it, where one is needed.
  package var incomplete: [String: Int] = [:]
  /// Those that the filter leaves out; nil: there is none.
  package var filtered: Int?
  /// Those that are equal to rows before them; nil: they are used.
  package var duplicates: Int?

  package init() {}

  /// Throws bad data where too many rows could not be used, or none is left.
  package func requireFew(atMost share: Double, source: String) throws {
    guard read > 0 else {
      throw Failure(.badData, at: source, "expected rows, found none", cure: "check the path, or the query")
    }
    guard filtered != read else {
      throw Failure(
        .badData, at: source, "expected rows for which the filter holds, found none of \(grouped(read))",
        cure: "correct rows.filter")
    }
    // Those that the filter leaves out were not looked at.
    let looked = read - (filtered ?? 0)
    guard Double(faulty) > share * Double(looked) else { return }
    throw Failure(
      .badData, at: examples.first ?? source,
      "\(grouped(faulty)) of \(grouped(looked)) rows cannot be used, expected at most \(percent(share))",
      cure: "correct them, correct the column's kind, or raise quarantine-at-most")
  }

  /// Throws bad data where none of the rows is left, and nearly all of them since they lack a value in a column that needs one.
  func requireSome(_ kept: Int, source: String) throws {
    let others = read - incomplete.values.reduce(0, +)
    guard kept == 0, 2 * others < read,
      let column = incomplete.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })
    else { return }
    throw Failure(
      .badData, at: source,
      "column '\(column.key)': expected rows with a value, found none in \(grouped(column.value)) of \(grouped(read))",
      cure: "check which column is meant, and what stands for a missing value (missing)")
  }

  private func percent(_ share: Double) -> String { "\(fixed(100 * share, share < 0.01 ? 2 : 0)) %" }
}

/// Rows that could not be used, in a table of their own: where they stand, and why.
struct Quarantine {
  private let file: OutputFile

  init(_ path: String) throws {
    file = try OutputFile(path)
    try file.write("source,row,column,reason\n")
  }

  func add(_ fault: RowFault, at places: RowPlaces) throws {
    let cells = [places.source, "\(places.number(fault.row))", fault.column ?? "", fault.reason]
    try file.write(cells.map(quotedCell).joined(separator: ",") + "\n")
  }

  func finish() throws { try file.finish() }

  /// `credit.csv:17: column 'Age': expected a number, found 'x'`
  static func text(_ fault: RowFault, at places: RowPlaces) -> String {
    places.description(fault.row) + ": " + (fault.column.map { "column '\($0)': " } ?? "") + fault.reason
  }
}
