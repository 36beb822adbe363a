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
    let hashes = RowHashes(divided.table, columns + settings.targetRequests)
    let shared = try SharedRows(divided, hashes, features: columns, team)
    let columnsAlone = TellingColumns(divided, settings)
    let telling = try team.map(columns.count) { columnsAlone.findings(columns[$0]) }
    findings = shared.findings + CrossedColumns(divided, settings).findings + telling.joined()
  }
}
