/// How training rows are drawn so that all classes have as many; rows for validation and testing stay as they are.
///
/// Seed and row number decide which rows are taken, the values of other rows nothing. What is fitted, is fitted to all training
/// rows, each once.
package enum Resampling: String, Sendable, CaseIterable {
  /// As many of each class as the largest has: rows of the others stand several times.
  case oversample
  /// As many of each class as the smallest has: rows of the others are left out.
  case undersample

  /// For each row of a divided table how often it stands in what is prepared.
  ///
  /// Of a class with n of the m rows that each is to have, all stand ⌊m / n⌋ times, and the m mod n with the smallest keys
  /// once more.
  func counts(_ divided: DividedTable, classes: ColumnRequest, seed: UInt64) -> [Int] {
    var counts = [Int](repeating: 1, count: divided.table.count)
    guard case .codes(let codes, let words) = divided.table.columns[classes]! else { return counts }
    var groups = [[Int]](repeating: [], count: words.count)
    codes.withUnsafeBufferPointer { codes in
      for (row, code) in codes.enumerated() where divided.parts[row] == .train && code >= 0 {
        groups[Int(code)].append(row)
      }
    }
    groups.removeAll(where: \.isEmpty)
    let sizes = groups.map(\.count)
    guard let wanted = self == .oversample ? sizes.max() : sizes.min() else { return counts }
    let keys = RowKeys(seed: seed, stream: 1)
    for group in groups {
      let (all, rest) = wanted.quotientAndRemainder(dividingBy: group.count)
      for row in group { counts[row] = all }
      guard rest > 0 else { continue }
      let ordered = group.map { (key: keys[$0], row: $0) }.sorted { ($0.key, $0.row) < ($1.key, $1.row) }
      for entry in ordered.prefix(rest) { counts[entry.row] += 1 }
    }
    return counts
  }
}
