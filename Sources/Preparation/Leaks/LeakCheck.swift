import Diagnostics

/// What would make a model look better than it is, found in a divided table.
struct LeakCheck {
  /// What is done about it.
  enum Action: String, CaseIterable, Sendable { case stop, warn, off }

  /// Settings of a table, as `path=text`, that decide nothing.
  static let idle = ["groups=[]", "times=[]"]

  /// A line each; empty where nothing was found.
  let findings: [String]

  init(_ divided: DividedTable, _ settings: TableSettings) {
    let columns = settings.columns.map(\.request)
    let shared = SharedRows(divided, RowHashes(divided.table, columns + settings.targetRequests))
    findings =
      shared.findings + CrossedColumns(divided, settings).findings
      + columns.compactMap { TellingColumn($0, settings.targetRequests[0], divided)?.finding }
  }
}
