import Foundation
import TestSupport
import Testing

@testable import Preparation

/// Columns of words as places.
@Suite struct EmbeddingColumnTests {
  private static let words = ["b", "a", "", "10", "9", "c", "b", "a", "b", "NA"]

  /// Sixty training rows, then twenty for testing, some of which have a word of their own.
  private func prepare(_ columns: String, words: [String] = words) throws -> PreparedTable {
    var csv = "part,job,x,outcome\n"
    for row in 0..<80 {
      let word = row >= 70 ? "new" : words[row % words.count]
      csv += "\(row < 60 ? "train" : "test"),\(word),\(row % 7),\(row % 2 == 0 ? "yes" : "no")\n"
    }
    return try People.prepared(csv, in: Folder(), "split: {fixed: {by: part}}", columns: "columns: [\(columns)]")
  }

  @Test func placesAreInTheOrderOfTheWords() throws {
    let table = try prepare("{number: x}, {embedding: job}")
    #expect(table.featureNames == ["x", "job"])
    #expect(table.preparation.columns[1].fitted.words == ["words": ["10", "9", "a", "b", "c"]])
    let found = table.features(.train)[..<10].map { Int($0[1]) }
    #expect(found == [4, 3, 0, 1, 2, 5, 4, 3, 4, 0])
    // A word that training rows have not is the unknown one.
    #expect(table.features(.test)[10...].allSatisfy { $0[1] == 0 })
    // Numbers are in the order of their values.
    let years = try prepare("{embedding: job}", words: ["10", "9", "100"])
    #expect(years.preparation.columns[0].fitted.words == ["words": ["9", "10", "100"]])
  }

  @Test func howManyWordsAndNumbers() throws {
    // Of 60 rows b is in 18, a in 12, the others in 6 each.
    let cases: [(settings: String, words: [String], dimensions: Double)] = [
      ("job", ["10", "9", "a", "b", "c"], 3), ("{columns: job, min-frequency: 7}", ["a", "b"], 1),
      ("{columns: job, most: 3}", ["10", "a", "b"], 2), ("{columns: job, most: 1, dimensions: 7}", ["b"], 7),
    ]
    for (settings, words, dimensions) in cases {
      let table = try prepare("{embedding: \(settings)}")
      #expect(table.preparation.columns[0].fitted.words["words"] == words, "\(settings)")
      #expect(table.preparation.columns[0].fitted.numbers == ["dimensions": [dimensions]], "\(settings)")
    }
    // Half as many numbers as words, up to 50.
    let many = try prepare("{embedding: job}", words: (0..<60).map { "word \($0 / 2 * 2)" })
    #expect(many.preparation.columns[0].fitted.numbers == ["dimensions": [15]])
  }

  @Test func rowsWithoutAWordArePassedOver() throws {
    let table = try prepare("{embedding: {columns: job, missing: drop-row}}")
    #expect(table[.train]?.count == 48 && table.features(.train).allSatisfy { $0[0] > 0 })
  }

  @Test func whatIsRefused() throws {
    let cases = [
      ("{embedding: {columns: job, min-frequency: 100}}", "found none; lower min-frequency"),
      ("{embedding: {columns: job, dimensions: 0}}", "dimensions: expected a whole number from 1 to 4096, found 0"),
      ("{embedding: {columns: job, most: 0}}", "most: expected a whole number from 1"),
      ("{embedding: {columns: job, missing: mean}}", "missing: expected one of unknown, drop-row, found mean"),
      ("{embedding: {columns: job, width: 3}}", "width: unknown key"),
      ("{name: job, type: category}", "found type: category, which is Ludwig's form; write - category: job"),
      ("{name: job, type: h3}", "found type: h3, which is Ludwig's form; the kinds are number, category, embedding"),
    ]
    for (columns, expected) in cases {
      let found = message { _ = try prepare(columns) }
      #expect(found.contains(expected), "\(found)")
    }
    let none = message { _ = try prepare("{embedding: job}", words: ["", "NA"]) }
    #expect(none.contains("column 'job': expected words in training rows, found none; leave it out"), "\(none)")
  }

  /// What a checkpoint has of it, damaged.
  @Test func whatWasFittedIsChecked() throws {
    let kind = try settings("source: {csv: a.csv}\ntarget: y\ncolumns: [{embedding: job}]\n").columns[0].kind
    let good = FittedColumn(numbers: ["dimensions": [3]], words: ["words": ["a", "b"]])
    #expect(try kind.encoder(good).embedding?.rows == 3)
    for (numbers, words) in [
      ([0.0], ["a", "b"]), ([2.5], ["a"]), ([1e300], ["a"]), ([], ["a"]), ([3], []), ([3], ["a", "a"]), ([5000], ["a"]),
    ] {
      let bad = FittedColumn(numbers: ["dimensions": numbers], words: ["words": words])
      #expect(message { _ = try kind.encoder(bad) }.contains("use another checkpoint"), "\(numbers) \(words)")
    }
  }
}
