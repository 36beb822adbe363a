import Foundation
import TestSupport
import Testing

@testable import Preparation

/// Columns of texts, of sets of words, and of words by their hash.
@Suite struct TextColumnTests {
  private static let notes = [
    "Good, fast work", "fast and GOOD", "bad work", "", "Größe 42: bad", "good good good bad", "slow", "work work",
  ]

  /// A table in which the note decides the outcome; the last quarter of the rows are for testing.
  private func prepare(_ columns: String, _ folder: Folder) throws -> PreparedTable {
    var csv = "id,part,note,tags,outcome\n"
    for row in 0..<80 {
      let note = Self.notes[row % 8]
      let tags = ["red; large", "small", "", "red;small", "red;red"][row % 5]
      csv +=
        "\(row),\(row < 60 ? "train" : "test"),\"\(note)\",\(tags),\(note.lowercased().contains("good") ? "yes" : "no")\n"
    }
    return try People.prepared(csv, in: folder, "split: {fixed: {by: part}}", columns: "columns: [\(columns)]")
  }

  /// The formula of scikit-learn's TfidfVectorizer, in double precision.
  @Test func tfidf() throws {
    let folder = try Folder()
    let table = try prepare("{text: {columns: note, most: 5}}", folder)
    // Rows of 60 that have them: good 23, work 23, bad 22, fast 16, 42 and größe and slow 7 each, and 8.
    let words = ["bad", "fast", "good", "work"]
    #expect(table.featureNames.count == 5)
    #expect(words.allSatisfy { table.featureNames.contains("note:\($0)") })
    let names = table.featureNames.map { String($0.dropFirst("note:".count)) }
    let documents = (0..<60).map {
      Self.notes[$0 % 8].lowercased().split { !($0.isLetter || $0.isNumber) }.map(String.init)
    }
    let idf = names.map { (name: String) -> Double in
      let rows = Double(documents.count { $0.contains(name) })
      return log(61 / (1 + rows)) + 1
    }
    for (row, features) in table.features(.train).enumerated() {
      let weights = zip(names, idf).map { name, idf in Double(documents[row].count { $0 == name }) * idf }
      let length = weights.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for (found, weight) in zip(features, weights) {
        #expect(abs(Double(found) - (length > 0 ? weight / length : 0)) < 1e-7, "row \(row)")
      }
    }
  }

  @Test func runsOfWordsAndOfCharacters() throws {
    let words = try prepare("{text: {columns: note, n-grams: [2, 2], weights: counts}}", Folder())
    let expected = [
      "42 bad", "and good", "bad work", "fast and", "fast work", "good bad", "good fast", "good good", "größe 42",
      "work work",
    ]
    #expect(words.featureNames == expected.map { "note:\($0)" })
    let place = try #require(words.featureNames.firstIndex(of: "note:good good"))
    #expect(words.features(.train)[5][place] == 2 && words.features(.train)[0][place] == 0)
    let characters = try prepare("{text: {columns: note, unit: characters, weights: presence, most: 3000}}", Folder())
    let umlaut = try #require(characters.featureNames.firstIndex(of: "note:ö"))
    #expect(characters.features(.train)[4][umlaut] == 1 && characters.features(.train)[5][umlaut] == 0)
  }

