import Configuration
import Host
import Testing

@testable import Preparation

/// Which rows are drawn, against sorting all of them by their keys.
@Suite struct RowDrawTests {
  private func sorted(_ rows: [Int], _ shares: Shares, _ keys: RowKeys, _ parts: inout [Part]) {
    let (validation, test) = shares.counts(of: rows.count)
    let ordered = rows.sorted { (keys[$0], $0) < (keys[$1], $1) }
    for (place, row) in ordered.prefix(validation + test).enumerated() {
      parts[row] = place < test ? .test : .validation
    }
  }

  /// However many cores there are.
  @Test(arguments: [0, 1, 2, 63, 1000, 70_000]) func sameRows(_ count: Int) throws {
    let teams = [1, 2, 5].map { CoreTeam(cores: Array(repeating: 0, count: $0)) }
    for (place, yaml) in [
      "{}", "{test: 0.25, validation: 0.1}", "{test: 0, validation: 0.5}", "{test: 0}", "{test: 0.9}",
    ]
    .enumerated() {
      let shares = try Shares(ConfigReader(yaml: yaml, file: "split"))
      for groups in [1, 2, 7, 3000] {
        let keys = RowKeys(seed: UInt64(place))
        // Large groups, small ones, and such without a row.
        func group(_ row: Int) -> Int { row % 3 == 0 ? 0 : row * row % groups }
        let all = [Part](repeating: .train, count: count)
        var (found, expected) = (teams.map { _ in all }, all)
        for (own, team) in teams.enumerated() {
          try RowDraw(shares: shares, keys: keys).divide(&found[own], groups: groups, by: team) { rows, body in
            for row in rows { body(row, group(row)) }
          }
        }
        let rows = Dictionary(grouping: 0..<count, by: group)
        for own in rows.keys.sorted() { sorted(rows[own]!, shares, keys, &expected) }
        #expect(found.allSatisfy { $0 == expected }, "\(yaml), \(groups) groups")
      }
    }
  }

  /// Where there is room for few groups at a time, the same rows are drawn.
  @Test(arguments: [(2, 1, 1), (1000, 1, 1), (1000, 40, 100), (20_000, 300, 700)])
  func fewGroupsAtATime(_ count: Int, _ mostBins: Int, _ mostHeld: Int) throws {
    let shares = try Shares(ConfigReader(yaml: "{test: 0.25, validation: 0.1}", file: "split"))
    let keys = RowKeys(seed: 7)
    for groups in [1, 7, 600] {
      func group(_ row: Int) -> Int { row % 3 == 0 ? 0 : row * row % groups }
      var (found, expected) = ([Part](repeating: .train, count: count), [Part](repeating: .train, count: count))
      func pass(_ rows: Range<Int>, _ body: (Int, Int) -> Void) { for row in rows { body(row, group(row)) } }
      let (few, one) = (CoreTeam(cores: [0, 0, 0]), CoreTeam(cores: [0]))
      try RowDraw(keys: keys, mostBins: mostBins, mostHeld: mostHeld) { shares.counts(of: $1) }
        .divide(&found, groups: groups, by: few, pass)
      try RowDraw(shares: shares, keys: keys).divide(&expected, groups: groups, by: one, pass)
      #expect(found == expected && (count < 1000 || found.contains(.validation)), "\(groups) groups")
    }
  }

  @Test func keysOfAPassAreThoseOfEachRow() {
    let keys = RowKeys(seed: 3, stream: 1)
    var pass = RowKeys.Pass(keys)
    for row in [0, 1, 4095, 4096, 9000, 9001, 13_096, 13_097, 1 << 33] {
      let found = pass.key(of: row)
      #expect(found == keys[row], "row \(row)")
    }
  }
}
