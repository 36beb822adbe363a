import Communication
import Diagnostics
import Judging
import TestSupport
import Testing

@testable import Lockstep

/// How much worse predictions get when a column tells nothing.
@Suite struct ImportanceTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  /// A class that a tells alone, with a category that tells a little of it, and noise.
  private func makeRun() throws {
    var text = "a,noise,kind,class\n"
    for row in 0..<600 {
      let (a, noise) = (row * 37 % 101, row * 53 % 97)
      let isHigh = a > 50
      text += "\(a),\(noise),\(row % 4 == 0 ? (isHigh ? "up" : "down") : "any"),\(isHigh ? "high" : "low")\n"
    }
    try folder.write("rows.csv", text)
    let recipe = try folder.write(
      "run.yaml",
      """
      data:
        table:
          source: {csv: rows.csv}
          target: class
          split: {random: {test: 0.4}}
          keep-under: prepared
          columns: [{number: noise}, {category: kind}, {number: a}]
      model: [{dense: 16}, relu, {dense: 2}]
      optimizer: {adam: 0.01}
      batch: 30
      micro-batch: 5
      epochs: 6

      """)
    try train(recipe, in: folder["run"])
  }

  private func importance(ranks: Int) throws -> [ColumnImportance] {
    let run = folder["run"]
    let found = try LocalWorld.run(ranks: ranks) { world in
      let model = try Model(run, world: world)
      return try model.importance(of: model.testData(), resamples: Resamples(count: 200))
    }
    #expect(found.dropFirst().allSatisfy { $0 == nil } && found[0]?.count == 1)
    return try #require(found[0]?.first)
  }

  @Test func tellsWhatPredictionsRestOn() throws {
    try makeRun()
    let found = try importance(ranks: 1)
    #expect(found.map(\.column).first == "a" && Set(found.map(\.column)) == ["a", "noise", "kind"])
    #expect(found.allSatisfy { $0.metric == "roc-auc" })
    let bounds = found.map { $0.interval?.bounds }
    #expect(bounds[0].map { $0.low > 0.2 } == true, "\(bounds)")
    let noise = found.first { $0.column == "noise" }!
    #expect(abs(noise.value.value!) < found[0].value.value! / 5)
    for ranks in [2, 3] {
      let other = try importance(ranks: ranks)
      #expect(other.map(\.column) == found.map(\.column))
      #expect(other.map(\.value) == found.map(\.value) && other.map(\.interval) == found.map(\.interval))
    }
  }

  /// Columns that are dealt out as they stand change nothing; pictures have no columns.
  @Test func refusals() throws {
    try train("two-class", ["epochs=1", "data.two-class.train=100"], in: folder["points"])
    let model = try Model(folder["points"])
    let found = failure { _ = try model.importance(of: try model.testData()) }
    #expect(found == nil || found?.code == .usage)
  }
}
