import Configuration

/// Rows by chance, as the seed decides; exact shares.
struct RandomSplit: Split {
  static let kind = "random"
  static let summary = "rows by chance, as the seed decides"

  let shares: Shares

  init(_ settings: ConfigReader) throws { shares = try Shares(settings) }

  func parts(of table: SplitTable, seed: UInt64) -> [Part] {
    var parts = [Part](repeating: .train, count: table.count)
    RowDraw(shares: shares, keys: RowKeys(seed: seed)).divide(&parts, groups: 1) { body in
      for row in 0..<table.count { body(row, 0) }
    }
    return parts
  }
}
