import Foundation
import TestSupport
import Testing

@testable import Preparation

/// What makes a model look better than it is, and what only seems to: rows that chance makes equal.
@Suite struct LeakTests {
  private let folder: Folder
  init() throws { folder = try Folder() }

  // MARK: Arithmetic

  @Test func equalPairs() {
    for (keys, pairs, distinct) in [
      ([], 0.0, 0), ([7], 0, 1), ([7, 7], 1, 1), ([3, 7, 3, 9, 3, 7], 4, 3), ([.max, 0, .max, .max, .max], 6, 2),
    ] as [([UInt64], Double, Int)] {
      let found = ChanceTwins.equalPairs(keys)
      #expect(found.pairs == pairs && found.distinct == distinct, "\(keys)")
    }
  }

  /// Three columns of three values, each of the 27 rows 20 times: the estimate is that of a count made less by two roots.
  @Test func independentColumns() {
    func pairs(_ count: Double) -> Double { count * (count - 1) / 2 }
    let column = ChanceTwins.Column(equal: 3 * pairs(180), equalElsewhere: 9 * pairs(60), isMostlyDistinct: false)
    let chance = ChanceTwins(pairs: pairs(540), equal: 27 * pairs(20), columns: [column, column, column])
    #expect(abs(chance.share * pairs(540) / (27 * pairs(20)) - 1) < 0.1)
    #expect(abs(chance.share - 1.0 / 27) < 0.004)
    // Copies have no neighbours that differ in one column; and what only copies share is not equal by chance.
    let copied = ChanceTwins.Column(equal: 3 * pairs(180), equalElsewhere: 270, isMostlyDistinct: false)
    let name = ChanceTwins.Column(equal: 270, equalElsewhere: 3 * pairs(180), isMostlyDistinct: false)
    #expect(ChanceTwins(pairs: pairs(540), equal: 270, columns: [copied, name]).share == 0)
    // A column that stands alone is equal by chance, unless it mostly differs.
    for isMostlyDistinct in [true, false] {
      let single = ChanceTwins.Column(
        equal: 3 * pairs(180), equalElsewhere: pairs(540), isMostlyDistinct: isMostlyDistinct)
      let share = ChanceTwins(pairs: pairs(540), equal: 3 * pairs(180), columns: [single]).share
      #expect(isMostlyDistinct ? share == 0 : abs(share - 1.0 / 3) < 0.01)
    }
    // Rows that are all the same, and too few to tell.
    #expect(ChanceTwins(pairs: 10, equal: 10, columns: []).share == 1)
    #expect(ChanceTwins(pairs: 0, equal: 0, columns: []).share == 0)
  }

