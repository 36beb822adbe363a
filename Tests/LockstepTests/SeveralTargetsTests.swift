import Foundation
import TestSupport
import Testing

@testable import Lockstep

/// Several columns as targets: numbers, and labels of which a sample may have any number.
@Suite struct SeveralTargetsTests {
  let folder: Folder

  /// 200 points of a grid, in an order without meaning, and 30 others as test data. Targets are not the last columns.
  init() throws {
    folder = try Folder()
    let rows = (0..<230).map { index in
      let place = index * 97 % 230
      let (x, y) = (Double(place % 23) / 11 - 1, Double(place / 23) / 5 - 1)
      func bit(_ value: Double) -> Int { value > 0.05 ? 1 : 0 }
      return "\(3 * x - 2 * y + 0.5),\(bit(x)),\(x),\(y - x),\(bit(y)),\(y),\(0.5 * x + 1),\(bit(x + y))\n"
    }
    let header = "sum,right,x,\"y, less x\",up,y,half,above\n"
    try folder.write("train.csv", header + rows[..<200].joined())
    try folder.write("test.csv", header + rows[200...].joined())
  }

  private func yaml(_ target: String, units: Int, _ loss: String) -> String {
    """
    data:
      csv: {train: \(folder["train.csv"]), test: \(folder["test.csv"]), target: \(target), kind: values, features: [x, y]}
    model: [{dense: \(units)}]
    loss: \(loss)
    optimizer: {adam: 0.02}
    epochs: 40
    batch: 32
    micro-batch: 8

    """
  }

