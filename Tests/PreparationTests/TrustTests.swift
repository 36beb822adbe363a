import Foundation
import TestSupport
import Testing

@testable import Preparation

/// What is prepared is what was read and fitted, and nothing else: no other row, no other name, no edited file has a say.
@Suite struct TrustTests {
  private let folder: Folder
  init() throws { folder = try Folder() }

  private func prepare(
    _ csv: String, _ columns: String, _ extra: String = "split: {fixed: {by: part}}", in folder: Folder? = nil
  ) throws -> PreparedTable {
    try People.prepared(csv, in: folder ?? self.folder, extra, columns: "columns: [\(columns)]")
  }

  /// Words that are numbers are in the order of these, whatever stands in rows that are not trained on, or for nothing.
  @Test func otherRowsDoNotOrderWords() throws {
    func csv(_ last: String) -> String {
      let rows = (0..<60).map {
        "\($0 < 48 ? "train" : "test"),\($0 == 59 ? last : "\($0 % 12 + 1)"),\($0 % 2 == 0 ? "a" : "b")\n"
      }
      return "part,size,outcome\n" + rows.joined() + "train,NA,a\n"
    }
    let plain = try prepare(csv("7"), "{category: size}")
    #expect(plain.featureNames.prefix(12) == (1...12).map { "size=\($0)" }[...])
    let other = try prepare(csv("other"), "{category: size}", in: Folder())
    #expect(other.featureNames == plain.featureNames && other.summary.transform == plain.summary.transform)
  }