  /// Letter by letter, whatever stands beside one, and by the categories of Unicode: as Python's and onnxruntime's tables have it.
  @Test func unitsAreThoseOfUnicode() {
    let texts: [(String, [String])] = [
      ("ΟΔΟΣ ΤΟΥΣ, ς", ["οδοσ", "τουσ", "ς"]), ("İzmir ISPARTA ı", ["izmir", "isparta", "ı"]),
      ("e\u{301}té É\u{327}a\u{301}", ["e\u{301}té", "é\u{327}a\u{301}"]), ("a \u{301}b", ["a", "\u{301}b"]),
      // A joiner that is no letter, and a circled letter that is a symbol.
      ("می\u{200c}خواهم aⒶb", ["می", "خواهم", "a", "b"]), ("½x² Ⅳ 1️⃣", ["½x²", "ⅳ", "1\u{fe0f}\u{20e3}"]),
      ("ẞß Ǆ ﬀ", ["ßß", "ǆ", "ﬀ"]), ("👍🏽 ok\r\n", ["ok"]), ("", []),
    ]
    for (text, words) in texts {
      let found = TextUnits.words(of: text)
      #expect(found.map { Array($0.utf8) } == words.map { Array($0.utf8) }, "\(text): \(found)")
    }
    #expect(
      TextUnits.characters(of: "Ée\u{301}\r\nİ").map { Array($0.utf8) }
        == ["é", "e", "\u{301}", "\r", "\n", "i"].map { Array($0.utf8) })
    // Each letter has one, which has itself.
    for value in 0...0x10FFFF as ClosedRange<UInt32> {
      guard let scalar = Unicode.Scalar(value), scalar != "\u{130}" else { continue }
      let mapping = scalar.properties.lowercaseMapping.unicodeScalars
      guard mapping.count == 1, mapping.first == TextUnits.lowercased(scalar) else {
        Issue.record("U+\(String(value, radix: 16)): \(mapping.map(\.value))")
        continue
      }
    }
    #expect(youngCharacters(of: ["aé😀", "\u{1F6DC}b", "\u{1F6DC}"]) == ["\u{1F6DC}"])
  }

  /// Composed and decomposed letters are other terms, of a text and of a set.
  @Test func termsAreTheirBytes() throws {
    let folder = try Folder()
    var csv = "id,part,note,tags,outcome\n"
    for row in 0..<80 {
      let letter = row % 2 == 0 ? "\u{e9}" : "e\u{301}"
      csv += "\(row),\(row < 60 ? "train" : "test"),caf\(letter) x,\(letter);b,\(row % 2 == 0 ? "yes" : "no")\n"
    }
    let table = try People.prepared(
      csv, in: folder, "split: {fixed: {by: part}}",
      columns: "columns: [{text: {columns: note, weights: counts}}, {set: tags}]")
    #expect(table.featureNames.count == 6)
    let rows = table.features(.train)
    #expect(rows[0] == [0, 1, 1, 1, 0, 1] && rows[1] == [1, 0, 1, 1, 1, 0])
  }

  @Test func termsByTheirHash() throws {
    let table = try prepare("{text: {columns: note, buckets: 64, weights: counts}}", Folder())
    #expect(table.featureNames.count == 64 && table.featureNames[63] == "note#63")
    for (row, features) in table.features(.test).enumerated() {
      let words = Self.notes[(60 + row) % 8].split { !($0.isLetter || $0.isNumber) }.count
      #expect(features.reduce(0, +) == Float(words))
    }
  }

  @Test func sets() throws {
    let table = try prepare("{set: tags}", Folder())
    #expect(table.featureNames == ["tags has large", "tags has red", "tags has small"])
    let rows = table.features(.train)
    #expect(Array(rows[0..<5]) == [[1, 1, 0], [0, 0, 1], [0, 0, 0], [0, 1, 1], [0, 1, 0]])
  }

  @Test func hashedWords() throws {
    let table = try prepare("{hashed: {columns: id, buckets: 16}}, {hashed: {columns: tags, buckets: 4}}", Folder())
    #expect(table.featureNames.count == 16 + 4 + 1 && table.featureNames.last == "tags missing")
    for row in table.features(.train) + table.features(.test) {
      #expect(row[..<16].reduce(0, +) == 1 && row[16...].reduce(0, +) == 1)
    }
    // FNV-1a of "a" is af63dc4c8601ec8c (Noll's own test vectors).
    #expect(TextHash.bucket(of: "a", 1 << 20) == Int((0xaf63_dc4c_8601_ec8c ^ 0xaf63_dc4c as UInt64) % (1 << 20)))
  }

  @Test func whatCannotBe() throws {
    let folder = try Folder()
    func fault(_ columns: String) -> String { message { _ = try prepare(columns, folder) } }
    #expect(
      fault("{text: {columns: note, min-frequency: 70}}")
        == "people.csv: column 'note': expected terms in at least 70 training rows, found none; lower min-frequency, or leave it out of the columns"
    )
    #expect(
      fault("{text: {columns: note, n-grams: [2, 1]}}").contains("n-grams: expected the shortest and the longest run"))
    #expect(fault("{set: {columns: tags, separator: \"\"}}").contains("separator: expected what stands between words"))
    #expect(fault("{set: {columns: tags, min-frequency: 61}}").contains("check the separator"))
  }

  /// Raw rows become the same features, and test rows leave no trace in what is fitted.
  @Test func rawRowsAndNoLeak() throws {
    let folder = try Folder()
    let columns = "{text: {columns: note, most: 6}}, {set: tags}, {hashed: {columns: id, buckets: 8}}"
    let table = try prepare(columns, folder)
    let settings = try settings(
      "source: {csv: {files: \(folder["people.csv"])}}\ntarget: outcome\ncolumns: [\(columns)]\n")
    let raw = try RawRows(folder["people.csv"], settings, table.preparation, withTargets: false)
    let batch = try #require(try raw.next(most: 100))
    let width = table.featureNames.count
    #expect(batch.count == 80 && Array(batch.features[..<width]) == table.features(.train)[0])
    #expect(Array(batch.features[(79 * width)...]) == table.features(.test)[19])
    #expect(!table.preparation.json.contains("\"test\""))
  }
}