  @Test func birthdays() {
    let chance = ChanceTwins(pairs: 365 * 1000, equal: 1000, columns: [])
    #expect(chance.share == 0 && chance.expected(of: 100, among: 1_000_000) == 0)
    for n in [0, 1, 2, 23, 1000, 1 << 20] {
      let all = ChanceTwins(pairs: 1, equal: 1, columns: []).expected(of: 50, among: n)
      #expect(all == (n == 0 ? 0 : 50))
    }
    for (found, expected, isMore) in [
      (1, 0.0, true), (0, 0, false), (1, 0.4, false), (3, 0.4, true), (24, 10, false), (30, 10, true),
      (2000, 1000, false), (2100, 1000, true),
    ] { #expect(ChanceTwins.isMore(found, than: expected) == isMore, "\(found) of \(expected)") }
  }

  // MARK: Tables

  /// Counts that look like chance: the finaliser of SplitMix64.
  private static func random(_ row: Int, _ column: Int) -> UInt64 {
    var z = UInt64(row * 64 + column + 1) &* 0x9e37_79b9_7f4a_7c15
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }

  /// `count` rows of categories with so many words each, of which row `copied(row)` is written as row `row`.
  private func leaks(
    _ count: Int, words: [UInt64], number: Bool = false, copied: (Int) -> Int = { $0 }
  ) throws -> [String] {
    var text = (words.indices.map { "c\($0)" } + ["x", "outcome"]).joined(separator: ",") + "\n"
    for row in (0..<count).map(copied) {
      var cells = words.enumerated().map { "w\(Self.random(row, $0) % $1)" }
      cells += ["\(Self.random(row, 40) % 1_000_000)", Self.random(row, 41) % 3 == 0 ? "bad" : "good"]
      text += cells.joined(separator: ",") + "\n"
    }
    let names = words.indices.map { "c\($0)" }.joined(separator: ", ")
    let columns = (words.isEmpty ? [] : ["{category: [\(names)]}"]) + (number ? ["{number: x}"] : [])
    return try People.prepared(text, in: Folder(), columns: "columns: [\(columns.joined(separator: ", "))]").summary
      .leaks
  }

  private static func count(_ line: String) -> (found: Int, chance: Int)? {
    let numbers = line.replacing(",", with: "").firstMatch(of: #/^(\d+) of \d+ test rows .* about (\d+):/#)
    return numbers.flatMap { match in Int(match.1).flatMap { found in Int(match.2).map { (found, $0) } } }
  }

  @Test func chanceIsNotTold() throws {
    #expect(try leaks(900, words: [3, 3, 3]) == [])
    #expect(try leaks(300, words: [2]) == [])
    // 4,913 kinds of row: most rows differ, and many have a twin all the same.
    #expect(try leaks(3000, words: [17, 17, 17]) == [])
    #expect(try leaks(3000, words: [40, 40, 4]) == [])
  }

  /// Every row twice, five times, or some of them twice, however they are made. Five of one column alone look like few words.
  @Test func copiesAreTold() throws {
    let tables: [(words: [UInt64], number: Bool)] = [([], true), ([3, 3], true), ([12, 12, 12, 12, 12], false)]
    let copies: [(copied: (Int) -> Int, most: Double)] = [
      ({ $0 % 10 == 9 ? $0 - 9 : $0 }, 0.3), ({ $0 / 2 * 2 }, 1), ({ $0 / 5 * 5 }, 1),
    ]
    for (words, number) in tables {
      for (copied, most) in words.isEmpty ? copies.dropLast() : copies[...] {
        let found = try leaks(2000, words: words, number: number, copied: copied)
        let (own, chance) = try #require(found.first.flatMap(Self.count), "\(words): \(found)")
        #expect(own > 30 && Double(own) <= most * 400 && chance < 20, "\(words): \(found)")
      }
      #expect(try leaks(2000, words: words, number: number) == [])
    }
  }

  // MARK: Several targets

  @Test func aColumnThatTellsAnyTargetIsTold() throws {
    let csv =
      "x,word,noise,grade,amount\n"
      + (0..<400).map { row in
        let x = row * 37 % 101
        return "\(x),\(["p", "q", "r"][row % 3]),\(row * 7919 % 1009),\(row % 3 == 1 ? "late" : "paid"),\(3 * x + 5)\n"
      }.joined()
    func leaks(_ target: String, _ kind: String) throws -> [String] {
      try People.prepared(
        csv, in: Folder(), "kind: \(kind)", target: target, columns: "columns: [{number: [x, noise]}, {category: word}]"
      ).summary.leaks.map { String($0.prefix { $0 != ":" }) }
    }
    let told = [
      "column 'x' alone tells the variance of 'amount' of 100.0 % of training rows",
      "column 'word' alone tells the class of 'grade' of 100.0 % of training rows",
    ]
    #expect(try leaks("[grade, amount]", "[classes, values]") == told)
    #expect(try leaks("[amount, grade]", "[values, classes]") == told)
    #expect(try leaks("amount", "values") == ["column 'x' alone tells the variance of 100.0 % of training rows"])
    // What is predicted is no feature, whichever target it is.
    for column in ["number: amount", "category: grade"] {
      let found = message {
        _ = try People.prepared(
          csv, in: folder, "kind: [classes, values]", target: "[grade, amount]",
          columns: "columns: [{number: x}, {\(column)}]")
      }
      #expect(
        found.contains("expected columns to predict from, found \(column.split(separator: " ").last!)"), "\(found)")
    }
  }
}
