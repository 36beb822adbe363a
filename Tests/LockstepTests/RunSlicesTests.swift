import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// Slices of runs by the columns of their raw rows, figures and rows of one pass, and the classes that figures are about.
@Suite struct RunSlicesTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  /// 300 rows, of which some cannot be used, and one that is no feature: `town`.
  private func model(
    _ target: String = "class", kinds: String = "classes", units: String = "2", loss: String = "loss: cross-entropy"
  ) throws -> Model {
    try folder.write("rows.csv", rows(300))
    let recipe = try folder.write(
      "run.yaml",
      """
      data:
        table:
          source: {csv: rows.csv}
          target: \(target)
          kind: \(kinds)
          split: {random: {test: 0.4, validation: 0.2}}
          keep-under: \(folder["prepared"])
          columns: [{number: [x, z]}]
          quarantine-at-most: 0.2
      model: [{dense: \(units)}]
      \(loss)
      optimizer: {adam: 0.01}
      batch: 32
      micro-batch: 8
      epochs: 2

      """)
    try train(recipe, in: folder["run"])
    return try Model(folder["run"])
  }

  private func rows(_ count: Int) -> String {
    var text = "x,town,z,class,other,size\n"
    for row in 0..<count {
      let (x, noise) = (row * 37 % 101, row * 7919 % 61 - 30)
      let number = row % 20 == 7 ? "none at all" : "\(x)"
      let late = x + noise > 70
      text += "\(number),\(["Ulm", "Bonn", "NA", "Köln"][row % 4]),\(row * 53 % 29),\(late ? "late" : "fine"),"
      text += "\(late ? "no" : "late"),\(3 * x + noise)\n"
    }
    return text
  }

  /// What raw rows hold is that of the very rows that are judged.
  @Test func rawColumnsBelongToTheirRows() throws {
    let model = try model()
    let data = try model.testData()
    let columns = try model.sliceColumns(["x", "town", "class", "z"], of: data, from: .test)
    #expect(columns.allSatisfy { $0.codes.count == data.count })
    let (town, label) = (columns[1], columns[2])
    let truths = try #require(data.targets.withClasses { Array($0) })
    let names = try #require(data.classNames)
    for row in 0..<data.count { #expect(label.values[Int(label.codes[row])] == names[Int(truths[row])]) }
    #expect(Set(town.values) == ["Ulm", "Bonn", "Köln"] && town.codes.contains(-1), "NA is missing")
    #expect(columns[0].isOrdered && columns[0].values.count == 4 && columns[0].values[0].hasPrefix("up to "))

    // The same rows, from a file: those that cannot be used are none of them.
    try folder.write("other.csv", rows(80))
    let other = try model.labelledData(folder["other.csv"], labels: nil)
    let read = try model.sliceColumns(["town", "class"], of: other, from: .file(folder["other.csv"]))
    #expect(other.count == 76 && read.allSatisfy { $0.codes.count == 76 })
    let labels = try #require(other.targets.withClasses { Array($0) })
    for row in 0..<other.count { #expect(read[1].values[Int(read[1].codes[row])] == names[Int(labels[row])]) }

    let refused = failure { _ = try model.sliceColumns(["twon"], of: data, from: .test) }
    #expect(
      refused?.description
        == "--slices: expected one of the columns x, town, z, class, other, size, found twon; did you mean town?")
    // Rows that were prepared from others.
    try folder.write("rows.csv", rows(299))
    #expect(throws: Failure.self) { try Model(folder["run"]).testData() }
  }

  /// Figures of one pass are those of `evaluate`, and rows those of `judge`, on any number of ranks.
  @Test(arguments: [1, 2, 3])
  func onePassGivesTheSame(ranks: Int) throws {
    let path = try model().path
    let found = try LocalWorld.run(ranks: ranks) { world in
      let model = try Model(path, world: world)
      let data = try model.testData()
      let (once, subjects) = try model.evaluateWithRows(data)
      let evaluation = try model.evaluate(data)
      #expect(once.scores.map(\.name) == evaluation.scores.map(\.name))
      #expect(once.scores.map(\.value) == evaluation.scores.map(\.value) && once.loss == evaluation.loss)
      #expect(once.report(digits: 9) == evaluation.report(digits: 9))
      let judged = try model.judge(data, resamples: Resamples(count: 20))
      #expect((subjects == nil) == (world.rank > 0))
      return try subjects.map { subjects in
        let text = try sortedJSON(model.judged(subjects, resamples: Resamples(count: 20)))
        #expect(try text == sortedJSON(judged))
        let columns = try model.sliceColumns(["town", "x"], of: data, from: .test)
        let slices = model.slices(
          of: subjects[0], by: columns, metrics: Model.sliceMetrics(of: subjects[0].rows),
          resamples: Resamples(count: 20))
        #expect(slices.count == 2 && slices[0].slices.reduce(0) { $0 + $1.rows } == data.count)
        #expect(slices[0].slices.map(\.value).contains("missing"))
        return try text + sortedJSON(slices)
      }
    }
    let alone = try LocalWorld.run(ranks: 1) { world in
      let model = try Model(path, world: world)
      let data = try model.testData()
      let subjects = try #require(try model.evaluateWithRows(data).subjects)
      let columns = try model.sliceColumns(["town", "x"], of: data, from: .test)
      let slices = model.slices(
        of: subjects[0], by: columns, metrics: Model.sliceMetrics(of: subjects[0].rows), resamples: Resamples(count: 20)
      )
      return try sortedJSON(model.judged(subjects, resamples: Resamples(count: 20))) + sortedJSON(slices)
    }
    #expect(try #require(found[0]) == alone[0])
  }

  @Test func positiveClassesOfSeveralTargets() throws {
    let model = try model(
      "[class, other, size]", kinds: "[classes, classes, values]", units: "5",
      loss: "loss: {sum: {losses: [cross-entropy, cross-entropy, mean-squared-error]}}")
    let data = try model.testData()
    func positive(_ asked: String...) throws -> [String?] {
      try #require(try model.judge(data, resamples: Resamples(count: 0), positive: asked)).map(\.positive)
    }
    #expect(try positive("class=fine", "other=no") == ["fine", "no", nil])
    #expect(try positive("class=late", "other=late") == ["late", "late", nil])
    #expect(try positive("late") == ["late", "late", nil], "a class alone is that of all targets that have it")
    #expect(try positive("fine").first == "fine")
    for (asked, expected) in [
      (["size=3"], "expected one of class="), (["maybe"], "found maybe"), (["class=no"], "expected class="),
      (["class=fine", "class=late"], "expected one class of class, found another one, 'class=late'"),
    ] {
      let refused = failure { _ = try model.judge(data, resamples: Resamples(count: 0), positive: asked) }
      #expect(refused?.code == .usage && refused?.description.hasPrefix("--positive: ") == true)
      #expect(refused?.description.contains(expected) == true, "\(refused?.description ?? "none")")
    }
  }

  /// Samples without rows beside them are sliced by their features.
  @Test func featuresWhereThereAreNoRows() throws {
    try train("two-class", ["epochs=1", "data.two-class.train=256", "data.two-class.test=128"], in: folder["two"])
    let model = try Model(folder["two"])
    let data = try model.testData()
    let names = try #require(data.featureNames)
    let columns = try model.sliceColumns(names, of: data, from: .test)
    #expect(columns.allSatisfy { $0.isOrdered && $0.values.count == 4 && $0.codes.count == 128 })
    #expect(throws: Failure.self) { try model.sliceColumns(["none"], of: data, from: .test) }
  }
}
