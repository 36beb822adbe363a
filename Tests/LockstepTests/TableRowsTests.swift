import Preparation
import TestSupport
import Testing

@testable import Lockstep

/// Rows that are left out, weigh differently or stand several times: from a file to predictions, the same on any ranks.
@Suite struct TableRowsTests {
  private let folder: Folder
  init() throws { folder = try Folder() }

  private static let recipe = """
    data:
      table:
        source: {jsonl: rows.jsonl}
        target: side
        weight: trust
        resample: oversample
        rows: {filter: "side != 'none' and speed < 40", duplicates: drop, ranges: {speed: [0, null]}}
        defaults: {number: {scale: robust}}
        columns: [{vector: place}, {number: speed}]
        keep-under: prepared
    model: [{dense: 2}]
    optimizer: {adam: 0.05}
    batch: 40
    micro-batch: 8
    epochs: 4

    """

  private func rows(_ count: Int) -> String {
    (0..<count).map { (row: Int) -> String in
      let (x, y) = (row * 37 % 101 - 50, row * 53 % 97 - 48)
      let side = row % 29 == 4 ? "none" : x + y > 30 ? "north" : "south"
      return "{\"place\": [\(x), \(y).5], \"speed\": \(row % 47), \"trust\": \(row % 5), \"side\": \"\(side)\"}\n"
    }.joined()
  }

  @Test func anyRanks() throws {
    try folder.write("rows.jsonl", rows(600) + rows(40))
    let recipe = try folder.write("run.yaml", Self.recipe)
    let digest = try train(recipe, in: folder["1"])
    let receipt = try Receipt(ofRun: folder["1"])
    for ranks in [2, 3] {
      let own = ["data.table.keep-under=\(folder["prepared-\(ranks)"])"]
      #expect(try train(recipe, own, in: folder["\(ranks)"], ranks: ranks) == digest)
      #expect(try Receipt(ofRun: folder["\(ranks)"]) == receipt)
    }
    // Each of them decides.
    for (place, other) in ["weight=null", "resample=undersample", "rows.filter=side != 'none' and speed < 30"]
      .enumerated()
    {
      let settings = ["data.table.\(other)", "data.table.keep-under=\(folder["other"])"]
      #expect(try train(recipe, settings, in: folder["other-\(place)"]) != digest, "\(other)")
    }
    let model = try Model(folder["1"])
    let test = try model.testData()
    #expect(test.weights?.count == test.count)
    #expect(try model.evaluate(test).headline.value > 0.8)
    let resolved = try folder.text("1/config.yaml")
    #expect(resolved.contains("scale: robust") && resolved.contains("filter: \"side != 'none' and speed < 40\""))
    // Rows to predict have neither side nor trust; two of them are left out, with the reason.
    try folder.write(
      "new.jsonl",
      "{\"place\": [9, 40], \"speed\": 3}\n{\"place\": [9, 40], \"speed\": 41}\n{\"place\": [9, 40], \"speed\": -1}\n")
    #expect(try model.writePredictions(of: folder["new.jsonl"], to: folder["out.csv"]) == 3)
    let out = try lines(folder.text("out.csv"))
    #expect(out[1].hasPrefix("north,") && out[1].hasSuffix(","))
    #expect(out[2] == ",,,left out by the filter side != 'none' and speed < 40", "\(out[2])")
    #expect(out[3] == ",,,\"column 'speed': expected a number of at least 0, found -1\"", "\(out[3])")
  }

  /// A list of numbers is taken for a vector.
  @Test func aDraft() throws {
    let path = try folder.write("rows.jsonl", rows(300))
    let draft = try TableDraft(path, target: "side", configuration: folder["run.yaml"])
    #expect(draft.yaml.contains("      - vector: place   # several numbers a row, such as ["), "\(draft.yaml)")
  }
}