  @Test(arguments: ["mean-squared-error", "mean-absolute-error", "huber"])
  func regression(loss: String) throws {
    let file = try folder.write("run.yaml", yaml("[sum, half, 'y, less x']", units: 3, loss))
    let digest = try train(file, in: folder["run"])
    for ranks in [2, 3] {
      #expect(try train(file, ["lanes=2"], in: folder["run\(ranks)"], ranks: ranks) == digest)
      #expect(try untimedMetrics(folder, "run\(ranks)") == untimedMetrics(folder, "run"))
    }

    let metrics = try metrics(of: folder["run"])
    #expect(metrics["test r squared"]! > 0.99)
    let names = ["sum", "half", "y, less x"]
    for name in ["mean squared error", "mean absolute error", "r squared"] {
      let mean = try names.reduce(0) { try $0 + #require(metrics["test \(name) of \($1)"]) } / 3
      #expect(abs(mean - metrics["test \(name)"]!) < 1e-12, "\(name) is the mean over the outputs")
    }
    let last = try #require(lines(try folder.text("run/metrics.jsonl")).last)
    // Not by JSONSerialization: it takes numbers for decimals, and is off by a unit in the last place.
    let entry = try JSONDecoder().decode([String: Double].self, from: Data(last.utf8))
    #expect(entry["test-r-squared/y, less x"] == metrics["test r squared of y, less x"])

    let model = try Model(folder["run"])
    #expect(model.record.targets == names)
    try folder.write("new.csv", "y,x\n0,0\n-1,1\n")
    try model.writePredictions(of: folder["new.csv"], to: folder["out.csv"])
    let out = lines(try folder.text("out.csv"))
    #expect(out[0] == "sum,half,\"y, less x\"")
    let numbers = out.dropFirst().map { $0.split(separator: ",").map { Double($0)! } }
    for (found, expected) in zip(numbers.joined(), [0.5, 1, 0, 5.5, 1.5, -2]) {
      #expect(abs(found - expected) < 0.2, "\(out)")
    }
    #expect(try Inspection(checkpoint: folder["run"]).text.contains("\n  targets: sum, half, y, less x\n"))
    #expect(try Inspection(recipe: file).text.hasPrefix("run: 200 samples of 2, targets of 3\n"))
  }

  /// What training measured, on any number of ranks; a table tells of each output.
  @Test func evaluation() throws {
    let file = try folder.write("run.yaml", yaml("[sum, half]", units: 2, "mean-squared-error"))
    try train(file, in: folder["run"])
    let metrics = try metrics(of: folder["run"])
    for ranks in 1...3 {
      let texts = try LocalWorld.run(ranks: ranks) { world in
        let model = try Model(folder["run"], world: world)
        let found = try model.evaluate(model.labelledData(folder["test.csv"], labels: nil))
        for (name, value) in found.metrics { #expect(value == metrics["test \(name)"], "\(name)") }
        return try #require(found.report(digits: 4))
      }
      #expect(Set(texts).count == 1)
      let rows = texts[0].split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      #expect(rows[0...1] == ["      mean squared error  mean absolute error  r squared", ""])
      #expect(rows[2].hasPrefix(" sum  ") && rows[3].hasPrefix("half  ") && rows[2].count == rows[0].count)
    }
    try folder.write("short.csv", "x,y,sum\n1,1,1\n")
    #expect(
      failure { _ = try Model(folder["run"]).labelledData(folder["short.csv"], labels: nil) }?.description
        .contains("short.csv:1: expected a target column 'half', found none") == true)
  }

  /// Without a name, the target is the last column of the training data, wherever it is in another file.
  @Test func theLastColumnOfTheTrainingData() throws {
    func rows(_ more: (Int) -> String) -> String {
      (0..<32).map { "\($0 % 8),\($0 / 8),\($0 % 8 + 2 * ($0 / 8))\(more($0))\n" }.joined()
    }
    try folder.write("priced.csv", "x,y,price\n" + rows { _ in "" })
    try folder.write("numbered.csv", "x,y,price,id\n" + rows { ",\(1000 + $0)" })
    func recipe(_ name: String, test: String) throws -> String {
      try folder.write(
        "\(name).yaml",
        """
        data: {csv: {train: \(folder["priced.csv"]), test: \(folder[test]), kind: values, features: [x, y]}}
        model: [{dense: 1}]
        loss: mean-squared-error
        epochs: 2
        batch: 8

        """)
    }
    try train(recipe("same", test: "priced.csv"), in: folder["same"])
    try train(recipe("other", test: "numbered.csv"), in: folder["other"])
    let loss = try #require(try metrics(of: folder["same"])["test loss"])
    #expect(try metrics(of: folder["other"])["test loss"] == loss)
    let model = try Model(folder["same"])
    #expect(model.record.targets == ["price"])
    let evaluation = try model.evaluate(model.labelledData(folder["numbered.csv"], labels: nil))
    #expect(evaluation.loss == loss)
  }

  @Test func labels() throws {
    let file = try folder.write("run.yaml", yaml("[right, up, above]", units: 3, "binary-cross-entropy"))
    let digest = try train(file, in: folder["run"])
    #expect(try train(file, in: folder["two"], ranks: 2) == digest)
    let metrics = try metrics(of: folder["run"])
    for name in ["accuracy", "precision", "recall", "f1"] {
      let each = try ["right", "up", "above"].map { try #require(metrics["test \(name) of \($0)"]) }
      #expect(each.min()! > 0.8, "\(name)")
      #expect(abs(each.reduce(0, +) / 3 - metrics["test \(name)"]!) < 1e-12, "\(name)")
    }
    #expect(metrics["test exact match"]! > 0.7 && metrics["test exact match"]! <= metrics["test accuracy"]!)
    let model = try Model(folder["run"])
    try folder.write("new.csv", "x,y\n1,-0.4\n-1,-1\n")
    try model.writePredictions(of: folder["new.csv"], to: folder["out.csv"])
    let out = lines(try folder.text("out.csv"))
    #expect(out[0] == "right,up,above")
    let found = out.dropFirst().map { $0.split(separator: ",").map { Double($0)! > 0.5 } }
    #expect(found == [[true, false, true], [false, false, false]], "\(out)")
  }

  /// Stopped and resumed, the run is the same; with its targets in another order it is another.
  @Test func resumed() throws {
    let file = try folder.write("run.yaml", yaml("[sum, half]", units: 2, "mean-squared-error"))
    let digest = try train(file, in: folder["whole"])
    _ = try LocalWorld.run(ranks: 2) { world in
      let run = try TrainingRun(
        recipe: file, overrides: ["stop-after=33"], output: folder["cut"], verbosity: .silent, world: world,
        environment: [:])
      #expect(try run.train() == 75)
    }
    let other = failure { try train(file, ["data.csv.target=[half, sum]"], in: folder["cut"], start: .resume) }
    #expect(other?.description.contains("found other samples or targets, or another order") == true, "\(other as Any)")
    #expect(try train(file, in: folder["cut"], ranks: 3, start: .resume) == digest)
    #expect(try Model(folder["cut"]).record.targets == ["sum", "half"])
  }

  /// The settings written with their defaults are the same settings.
  @Test(arguments: [
    ("[a, 'b c']", "target: [a, b c]"), ("a", "target: a"), ("[a]", "target: [a]"), ("null", "target: null"),
  ])
  func settings(target: String, resolved: String) throws {
    let first = try configuration("data: {csv: {train: t.csv, target: \(target), kind: values}}\nmodel: [relu]\n")
    guard case .values(let columns) = (first.data as? CSVSource)?.target else {
      throw Failure(.internal, "\(first.data)")
    }
    #expect(columns == ["[a, 'b c']": ["a", "b c"], "a": ["a"], "[a]": ["a"]][target])
    #expect(try configuration(first.resolved).resolved == first.resolved)
  }

  @Test(arguments: [
    ("target: []", 78, "data.csv.target: expected at least one column, found an empty list; name one, or leave"),
    ("target: [sum, half, sum]", 78, "data.csv.target: sum is named twice; name it once"),
    ("target: [sum, half], kind: classes", 78, "expected one column of labels, found 2; set kind: values for several"),
    ("target: [sum, halv]", 65, "train.csv:1: expected a target column 'halv', found none; did you mean 'half'?"),
    ("target: [sum, half, word]", 65, "train.csv:2: column 'word': expected a number, found 'one'"),
    ("target: [sum, hole]", 65, "train.csv:3: column 'hole': expected a number, found an empty cell"),
    ("target: [nan, half]", 65, "train.csv:3: column 'nan': expected a finite number, found 'nan'"),
    ("target: [inf, half]", 65, "train.csv:2: column 'inf': expected a finite number, found '-inf'"),
    ("target: [sum, half], features: [x, sum]", 65, "a target that is no feature, found column 'sum' as both"),
    (
      "target: [sum, half, x]", 78,
      "3 targets a sample (sum, half, x), but the model has 2 outputs; give the last dense"
    ),
    ("target: [sum]", 78, "1 target a sample, but the model has 2 outputs; give the last dense layer 1 units"),
    ("target: [sum, half, {a: b}]", 78, "data.csv.target.2: expected text, found a mapping"),
  ])
  func isRefused(settings: String, code: Int, message: String) throws {
    try folder.write("train.csv", "x,sum,half,word,hole,nan,inf,y\n1,2,3,one,4,5,-inf,7\n2,3,4,two,,nan,6,8\n")
    let settings =
      settings + (settings.contains("kind") ? "" : ", kind: values")
      + (settings.contains("features") ? "" : ", features: [y]")
    let found = failure {
      _ = try PreparedData(
        configuration(
          "data: {csv: {train: \(folder["train.csv"]), \(settings)}}\nmodel: [{dense: 2}]\nloss: mean-squared-error\n"))
    }
    #expect(found?.description.contains(message) == true, "\(found?.description ?? "no failure")")
    #expect(found.map { Int($0.code.rawValue) } == code)
  }

  @Test func labelsAreZerosAndOnes() throws {
    try folder.write("train.csv", "x,a,b\n1,0,1\n2,1,2\n")
    let found = failure {
      _ = try PreparedData(
        configuration(
          "data: {csv: {train: \(folder["train.csv"]), target: [a, b], kind: values}}\nmodel: [{dense: 2}]\n",
          "loss=binary-cross-entropy"))
    }
    #expect(
      found?.description.contains(
        "expected targets in 0...1 for binary-cross-entropy, found 2.0 for sample 1, column 'b'; code the classes")
        == true, "\(found as Any)")
  }
}
