import Files
import Host

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
  func counts(_ divided: DividedTable, classes: ColumnRequest, seed: UInt64, by team: CoreTeam) throws -> RowCounts {
    guard case .codes(let codes, let words) = divided.table.columns[classes]! else {
      preconditionFailure("column \(classes.name) has no classes")
    }
    let (parts, none) = (divided.parts, words.count)
    /// The class of a training row; behind the last one where it has none, and where it is no training row.
    func group(_ row: Int) -> Int { parts[row] == .train && codes[row] >= 0 ? Int(codes[row]) : none }
    var sizes = [Int](repeating: 0, count: words.count + 1)
    for row in parts.indices { sizes[group(row)] += 1 }
    let own = sizes.dropLast().filter { $0 > 0 }
    let wanted = (self == .oversample ? own.max() : own.min()) ?? 0
    let often = sizes.indices.map { $0 == none || sizes[$0] == 0 ? 1 : wanted / sizes[$0] }
    var drawn = [Part](repeating: .train, count: parts.count)
    let draw = RowDraw(keys: RowKeys(seed: seed, stream: 1)) { group, count in
      (validation: 0, test: group == none || count == 0 ? 0 : wanted % count)
    }
    try draw.divide(&drawn, groups: words.count + 1, by: team) { rows, body in
      for row in rows { body(row, group(row)) }
    }
    let others = divided.count(of: .train) - own.reduce(0, +)
    return RowCounts(codes: codes, often: often, drawn: drawn, training: wanted * own.count + others)
  }
}

/// How often each row stands in what is prepared, a byte a row.
struct RowCounts: Sendable {
  /// The class of each row.
  fileprivate let codes: MappedArray<Int32>
  /// How often all training rows of a class stand there, and behind the classes, other rows.
  fileprivate let often: [Int]
  /// `test`: once more.
  fileprivate let drawn: [Part]
  /// Training rows, each counted so often as it stands there.
  let training: Int

  /// Of a training row.
  subscript(row: Int) -> Int {
    let code = codes[row]
    return often[code >= 0 ? Int(code) : often.count - 1] + (drawn[row] == .test ? 1 : 0)
  }
}
