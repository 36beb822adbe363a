import TestSupport
import Testing

@testable import Lockstep

/// Tables: regression and a single logit, trained, evaluated and predicted.
@Suite struct TableTests {
  /// 200 points of a grid, in an order without meaning; 30 others as test data.
  private static let points = (0..<230).map { index in
    let place = index * 97 % 230
    return (x: Double(place % 23) / 11 - 1, y: Double(place / 23) / 5 - 1)
  }

  private func table(_ range: Range<Int>, _ target: (Double, Double) -> String) -> String {
    "x,y,target\n" + Self.points[range].map { "\($0.x),\($0.y),\(target($0.x, $0.y))\n" }.joined()
  }

  private func files(_ target: (Double, Double) -> String) throws -> Folder {
    let folder = try Folder()
    try folder.write("train.csv", table(0..<200, target))
    try folder.write("test.csv", table(200..<230, target))
    return folder
  }

  private func yaml(_ folder: Folder, kind: String, model: String, loss: String) -> String {
    """
    data: {csv: {train: \(folder["train.csv"]), test: \(folder["test.csv"]), target: target, kind: \(kind)}}
    model: \(model)
    loss: \(loss)
    optimizer: {adam: 0.02}
    epochs: 40
    batch: 32
    micro-batch: 8

    """
  }

  @Test(arguments: [1, 3])
  func regression(ranks: Int) throws {
    let folder = try files { "\(3 * $0 - 2 * $1 + 0.5)" }
    let file = try folder.write(
      "line.yaml", yaml(folder, kind: "values", model: "[{dense: 1}]", loss: "mean-squared-error"))
    try train(file, in: folder["run"], ranks: ranks)
    let metrics = try metrics(of: folder["run"])
    // A line is fitted exactly but for the last steps of Adam, whose size is its learning rate.
    #expect(metrics["test r squared"]! > 0.999)
    #expect(metrics["test mean squared error"]! < 0.01)
    #expect(metrics["test loss"] == metrics["test mean squared error"])

    let model = try Model(folder["run"])
    try folder.write("new.csv", "x,y\n0,0\n1,-1\n")
    try model.writePredictions(of: folder["new.csv"], to: folder["out.csv"])
    let out = lines(try folder.text("out.csv"))
    #expect(out[0] == "prediction")
    #expect(abs(Double(out[1])! - 0.5) < 0.15 && abs(Double(out[2])! - 5.5) < 0.15, "\(out)")
  }

  @Test func aSingleLogitForTwoClasses() throws {
    let folder = try files { $0 + $1 > 0.07 ? "yes" : "no" }
    let file = try folder.write(
      "logit.yaml", yaml(folder, kind: "classes", model: "[{dense: 1}]", loss: "binary-cross-entropy"))
    let digest = try train(file, in: folder["run"])
    #expect(try train(file, in: folder["two"], ranks: 2) == digest)
    let metrics = try metrics(of: folder["run"])
    // 40 epochs of 7 steps leave the line a little off: two of the 30 points lie between it and the true one.
    for name in ["accuracy", "recall", "f1"] { #expect(metrics["test \(name)"]! > 0.9, "\(name)") }

    let model = try Model(folder["run"])
    #expect(model.record.classes == ["no", "yes"])
    try folder.write("new.csv", "x,y\n1,1\n-1,-1\n")
    try model.writePredictions(of: folder["new.csv"], to: folder["out.csv"])
    let out = lines(try folder.text("out.csv"))
    #expect(out[0] == "prediction,probability of yes")
    #expect(out[1].hasPrefix("yes,") && out[2].hasPrefix("no,"))
  }

  /// Names with commas and quotes come out as a reader of CSV takes them in.
  @Test func namesAreQuoted() throws {
    let folder = try files { x, _ in x > 0 ? "\"a, \"\"b\"\"\"" : "c" }
    let file = try folder.write(
      "names.yaml", yaml(folder, kind: "classes", model: "[{dense: 2}]", loss: "cross-entropy"))
    try train(file, in: folder["run"])
    let model = try Model(folder["run"])
    try model.writePredictions(of: folder["test.csv"], to: folder["out.csv"])
    #expect(lines(try folder.text("out.csv"))[0] == #"prediction,"probability of a, ""b""",probability of c"#)
    let again = try Dataset.csv(folder["out.csv"], target: .classes(column: "prediction"))
    #expect(again.classNames == [#"a, "b""#, "c"])
    #expect(again.count == 30)
  }

  /// Two classes that are 50 seconds apart in a column of timestamps, where floats are 128 seconds apart.
  @Test func timestampsTellClassesApart() throws {
    let folder = try Folder()
    let rows = (0..<120).map { "\($0 % 7),\(1_700_000_000 + ($0 * 37 % 120 % 2) * 50),\($0 * 37 % 120 % 2)\n" }
    try folder.write("train.csv", "x,time,target\n" + rows[..<100].joined())
    try folder.write("test.csv", "x,time,target\n" + rows[100...].joined())
    let text = yaml(folder, kind: "classes", model: "[{dense: 2}]", loss: "cross-entropy") + "standardise: feature\n"
    let file = try folder.write("time.yaml", text)
    let digest = try train(file, in: folder["run"])
    #expect(try train(file, in: folder["three"], ranks: 3) == digest)
    #expect(try metrics(of: folder["run"])["test accuracy"] == 1)

    // What the checkpoint keeps gives the same to whoever evaluates, predicts one row, or goes on.
    let model = try Model(folder["run"])
    #expect(model.transforms.first?.wideColumns == [1])
    #expect(try model.evaluate(model.labelledData(folder["test.csv"], labels: nil)).metrics[1].value == 1)
    for kind in 0...1 {
      try folder.write("new.csv", "x,time\n3,\(1_700_000_000 + 50 * kind)\n")
      try model.writePredictions(of: folder["new.csv"], to: folder["out.csv"])
      #expect(lines(try folder.text("out.csv"))[1].hasPrefix("\(kind),"))
    }
    try {
      let stopped = try TrainingRun(
        recipe: file, overrides: ["stop-after=5"], output: folder["cut"], verbosity: .silent, world: LocalWorld.single()
      )
      #expect(try stopped.train() == ExitCode.stopped.rawValue)
    }()  // The run directory is its own until it is gone.
    #expect(try train(file, in: folder["cut"], ranks: 2, start: .resume) == digest)
  }

  @Test func notesOnData() throws {
    let folder = try Folder()
    try folder.write("train.csv", "x,time,same,c\n1,1700000000,7,a\n2,1700000050,7,b\n")
    func notes(_ standardise: String) throws -> [String] {
      let prepared = try PreparedData(
        configuration(
          "data: {csv: {train: \(folder["train.csv"])}}\nmodel: [{dense: 2}]\nbatch: 1\nstandardise: \(standardise)\n"))
      return DataNotes.notes(on: prepared.train)
    }
    let raw = try notes("none")
    #expect(raw.count == 2 && raw[0].contains("column 'time': single precision rounds its numbers by up to"), "\(raw)")
    #expect(raw[1] == "a column that never changes in the training data ('same') teaches nothing")
    #expect(
      try notes("feature") == [
        "a column that never changes in the training data ('same') teaches nothing, and becomes zero"
      ])
    #expect(DataNotes.noteOnBatch(256, samples: 100)?.hasPrefix("a batch of 256, but only 100 samples") == true)
    #expect(DataNotes.noteOnBatch(100, samples: 100) == nil)
  }
}
