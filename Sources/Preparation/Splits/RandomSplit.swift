import Configuration

/// Rows by chance, as the seed decides; exact shares.
struct RandomSplit: Split {
  static let kind = "random"
  static let summary = "rows by chance, as the seed decides"

  let shares: Shares

  init(_ settings: ConfigReader) throws { shares = try Shares(settings) }

  func parts(of table: SplitTable, seed: UInt64) throws -> [Part] {
    var parts = [Part](repeating: .train, count: table.count)
    let draw = RowDraw(shares: shares, keys: RowKeys(seed: seed))
    try draw.divide(&parts, groups: 1, by: table.team) { rows, body in for row in rows { body(row, 0) } }
    return parts
  }
}
