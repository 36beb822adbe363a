import Host
import Tensors

/// Divides groups of rows by chance: in each of them the rows with the smallest keys are for testing, those with the next ones for
/// validation, in exact shares.
///
/// No row's key is kept but of the few about the borders: one pass over the rows counts how many keys begin with which bits, one
/// finds the rows at the borders.
struct RowDraw {
  let keys: RowKeys
  /// Of a group, by its number and how many rows it has: how many are for validation, and for testing.
  let wanted: (_ group: Int, _ count: Int) -> (validation: Int, test: Int)
  /// Counters, and rows at borders, that there is room for at a time; they change nothing else.
  private let mostBins: Int
  private let mostHeld: Int

  /// Keys of a group that begin with the same bits, about; the fewer, the more counters.
  private static let rowsOfBin = 64

  init(
    keys: RowKeys, mostBins: Int = 1 << 22, mostHeld: Int = 1 << 20,
    wanted: @escaping (_ group: Int, _ count: Int) -> (validation: Int, test: Int)
  ) {
    (self.keys, self.wanted, self.mostBins, self.mostHeld) = (keys, wanted, mostBins, mostHeld)
  }

  /// As many of each group as `shares` says.
  init(shares: Shares, keys: RowKeys) { self.init(keys: keys) { shares.counts(of: $1) } }

  /// How a group's keys are counted, and where its borders lie.
  private struct Group {
    /// The bits of a key that choose its counter, and the place of the first one.
    var bits: UInt64
    var start: Int
    /// The places, among the sorted rows, behind the last one for testing and for validation.
    var test = 0
    var validation = 0
    /// The counters that these places lie in, and how many rows are before each.
    var testBin = 0
    var validationBin = 0
    var beforeTest = 0
    var beforeValidation = 0
  }

  /// Gives some rows from the first to the last, each with the number of its group; the same each time.
  typealias Pass = (_ rows: Range<Int>, _ body: (_ row: Int, _ group: Int) -> Void) -> Void

  /// Overwrites `parts` of the rows that are not for training. Numbers of groups are below `groups`.
  ///
  /// The cores of `team` share the rows; what is drawn does not depend on how many they are.
  func divide(_ parts: inout [Part], groups: Int, by team: CoreTeam, _ pass: Pass) throws {
    let rows = Self.ranges(parts.count, team.count)
    let counts = try Self.added(
      groups,
      team.map(rows.count) { piece in
        var counts = [UInt32](repeating: 0, count: groups)
        pass(rows[piece]) { _, group in counts[group] += 1 }
        return counts
      })
    var first = 0
    while first < groups {
      var (batch, bins, held) = ([Group](), 0, 0)
      // Usually all of them.
      while first + batch.count < groups {
        let count = Int(counts[first + batch.count])
        let bits = min(
          16, max(1, count / Self.rowsOfBin).bitWidth - 1 - max(1, count / Self.rowsOfBin).leadingZeroBitCount)
        let own = min(count, 4 * Self.rowsOfBin)
        if !batch.isEmpty, bins + 1 << bits > mostBins || held + own > mostHeld { break }
        let (validation, test) = wanted(first + batch.count, count)
        batch.append(Group(bits: UInt64(bits), start: bins, test: test, validation: test + validation))
        (bins, held) = (bins + 1 << bits, held + own)
      }
      try divide(&parts, batch, first: first, bins: bins, rows, team, pass)
      first += batch.count
    }
  }

  /// Divides the groups of a batch, the first of which is `first`.
  private func divide(
    _ parts: inout [Part], _ batch: [Group], first: Int, bins: Int, _ rows: [Range<Int>], _ team: CoreTeam, _ pass: Pass
  ) throws {
    var batch = batch
    let counts = try Self.added(
      bins,
      team.map(rows.count) { [batch] piece in
        var counts = [UInt32](repeating: 0, count: bins)
        var keys = RowKeys.Pass(self.keys)
        pass(rows[piece]) { row, group in
          let place = group - first
          guard batch.indices.contains(place) else { return }
          counts[batch[place].start + Int(keys.key(of: row) >> (64 - batch[place].bits))] += 1
        }
        return counts
      })
    for place in batch.indices {
      let own = batch[place]
      let ownCounts = counts[own.start..<own.start + 1 << own.bits]
      (batch[place].testBin, batch[place].beforeTest) = Self.border(own.test, ownCounts)
      (batch[place].validationBin, batch[place].beforeValidation) = Self.border(own.validation, ownCounts)
    }
    // Rows whose keys begin as those at a border do.
    var held = try parts.withUnsafeMutableBufferPointer { parts in
      // Each row is written to by one thread.
      nonisolated(unsafe) let parts = parts
      return try team.map(rows.count) { [batch] piece in
        var held: [(group: Int, key: UInt64, row: Int)] = []
        var keys = RowKeys.Pass(self.keys)
        pass(rows[piece]) { row, group in
          let place = group - first
          guard batch.indices.contains(place) else { return }
          let (own, key) = (batch[place], keys.key(of: row))
          let bin = Int(key >> (64 - own.bits))
          if bin == own.testBin || bin == own.validationBin {
            held.append((place, key, row))
          } else if bin < own.validationBin {
            parts[row] = bin < own.testBin ? .test : .validation
          }
        }
        return held
      }
      .flatMap { $0 }
    }
    held.sort { ($0.group, $0.key, $0.row) < ($1.group, $1.key, $1.row) }
    var (last, rank) = ((group: -1, bin: -1), 0)
    for entry in held {
      let own = batch[entry.group]
      let bin = Int(entry.key >> (64 - own.bits))
      if last != (entry.group, bin) { rank = bin == own.testBin ? own.beforeTest : own.beforeValidation }
      last = (entry.group, bin)
      if rank < own.validation { parts[entry.row] = rank < own.test ? .test : .validation }
      rank += 1
    }
  }

  /// As many ranges of all rows as there are cores.
  private static func ranges(_ count: Int, _ cores: Int) -> [Range<Int>] {
    (0..<cores).map { count * $0 / cores..<count * ($0 + 1) / cores }
  }

  /// The sums of what the cores counted.
  private static func added(_ count: Int, _ counts: [[UInt32]]) -> [UInt32] {
    var sums = counts[0]
    for own in counts.dropFirst() { for place in 0..<count { sums[place] += own[place] } }
    return sums
  }

  /// The counter that the row at `place` of all sorted ones lies in, and how many are before it; behind all where there is none.
  private static func border(_ place: Int, _ counts: ArraySlice<UInt32>) -> (bin: Int, before: Int) {
    var (bin, before) = (0, 0)
    while bin < counts.count, before + Int(counts[counts.startIndex + bin]) <= place {
      before += Int(counts[counts.startIndex + bin])
      bin += 1
    }
    return (bin, before)
  }
}
