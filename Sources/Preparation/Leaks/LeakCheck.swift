import Diagnostics
import Host

/// What would make a model look better than it is, found in a divided table.
struct LeakCheck {
  /// What is done about it.
  enum Action: String, CaseIterable, Sendable { case stop, warn, off }

  /// Settings of a table, as `path=text`, that decide nothing.
  static let idle = ["groups=[]", "times=[]"]

  /// A line each; empty where nothing was found.
  let findings: [String]

  /// The cores of `team` share columns and rows.
  init(_ divided: DividedTable, _ settings: TableSettings, _ team: CoreTeam) throws {
    let columns = settings.columns.map(\.request)
    let shared = try SharedRows(divided, RowHashes(divided.table, columns + settings.targetRequests), team)
    let telling = try team.map(columns.count) {
      TellingColumn(columns[$0], settings.targetRequests[0], divided)?.finding
    }
    findings = shared.findings + CrossedColumns(divided, settings).findings + telling.compactMap { $0 }
  }
}
