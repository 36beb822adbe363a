import Configuration
import Diagnostics

/// Which rows of a table are used: `data.table.rows` in a configuration.
///
/// ```yaml
/// rows:
///   filter: "Age >= 18 and Status != 'void'"   # others are left out, and counted
///   duplicates: drop                           # of rows that are equal in features and targets, the first is kept
///   ranges: {Age: [0, 120], Income: [0, null]} # what is outside is a mistake: its row is set aside, with the reason
/// ```
struct RowRules: Sendable {
  /// What a column's numbers may be; nil: there is no bound.
  struct Range: Sendable {
    let column: String
    let least: Double?
    let most: Double?
    /// Whether it is what rows weigh, which each must have.
    var isWeight = false
  }

  private enum Duplicates: String, CaseIterable { case keep, drop }

  private(set) var filter: RowFilter?
  private(set) var ranges: [Range]
  let dropsDuplicates: Bool

  /// Reads `rows`; `declared` tells what a column's values are kept as where something is made of them.
  init(_ settings: ConfigReader, declared: @escaping (String) -> ColumnStorage?) throws {
    guard let own = try settings.optionalChild("rows") else {
      (filter, ranges, dropsDuplicates) = (nil, [], false)
      return
    }
    filter = try own.optionalString("filter").map { text -> RowFilter in
      do throws(FilterFault) {
        return try RowFilter(text, declared: declared)
      } catch {
        throw own.failure(at: "filter", "\(error.fault), at character \(error.place)", cure: error.cure)
      }
    }
    own.note("filter", ", such as Age >= 18 and Status != 'void'")
    dropsDuplicates = try own.option("duplicates", of: Duplicates.self, default: .keep) == .drop
    ranges = try own.named("ranges", by: "columns") { value in
      let bounds = try value.list(count: 2...2) { try $0.optionalDouble() }
      if let least = bounds[0], let most = bounds[1], least > most {
        throw value.failure(
          "expected the lower bound first, found [\(shortest(least)), \(shortest(most))]", cure: "swap them")
      }
      return bounds
    }.map { Range(column: $0.name, least: $0.value[0], most: $0.value[1]) }
  }

  /// Has every row tell what it weighs.
  mutating func requireWeight(_ column: String) {
    ranges.append(Range(column: column, least: 0, most: 1e30, isWeight: true))
  }

  /// Those that can be told of rows without some columns, as rows to predict have no targets.
  func without(_ unknown: [String]) -> RowRules {
    var other = self
    other.filter = filter?.without(unknown)
    other.ranges = ranges.filter { !unknown.contains($0.column) }
    return other
  }

  /// The names of the columns that the filter and the ranges look at.
  var columns: [String] { (filter?.used.map(\.column.request.name) ?? []) + ranges.map(\.column) }

  /// Settings of a table, as `path=text`, that decide nothing: what was prepared without them keeps its digest.
  static let idle = [
    "rows=null", "rows.filter=null", "rows.duplicates=keep", "rows.ranges={}", "weight=null", "resample=null",
  ]
}
