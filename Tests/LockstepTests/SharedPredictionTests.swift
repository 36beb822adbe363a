import Diagnostics
import Foundation
import TestSupport
import Testing
import Writers

@testable import Lockstep

/// Rows that several ranks predict: the bytes, and what is told, are those of one.
@Suite struct SharedPredictionTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  /// Numbers and a date, of which some rows have none; cities for features.
  private func csv(_ count: Int, shift: Int = 0, bad: Bool = false) -> String {
    var text = "name,x,city,since,class\n"
    for row in 0..<count {
      let x = bad && row % 13 == 5 ? "many" : row % 11 == 3 ? "" : "\(row * 37 % 101 + shift).25"
      let name = row % 17 == 2 ? "" : "\"no, \(row)\""
      text += "\(name),\(x),c\(row * row % 5),2020-0\(1 + row % 9)-11,\(row * 37 % 101 > 50 ? "high" : "low")\n"
    }
    return text
  }

  private func makeModel() throws {
    try folder.write("rows.csv", csv(400))
    let recipe = try folder.write(
      "run.yaml",
      """
      data:
        table:
          source: {csv: rows.csv}
          target: class
          split: {random: {test: 0.2}}
          keep-under: prepared
          columns: [{number: x}, {category: city}, {date: since}]
      model: [{dense: 8}, relu, {dense: 2}]
      batch: 40
      micro-batch: 4
      epochs: 1

      """)
    try train(recipe, in: folder["run"])
  }

  /// Predicts by so many ranks, eight rows a block; the number that each of them gives, and what rank zero tells.
  private func predict(_ input: String, _ output: String, keeping kept: [String] = [], ranks: Int) throws -> (
    rows: [Int], told: [String]
  ) {
    let (run, input, output) = (folder["run"], folder[input], folder[output])
    let all = try LocalWorld.run(ranks: ranks) { world in
      var told: [String] = []
      let model = try Model(run, world: world)
      let rows = try model.writePredictions(of: input, to: output, keeping: kept, rows: 8) { told.append($0) }
      return (rows, told)
    }
    #expect(all.dropFirst().allSatisfy { $0.1.isEmpty })
    return (all.map(\.0), all[0].1)
  }

  private func bytes(_ name: String) -> Data? { FileManager.default.contents(atPath: folder[name]) }

  @Test func anyRanksWriteTheSameBytes() throws {
    try makeModel()
    // Rows of a last block that is short, of one that only some ranks have, of none; as those of training, and others.
    let inputs = [("many", csv(203, bad: true)), ("others", csv(150, shift: 500)), ("few", csv(5)), ("none", csv(0))]
    for (name, text) in inputs {
      try folder.write("\(name).csv", text)
      for ending in name == "many" ? ["csv", "jsonl", "parquet", "npy"] : ["csv"] {
        let kept = ending == "npy" ? [] : ["name", "city"]
        let alone = try predict("\(name).csv", "1.\(ending)", keeping: kept, ranks: 1)
        #expect(alone.rows == [lines(text).count - 1])
        #expect(
          alone.told.contains { $0.contains("not like those of training") } == (name == "others"), "\(alone.told)")
        for ranks in [2, 3, 5] {
          let shared = try predict("\(name).csv", "\(ranks).\(ending)", keeping: kept, ranks: ranks)
          #expect(shared.rows == [Int](repeating: alone.rows[0], count: ranks) && shared.told == alone.told)
          #expect(bytes("\(ranks).\(ending)") == bytes("1.\(ending)"), "\(name).\(ending), \(ranks)")
        }
      }
    }
    // As many rows as the input has, of which every thirteenth says why there is nothing.
    let out = lines(try folder.text("3.jsonl"))
    #expect(out.count == 203 && out.count { $0.contains("expected a number, found 'many'") } == 16)
  }

  @Test func whatOneRankFindsEndsAll() throws {
    try makeModel()
    // A quote that nobody closes; and a file that cannot be written.
    try folder.write("torn.csv", csv(100) + "x,\"1\n")
    try folder.write("whole.csv", csv(100))
    for ranks in [1, 3] {
      expectFailure(.badData, "torn.csv:102: expected a closing quote") {
        _ = try predict("torn.csv", "torn-out.csv", ranks: ranks)
      }
      expectFailure(.inputOutput, "nowhere/out.csv: open: No such file or directory") {
        _ = try predict("whole.csv", "nowhere/out.csv", ranks: ranks)
      }
      expectFailure(.missingInput, "no.csv: open: No such file or directory; check the path and its permissions") {
        _ = try predict("no.csv", "o.csv", ranks: ranks)
      }
      expectFailure(.usage, "found .orc") { _ = try predict("whole.csv", "out.orc", ranks: ranks) }
    }
    #expect(!folder.names().contains { $0.contains("out") || $0 == "o.csv" })
  }

  /// What the same path leads to on other hosts: told by its size, its beginning and its end.
  @Test func endsOfFiles() throws {
    for (name, text) in [("a", "abc"), ("b", "abc"), ("c", "abd"), ("d", ""), ("e", "abcd")] {
      try folder.write(name, text)
    }
    let ends = try ["a", "b", "c", "d", "e"].map { try FileEnds(folder[$0]).text }
    #expect(ends[0] == ends[1] && Set(ends).count == 4 && ends[0].hasPrefix("3 bytes, "))
    #expect(FileEnds.isStream("-") && FileEnds.isStream("/dev/null"))
    #expect(!FileEnds.isStream(folder["a"]) && !FileEnds.isStream(folder["no"]))
  }

  /// What goes from rank to rank is what it was.
  @Test func predictionsAsBytes() {
    let numbers = FlatBuffer(count: 6)
    numbers.view.assign([1, -0.0, .nan, .infinity, 1e-42, 3.4e38])
    let all = Predictions(
      numbers: numbers.view, classes: [1, 0, 2], count: 3, problems: [1: "none, \"there\"", 3: ""],
      kept: [["a", nil, "", "ü", "b"], [nil, nil, nil, nil, nil]])
    let again = all.encoded.withUnsafeBytes { Predictions(encoded: $0) }
    #expect(again.numbers.array.map(\.bitPattern) == all.numbers.array.map(\.bitPattern))
    #expect(
      again.classes == all.classes && again.count == 3 && again.problems == all.problems && again.kept == all.kept)
    let none = Predictions(numbers: numbers.view[0..<0], count: 0)
    let empty = none.encoded.withUnsafeBytes { Predictions(encoded: $0) }
    #expect(empty.count == 0 && empty.numbers.count == 0 && empty.kept.isEmpty && empty.problems.isEmpty)
  }

  /// Block k is that of rank k mod N, and every rank knows how many rows there are.
  @Test func turns() throws {
    final class Blocks: SampleBatches {
      private var left: [Int]
      init(_ sizes: [Int]) { left = sizes }
      func next() -> SampleBatch? {
        guard !left.isEmpty, case let rows = left.removeFirst() else { return nil }
        return SampleBatch(nil, rows: rows, problems: .init(uniqueKeysWithValues: (0..<rows).map { ($0, "") }))
      }
    }
    for count in 0..<8 {
      for ranks in 1...4 {
        let sizes = Array(1..<count + 1)
        for rank in 0..<ranks {
          let turns = TurnBatches(Blocks(sizes), rank: rank, of: ranks)
          var own: [Int] = []
          while let batch = try turns.next() { own.append(batch.rows) }
          #expect(own == sizes.filter { ($0 - 1) % ranks == rank } && turns.rows == sizes.reduce(0, +))
        }
      }
    }
  }
}