  /// Which file is for testing, its name says: another name is another split.
  @Test func namesThatDecideAreInTheDigest() throws {
    let csv = { (rows: Range<Int>) in "x,outcome\n" + rows.map { "\($0),\($0 % 2 == 0 ? "a" : "b")\n" }.joined() }
    func prepare(_ names: [String]) throws -> PreparedTable {
      let paths = try zip(names, [csv(0..<8), csv(0..<20)]).map { try folder.write($0, $1) }
      defer { for path in paths { try? FileManager.default.removeItem(atPath: path) } }
      let settings = try settings(
        "source: {csv: {files: [\(paths.joined(separator: ", "))]}}\ntarget: outcome\nkeep-under: \(folder["prepared"])\n"
          + "columns: [{number: x}]\nsplit: files\n")
      return try TablePreparer(settings, seed: 1).prepared()
    }
    let first = try prepare(["a_test.csv", "b.csv"])
    let second = try prepare(["a.csv", "b_test.csv"])
    #expect(first.summary.rows["test"] == 8 && second.summary.rows["test"] == 20)
    #expect(first.directory != second.directory && first.summary.raw != second.summary.raw)
    // Where files lie, and what else they are called, decides nothing.
    #expect(try prepare(["c_test.csv", "d.csv"]).directory == first.directory)
    // A word is not found within another one.
    #expect(
      message { _ = try prepare(["latest.csv", "b.csv"]) }.contains("expected a file whose name has the word 'test'"))
  }

  @Test func whatWasEditedIsRefused() throws {
    let csv = People.csv(500)
    let table = try People.prepared(csv, in: folder)
    for (name, place) in [("preparation.json", 40), ("train.features.npy", 128 + 17), ("test.targets.npy", 128)] {
      let path = "\(table.directory)/\(name)"
      let whole = try #require(FileManager.default.contents(atPath: path))
      var bytes = [UInt8](whole)
      // Still JSON: a digit for a digit, a letter for a letter.
      bytes[place] ^= 1
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      let found = message { _ = try People.prepared(csv, in: folder) }
      #expect(found.contains("delete"), "\(name): \(found)")
      try whole.write(to: URL(fileURLWithPath: path))
    }
    #expect(try People.prepared(csv, in: folder).summary == table.summary)
  }

  /// The share of bad rows is asked for each time.
  @Test func theQuarantineHoldsForWhatIsFoundAgain() throws {
    let csv = People.csv(100) { row, cells in if row < 20 { cells[2] = "x" } }
    _ = try People.prepared(csv, in: folder, "quarantine-at-most: 0.5")
    let found = message { _ = try People.prepared(csv, in: folder, "quarantine-at-most: 0") }
    #expect(found.contains("20 of 100 rows cannot be used"), "\(found)")
  }

  /// `é` as one character and as two: the same to a reader.
  @Test func twoSpellingsOfAWord() throws {
    func csv(_ words: [String]) -> String {
      "part,town,outcome\n"
        + (0..<40).map { "\($0 < 30 ? "train" : "test"),\(words[$0 % 2]),\($0 % 3 == 0 ? "a" : "b")\n" }.joined()
    }
    let both = csv(["Orl\u{e9}ans", "Orle\u{301}ans"])
    #expect(
      message { _ = try prepare(both, "{category: town}") }.hasPrefix(
        "people.csv: column 'town': expected one spelling of each word, found 'Orl"))
    let target = both.replacing("town,outcome", with: "outcome,town")
    #expect(message { _ = try prepare(target, "{binary: town}") }.contains("expected one spelling of each word"))
  }

  @Test func numbersThatNoFeatureHolds() throws {
    func csv(_ row: Int, _ number: String) -> String {
      "part,x,outcome\n"
        + (0..<40).map { "\($0 < 30 ? "train" : "test"),\($0 == row ? number : "\($0)"),\($0 % 3 == 0 ? "a" : "b")\n" }
        .joined()
    }
    #expect(
      message { _ = try prepare(csv(3, "-5e200"), "{number: x}") }.hasPrefix(
        "people.csv: column 'x': expected numbers of an ordinary size, found -5e+200, too large to be scaled; "))
    #expect(
      message { _ = try prepare(csv(35, "1e300"), "{number: x}") }
        == "people.csv:37: feature 'x': expected a number that single precision holds, found a larger one; correct or delete the row, or clip the column"
    )
    let table = try prepare(csv(0, "0"), "{number: x}")
    let path = try folder.write("new.csv", "x\n1\n1e300\n2\n")
    let settings = try settings("source: {csv: {files: \(path)}}\ntarget: outcome\ncolumns: [{number: x}]\n")
    let batch = try #require(try RawRows(path, settings, table.preparation, withTargets: false).next(most: 10))
    #expect(batch.count == 3 && batch.features.count == 2 && batch.features.allSatisfy(\.isFinite))
    #expect(batch.problems == [1: "feature 'x': expected a number that single precision holds, found a larger one"])
  }

  /// What belongs together, or comes first, and was divided otherwise.
  @Test func crossedGroupsAndTimesAreTold() throws {
    let csv =
      "part,customer,since,year,outcome\n"
      + (0..<120).map { row in
        let part = row < 60 ? "train" : row < 90 ? "validation" : "test"
        let since = "20\(10 + row % 60 / 10)-01-0\(1 + row % 9)"
        return "\(part),c\(row % 90),\(since),\(2000 + row),\(row % 3 == 0 ? "a" : "b")\n"
      }.joined()
    func leaks(_ extra: String) throws -> [String] {
      try prepare(csv, "{number: year}", "split: {fixed: {by: part}}\n\(extra)", in: Folder()).summary.leaks.map {
        $0.replacing(#/\/[^ ]*\//#, with: "")
      }
    }
    #expect(try leaks("") == [] && leaks("times: [year]") == [], "years come one after the other")
    #expect(
      try leaks("groups: [customer]") == [
        "30 of 30 values of 'customer' in test rows are those of training rows: people.csv:92 and people.csv:2 both have 'c0'; "
          + "split by hash of it"
      ])
    let crossed = try leaks("times: [since]")
    #expect(
      crossed.map { $0.prefix(while: { $0 != ":" }) } == [
        "30 of 30 validation rows are not later by 'since' than all training rows",
        "30 of 30 test rows are not later by 'since' than all training rows",
      ], "\(crossed)")
    #expect(
      message { _ = try prepare(csv, "{number: year}", "split: {fixed: {by: part}}\ngroups: [custmer]") }
        .contains("expected a column 'custmer'"))
  }

  @Test func sharedRowsAreTold() throws {
    func csv(_ twins: Int) -> String {
      "part,x,y,outcome\n"
        + (0..<200).map { row in
          let own = row >= 150 && row < 150 + twins ? row - 150 : row
          return "\(row < 150 ? "train" : "test"),\(own),\(own * 7 % 31),\(own % 3 == 0 ? "a" : "b")\n"
        }.joined()
    }
    let columns = "{number: [x, y]}"
    #expect(try prepare(csv(0), columns).summary.leaks == [])
    let table = try prepare(csv(5), columns)
    #expect(
      table.summary.leaks.map { $0.replacing(folder.path + "/", with: "") } == [
        "5 of 50 test rows are training rows as well, where chance makes about 0: people.csv:152 is people.csv:2; delete "
          + "duplicates, or split by hash of what they share"
      ])
    let fixed = "split: {fixed: {by: part}}\n"
    let settings = try settings(
      "source: {csv: {files: \(folder["people.csv"])}}\ntarget: outcome\ncolumns: [\(columns)]\n\(fixed)")
    #expect(table.report(settings).contains("warning: 5 of 50 test rows are training rows as well"))
    #expect(
      message { _ = try prepare(csv(5), columns, fixed + "leak-check: stop") }.contains("found 5 of 50 test rows"))
    #expect(try prepare(csv(5), columns, fixed + "leak-check: off").directory == table.directory)
  }

  @Test func aColumnThatTellsTheTargetIsTold() throws {
    func leaks(_ columns: String, target: (Int) -> String, _ extra: String = "") throws -> [String] {
      let csv =
        "part,x,word,noise,outcome\n"
        + (0..<400).map { row in
          "\(row < 300 ? "train" : "test"),\(row * 37 % 101),\(["p", "q", "r"][row % 3]),\(row * 7919 % 1009),\(target(row))\n"
        }.joined()
      return try prepare(csv, columns, "split: {fixed: {by: part}}\n\(extra)", in: Folder()).summary.leaks
    }
    let columns = "{number: [x, noise]}, {category: word}"
    #expect(
      try leaks(columns) { $0 * 37 % 101 > 50 ? "late" : "paid" }.map { $0.prefix(40) } == [
        "column 'x' alone tells the class of 100."
      ])
    #expect(
      try leaks(columns) { $0 % 3 == 1 ? "late" : "paid" }.map { $0.prefix(43) } == [
        "column 'word' alone tells the class of 100."
      ])
    #expect(
      try leaks(columns, target: { "\(3 * ($0 * 37 % 101) + 5)" }, "kind: values").map { $0.prefix(43) } == [
        "column 'x' alone tells the variance of 100."
      ])
    // What chance does is no leak.
    #expect(try leaks(columns) { ($0 * 37 % 101 + $0 % 7 * 20) % 97 > 50 ? "late" : "paid" } == [])
  }
}
