import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// What `init` says of tables that are not as they should be.
@Suite struct UglyDraftTests {
  let folder: Folder

  init() throws { folder = try Folder() }

  private func draft(_ name: String, _ bytes: [UInt8], target: String = "side") throws -> TableDraft {
    try TableDraft(folder.write(name, bytes), target: target, configuration: folder["run.yaml"])
  }

  /// A number, and a side that it tells.
  private func csv(_ rows: Int = 60, side: (Int) -> String = { $0 % 2 == 0 ? "north" : "south" }) -> String {
    "x,side\n" + (0..<rows).map { "\($0 % 13),\(side($0))\n" }.joined()
  }

  @Test func whatCannotBeDrafted() throws {
    let cases: [(name: String, text: String, expected: String)] = [
      ("a.csv", csv(0), "65 a.csv: expected rows, found none; check the path, or the query"),
      (
        "a.csv", csv { _ in "" },
        "65 a.csv: column 'side': expected different values to predict, found none in 60 rows; name another column as the target"
      ),
      (
        "a.csv", csv { _ in "north" },
        "65 a.csv: column 'side': expected different values to predict, found 'north' alone in 60 rows; name another column as the target"
      ),
      (
        "a.csv", csv { _ in "a,b" },
        "65 a.csv:2: expected 2 cells as in the first record, found 3: none of 60 rows can be used; correct them, or how they are read"
      ),
      (
        "a.csv", csv().replacing(",", with: ":"),
        "64 --target: expected a column of a.csv, found 'side'; 'x:side' is the only column: if other characters separate several, say which: '{csv: {files: a.csv, separator: \";\"}}'"
      ),
      (
        "a.csv", csv().replacing("side", with: "Side"),
        "64 --target: expected a column of a.csv, found 'side'; did you mean 'Side'?"
      ),
      (
        "a.csv", csv().replacing("side", with: "way"),
        "64 --target: expected a column of a.csv, found 'side'; the columns are 'x', 'way'"
      ),
      (
        "a.jsonl", "{\"side\": {\"of\": 1}, \"x\": 1}\n",
        "65 a.jsonl: column 'side': expected a number, true or false, a text or a list of numbers, found an object; name another column"
      ),
      (
        "a.xyz", "",
        "64 a.xyz: expected a name that ends with .csv, .tsv, .txt, .jsonl, .ndjson, .parquet, .parq, .pq, .npy, .npz, .h5, .hdf5, .hdf or .tar; rename it, or write the source as in a configuration: '{csv: {files: a.xyz}}', '{sqlite: {file: …}}'"
      ),
    ]
    for (name, text, expected) in cases {
      let found = failure { _ = try draft(name, Array(text.utf8)) }
      let line = found.map { "\($0.code.rawValue) \($0)".replacing("\(folder.path)/", with: "") }
      #expect(line == expected)
    }
  }

  /// What stands for nothing elsewhere is a class where there is but one other; else that it is none is told.
  @Test func aClassThatIsCalledNone() throws {
    let one = try draft("a.csv", Array(csv { $0 % 3 == 0 ? "None" : "north" }.utf8))
    #expect(one.found == "2 classes: north 66.7 %, None 33.3 %")
    let missing = "    missing: [\"\", NA, N/A, \"NaN\", \"nan\", \"NULL\", \"null\", \"?\"]   # what else "
    #expect(one.yaml.contains(missing), "\(one.yaml)")
    try one.write(to: folder["run.yaml"])
    try train(folder["run.yaml"], ["data.table.keep-under=\(folder["prepared"])", "epochs=1"], in: folder["run"])

    let three = try draft("a.csv", Array(csv { ["None", "north", "south"][$0 % 3] }.utf8))
    #expect(
      three.found
        == "2 classes: north 50.0 %, south 50.0 %; 20 rows without it are passed over ('None' stands for nothing: see missing)"
    )
    #expect(!three.yaml.contains("missing: ["))
  }

  /// None of the few rows of a word may be for training.
  @Test func aWordOfFewRows() throws {
    let csv =
      "x,on,side\n" + (0..<12).map { "\($0 % 5),\($0 < 2 ? "yes" : "no"),\($0 % 2 == 0 ? "a" : "b")\n" }.joined()
    let draft = try draft("a.csv", Array(csv.utf8))
    #expect(draft.yaml.contains("- category: \"on\" ") || draft.yaml.contains("- category: on "), "\(draft.yaml)")
    try draft.write(to: folder["run.yaml"])
    for seed in 1...4 {
      let settings = ["data.table.keep-under=\(folder["prepared"])", "epochs=1", "seed=\(seed)"]
      try train(folder["run.yaml"], settings, in: folder["run-\(seed)"])
    }
  }

  @Test func columnsThatCannotBeRead() throws {
    let rows = (0..<60).map { "{\"x\": \($0 % 13), \"in\": {\"a\": [1]}, \"side\": \"\($0 % 2)\"}\n" }.joined()
    let draft = try draft("a.jsonl", Array(rows.utf8))
    let line =
      "      # in is left out: it cannot be read: expected a number, true or false, a text or a list of numbers, found an object\n"
    #expect(draft.yaml.contains(line) && draft.yaml.contains("- number: x "), "\(draft.yaml)")
    #expect(draft.notes == [])
    let nested = (0..<60).map { _ in "{\"in\": {\"a\": [1]}}\n" }.joined()
    expectFailure(.usage, "--target: expected a column of") { _ = try self.draft("b.jsonl", Array(nested.utf8)) }
  }

  @Test func anotherEncoding() throws {
    let latin = try #require(csv { $0 % 2 == 0 ? "süd" : "nord" }.data(using: .isoLatin1))
    let draft = try draft("a.csv", Array(latin))
    #expect(draft.yaml.contains(", encoding: latin-1}}\n") && draft.found == "2 classes: nord 50.0 %, süd 50.0 %")
    // A damaged row is no encoding.
    let damaged = try self.draft("b.csv", Array(csv { $0 % 2 == 0 ? "süd" : "nord" }.utf8) + [0x73, 0xFC, 0x64, 0x0A])
    #expect(!damaged.yaml.contains("encoding"))
  }

  @Test func manyBadRowsAreToldOf() throws {
    let draft = try draft("a.csv", Array(csv { $0 == 7 ? "north,7" : $0 % 2 == 0 ? "north" : "south" }.utf8))
    #expect(
      draft.notes.map { $0.replacing("\(folder.path)/", with: "") } == [
        "1 of 60 rows cannot be read, and more than 1 % stop a run; the first is a.csv:9: expected 2 cells as in the first record, found 3; correct them, or raise quarantine-at-most"
      ])
    #expect(draft.yaml.contains("# 1 row cannot be read: it is set aside, with its reason.\n"))
  }
}
