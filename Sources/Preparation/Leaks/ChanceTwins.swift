import Diagnostics
import Host

/// How many rows chance makes equal to training rows, as it does where columns have few different values.
///
/// Rows that chance makes equal come with others that differ from them in one column alone: (1 - p) / p pairs that differ in a
/// column for each pair that is equal there too, where p is the share of pairs that are equal in it among those that differ
/// elsewhere. So the pairs that differ in one column alone tell how many are equal by chance. Copies of rows come without such
/// pairs, and are not taken for chance however many there are. Where columns depend on each other, that one counts which tells of
/// most.
struct ChanceTwins {
  /// Of a sample of rows, how many pairs are equal in a column, or but for it.
  struct Column {
    let equal: Double
    let equalElsewhere: Double
    /// Whether there are more than half as many different values as rows: equal ones are no chance then, where there is no other
    /// column that tells.
    let isMostlyDistinct: Bool
  }

  /// The share of pairs of rows that are equal by chance.
  let share: Double

  /// - Parameters:
  ///   - pairs: how many there are in a sample.
  ///   - equal: those that are equal in all columns.
  init(pairs: Double, equal: Double, columns: [Column]) {
    guard pairs > equal else {
      share = pairs > 0 ? 1 : 0
      return
    }
    let estimates = columns.map { column -> Double in
      let others = pairs - column.equalElsewhere
      guard others > 0 else { return column.isMostlyDistinct ? 0 : equal }
      let (p, near) = ((column.equal - equal) / others, column.equalElsewhere - equal)
      // A count that chance made is off by about its root: what is surely there is less by two of them.
      return p < 1 ? max(0, near - 2 * near.squareRoot()) * p / (1 - p) : 0
    }
    share = min(1, (estimates.max() ?? 0) / pairs)
  }

  /// How many of `rows` have a twin among `training` rows by chance: an upper bound where some rows are more frequent than others.
  func expected(of rows: Int, among training: Int) -> Double {
    // (1 - share)ⁿ by squaring: the same bits on any machine.
    var (none, factor, left) = (1.0, 1 - share, training)
    while left > 0 {
      if left & 1 == 1 { none *= factor }
      (factor, left) = (factor * factor, left >> 1)
    }
    return Double(rows) * (1 - none)
  }

  /// Whether so many are clearly more than twice what chance makes, by three deviations of such a count.
  static func isMore(_ found: Int, than expected: Double) -> Bool {
    Double(found) > 2 * expected + 3 * expected.squareRoot()
  }
}

extension ChanceTwins {
  /// Rows of a sample at most, and values of all its columns, about: each of these is sorted twice.
  private static let rows = 20_000
  private static let values = 1 << 21
  /// Training rows side by side in a sample: its parts lie evenly among all of them, so that one class in front is not taken for
  /// all, and few pages are read.
  private static let run = 256

  /// Of training rows in these columns, which the cores of `team` share.
  init(_ divided: DividedTable, _ columns: [ColumnRequest], _ team: CoreTeam) throws {
    let most = min(Self.rows, max(1000, Self.values / max(1, columns.count)))
    let rows = Self.sample(divided, most: most)
    // A sum, so that one column can be taken out of it.
    func hashed(_ column: Int) -> [UInt64] {
      let factor = UInt64(2 * column + 1) &* 0x9e37_79b9_7f4a_7c15
      return RowHashes(divided.table, [columns[column]])[rows].map { $0 &* factor }
    }
    var hashes: [[UInt64]] = []
    var all = [UInt64](repeating: 0, count: rows.count)
    for first in stride(from: 0, to: columns.count, by: team.count) {
      let some = try team.map(min(team.count, columns.count - first)) { hashed(first + $0) }
      for own in some { for row in all.indices { all[row] &+= own[row] } }
      hashes += some
      SignsOfLife.note()
    }
    let counted = try team.map(columns.count) { column in
      let own = hashes[column]
      let (equal, distinct) = Self.equalPairs(own)
      let others = all.indices.map { all[$0] &- own[$0] }
      return Column(
        equal: equal, equalElsewhere: Self.equalPairs(others).pairs, isMostlyDistinct: 2 * distinct > own.count)
    }
    let pairs = Double(rows.count) * Double(rows.count - 1) / 2
    self.init(pairs: pairs, equal: Self.equalPairs(all).pairs, columns: counted)
  }

  /// The numbers of training rows, evenly from all of them.
  private static func sample(_ divided: DividedTable, most: Int) -> [Int] {
    let step = max(1, (divided.count(of: .train) + most - 1) / most)
    var (training, rows) = (0, [Int]())
    rows.reserveCapacity(most + run)
    for (row, part) in divided.parts.enumerated() where part == .train {
      if training / run % step == 0 { rows.append(row) }
      training += 1
    }
    return rows
  }

  /// How many pairs of equal ones there are, and how many different ones.
  static func equalPairs(_ keys: [UInt64]) -> (pairs: Double, distinct: Int) {
    let keys = keys.sorted()
    var (pairs, distinct, first) = (0.0, 0, 0)
    for place in keys.indices where place + 1 == keys.count || keys[place + 1] != keys[place] {
      let count = Double(place + 1 - first)
      pairs += count * (count - 1) / 2
      (distinct, first) = (distinct + 1, place + 1)
    }
    return (pairs, distinct)
  }
}
